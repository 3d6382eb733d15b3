/** One question to a model and its answer: what is sent, what is made of what comes back, and how JSON is found in it. Nothing here sends. */
import type OpenAI from 'openai';
import { ModelCallFailed } from './errors.js';
import type { JsonShape } from './json-answer.js';
import { findJson } from './json-answer.js';
import type { ModelEntry } from './model-config.js';
import type { SpendMeter, Usage } from './spend-meter.js';

/** What to ask. `temperature` defaults to the server's own, `maxTokens` (of the answer) to no limit. */
export interface CompletionRequest {
  readonly tier: string;
  readonly system?: string;
  readonly prompt: string;
  /** Shown after the prompt, in the same message; for models that can see. */
  readonly images?: readonly ShownImage[];
  readonly temperature?: number;
  readonly maxTokens?: number;
  /** Where the spend is counted, and whose budget is obeyed. */
  readonly meter?: SpendMeter;
  readonly signal?: AbortSignal;
}

/** `type` is the media type, such as `image/png`. */
export interface ShownImage {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** What to ask and what the answer must be. */
export interface JsonRequest<T> extends CompletionRequest {
  /** Default `object`. */
  readonly shape?: JsonShape;
  /** Checks and converts the value; throwing makes the answer a failed attempt. The thrown message is dropped: it may quote the answer. */
  readonly read: (value: unknown) => T;
}

/** `provider` is the name of the server in the configuration; `usage` is that of the answering call alone (a meter sums all). */
export interface Completion {
  readonly text: string;
  readonly model: string;
  readonly provider: string;
  readonly usage: Usage;
}

export type CompletionBody = OpenAI.ChatCompletionCreateParamsNonStreaming;

export function bodyOf(model: string, entry: ModelEntry, request: CompletionRequest): CompletionBody {
  return {
    model,
    messages: [...(request.system === undefined ? [] : [{ role: 'system' as const, content: request.system }]), { role: 'user' as const, content: contentOf(request) }],
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.maxTokens === undefined ? {} : { [entry.outputLimitField ?? 'max_tokens']: request.maxTokens }),
  };
}

const contentOf = ({ prompt, images = [] }: CompletionRequest): OpenAI.ChatCompletionUserMessageParam['content'] =>
  images.length === 0 ? prompt : [{ type: 'text', text: prompt }, ...images.map(({ type, bytes }) => ({ type: 'image_url' as const, image_url: { url: `data:${type};base64,${Buffer.from(bytes).toString('base64')}` } }))];

/** A compatible server is not a checked one: nothing here trusts the declared types. @param asked what was sent as text, to guess its tokens where the server does not tell */
export function completionOf(answer: unknown, { model, entry, asked }: { model: string; entry: ModelEntry; asked: string }): Completion {
  const text = textOf(answer);
  return { text, model, provider: entry.server, usage: usageOf(answer, entry, asked, text) };
}

/** The JSON in an answer, read by `read`. @throws ModelCallFailed when there is none, or it is not what was asked for */
export function readJson<T>(completion: Completion, { shape = 'object', read }: Pick<JsonRequest<T>, 'shape' | 'read'>): T {
  const found = findJson(completion.text, shape);
  if (found === undefined) throw unusable(completion, `no JSON ${shape} in an answer of ${completion.text.length} characters`);
  try {
    return read(found);
  } catch {
    throw unusable(completion, `the JSON ${shape} in the answer is not what was asked for`);
  }
}

export function unusable(completion: Completion, problem: string): ModelCallFailed {
  return new ModelCallFailed(completion.model, completion.provider, problem, 'retry_now', true);
}

function textOf(answer: unknown): string {
  const choices = field(answer, 'choices');
  const text = field(field(Array.isArray(choices) ? choices[0] : undefined, 'message'), 'content');
  return typeof text === 'string' ? text : '';
}

function usageOf(answer: unknown, entry: ModelEntry, prompt: string, text: string): Usage {
  const usage = field(answer, 'usage');
  const reportedInput = field(usage, 'prompt_tokens');
  const reportedOutput = field(usage, 'completion_tokens');
  const estimated = typeof reportedInput !== 'number' || typeof reportedOutput !== 'number';
  const inputTokens = typeof reportedInput === 'number' ? reportedInput : Math.ceil(prompt.length / 4);
  const outputTokens = typeof reportedOutput === 'number' ? reportedOutput : Math.ceil(text.length / 4);
  const price = entry.price ?? { inputPerMillionUsd: 0, outputPerMillionUsd: 0 };
  const costUsd = (inputTokens * price.inputPerMillionUsd + outputTokens * price.outputPerMillionUsd) / 1_000_000;
  return { inputTokens, outputTokens, costUsd, priced: entry.price !== undefined, estimated };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? (value as Record<string, unknown>)[name] : undefined;
}
