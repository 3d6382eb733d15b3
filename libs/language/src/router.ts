/**
 * Sends a prompt to the right model and survives its bad days. A tier (a name from the configuration) has a primary and a fallback model;
 * each is tried a few times, and the caller learns which model answered and what it cost. Prompts belong to the pipelines.
 */
import type OpenAI from 'openai';
import type { AttemptPolicy, Effects } from './attempts.js';
import { attemptPolicy, firstAnswer, withAttempts } from './attempts.js';
import { ModelCallFailed } from './errors.js';
import type { JsonShape } from './json-answer.js';
import { findJson } from './json-answer.js';
import type { Limiter } from './limiter.js';
import { limiter } from './limiter.js';
import type { LanguageConfig, ModelEntry } from './model-config.js';
import { checkModelConfig, known } from './model-config.js';
import { callModel, ModelServers } from './model-server.js';
import type { Budget, SpendMeter, Usage } from './spend-meter.js';
import { LocalSpendMeter } from './spend-meter.js';

/** What to ask. `temperature` defaults to the server's own, `maxTokens` (of the answer) to no limit. */
export interface CompletionRequest {
  readonly tier: string;
  readonly system?: string;
  readonly prompt: string;
  readonly temperature?: number;
  readonly maxTokens?: number;
  /** Where the spend is counted, and whose budget is obeyed. */
  readonly meter?: SpendMeter;
  readonly signal?: AbortSignal;
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

export class LanguageRouter {
  readonly #servers: ModelServers;
  readonly #policy: AttemptPolicy;
  readonly #limit: Limiter;

  /** @throws InvalidModelConfig */
  constructor(
    private readonly config: LanguageConfig,
    effects: Effects = {},
  ) {
    checkModelConfig(config);
    this.#servers = new ModelServers(config, effects.now ?? Date.now);
    this.#limit = limiter(config.concurrency ?? Infinity);
    this.#policy = attemptPolicy(config, effects, true);
  }

  /** A count in this process; pass it with every call that it is to count. */
  meter(budget: Budget = {}): SpendMeter {
    return new LocalSpendMeter(budget);
  }

  /**
   * The text of the first model that answers.
   *
   * @throws AllModelsFailed with one cause per attempt; BudgetExhausted before an attempt that the meter's budget no longer allows;
   * InvalidModelConfig for an unknown tier; the signal's reason when aborted
   */
  complete(request: CompletionRequest): Promise<Completion> {
    return this.#ask(request, (completion) => completion);
  }

  /** As {@link complete}, with the JSON found in the answer and read by `read`. An answer without it is a failed attempt. */
  completeJson<T>(request: JsonRequest<T>): Promise<Completion & { readonly value: T }> {
    return this.#ask(request, (completion) => {
      const found = findJson(completion.text, request.shape ?? 'object');
      if (found === undefined) throw unusable(completion, `no JSON ${request.shape ?? 'object'} in an answer of ${completion.text.length} characters`);
      try {
        return { ...completion, value: request.read(found) };
      } catch {
        throw unusable(completion, `the JSON ${request.shape ?? 'object'} in the answer is not what was asked for`);
      }
    });
  }

  async #ask<T>(request: CompletionRequest, accept: (completion: Completion) => T): Promise<T> {
    const tier = known('tier', request.tier, this.config.tiers);
    const models = tier.fallback === undefined || tier.fallback === tier.primary ? [tier.primary] : [tier.primary, tier.fallback];
    return firstAnswer(request.tier, models, (model, failures) =>
      withAttempts(this.#policy, failures, async () => accept(await this.#limit(() => this.#call(model, request))), request.signal),
    );
  }

  async #call(model: string, request: CompletionRequest): Promise<Completion> {
    await request.meter?.assertWithinBudget();
    const entry = known('model', model, this.config.models);
    const answer = await callModel(this.#servers.target(model), (client, options) => client.chat.completions.create(bodyOf(model, entry, request), options), request.signal);
    // A compatible server is not a checked one: nothing below trusts the declared types.
    const text = textOf(answer);
    const usage = usageOf(answer, entry, (request.system ?? '') + request.prompt, text);
    await request.meter?.record(usage, { purpose: request.tier, provider: entry.server, model });
    const completion = { text, model, provider: entry.server, usage };
    if (text.trim() === '') throw unusable(completion, 'an empty answer');
    return completion;
  }
}

function bodyOf(model: string, entry: ModelEntry, request: CompletionRequest): OpenAI.ChatCompletionCreateParamsNonStreaming {
  return {
    model,
    messages: [...(request.system === undefined ? [] : [{ role: 'system' as const, content: request.system }]), { role: 'user' as const, content: request.prompt }],
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.maxTokens === undefined ? {} : { [entry.outputLimitField ?? 'max_tokens']: request.maxTokens }),
  };
}

function unusable(completion: Completion, problem: string): ModelCallFailed {
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
