/**
 * Many questions to one model, handed in together and answered within a day for a part of the price: OpenAI's Batch API, which other servers offer too. What is handed in is named, so that
 * who crashes before noting what the server called it finds it again.
 */
import type OpenAI from 'openai';
import { bodyOf, completionOf } from './completion.js';
import type { Completion, CompletionRequest } from './completion.js';
import type { ModelEntry } from './model-config.js';
import { callModel } from './model-server.js';
import type { CallTarget } from './model-server.js';

/** How far a batch is. `answers` by the name of the question, once it is over: those that came; the others failed, or were not reached in time. */
export type BatchState = { readonly over: false; readonly answered: number; readonly asked: number } | { readonly over: true; readonly how: string; readonly answers: ReadonlyMap<string, Completion> };

const ENDPOINT = '/v1/chat/completions';
/** The key of the metadata that holds our name. */
const NAME = 'carillon';
const LISTED = 100;

export class CompletionBatches {
  constructor(private readonly given: { readonly target: CallTarget; readonly entry: ModelEntry; readonly offer: { readonly priceFactor: number } }) {}

  /**
   * @param name of the whole, unique; at most 512 characters
   * @returns what the server calls it
   * @throws ModelCallFailed
   */
  async handIn(name: string, questions: ReadonlyMap<string, CompletionRequest>, signal?: AbortSignal): Promise<string> {
    const { target, entry } = this.given;
    const lines = [...questions].map(([custom_id, request]) => JSON.stringify({ custom_id, method: 'POST', url: ENDPOINT, body: bodyOf(target.model, entry, request) }));
    const { toFile } = await import('openai');
    const file = await this.#call(async (client, options) => client.files.create({ file: await toFile(Buffer.from(lines.join('\n')), 'questions.jsonl'), purpose: 'batch' }, options), signal);
    const batch = await this.#call((client, options) => client.batches.create({ input_file_id: file.id, endpoint: ENDPOINT, completion_window: '24h', metadata: { [NAME]: name } }, options), signal);
    return batch.id;
  }

  /** What the server calls a batch that was handed in under this name, when it is among its latest. @throws ModelCallFailed */
  async find(name: string, signal?: AbortSignal): Promise<string | undefined> {
    const page = await this.#call((client, options) => client.batches.list({ limit: LISTED }, options), signal);
    return page.data.find(({ metadata }) => metadata?.[NAME] === name)?.id;
  }

  /** Reads how far it is, and the answers when it is over. @throws ModelCallFailed */
  async look(id: string, signal?: AbortSignal): Promise<BatchState> {
    const batch = await this.#call((client, options) => client.batches.retrieve(id, options), signal);
    if (!isOver(batch)) return { over: false, answered: batch.request_counts?.completed ?? 0, asked: batch.request_counts?.total ?? 0 };
    const file = batch.output_file_id;
    const text = file ? await this.#call(async (client, options) => (await client.files.content(file, options)).text(), signal) : '';
    return { over: true, how: batch.status, answers: this.#answersIn(text) };
  }

  /** Asks no more of it. What it has answered is still to be read. @throws ModelCallFailed */
  async cancel(id: string, signal?: AbortSignal): Promise<void> {
    await this.#call((client, options) => client.batches.cancel(id, options), signal);
  }

  /** Leaves nothing of what was asked and answered at the server. @throws ModelCallFailed */
  async forget(id: string, signal?: AbortSignal): Promise<void> {
    const { input_file_id, output_file_id, error_file_id } = await this.#call((client, options) => client.batches.retrieve(id, options), signal);
    for (const file of [input_file_id, output_file_id, error_file_id]) if (file) await this.#call((client, options) => client.files.delete(file, options), signal);
  }

  #call<T>(send: (client: OpenAI, options: { signal: AbortSignal; timeout: number }) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return callModel(this.given.target, send, signal);
  }

  /** A line that cannot be read counts as a question that was not answered. */
  #answersIn(text: string): Map<string, Completion> {
    const { target, entry, offer } = this.given;
    const price = entry.price && { inputPerMillionUsd: entry.price.inputPerMillionUsd * offer.priceFactor, outputPerMillionUsd: entry.price.outputPerMillionUsd * offer.priceFactor };
    const cheaper: ModelEntry = { ...entry, ...(price && { price }) };
    const answers = new Map<string, Completion>();
    for (const line of text.split('\n')) {
      const { custom_id, response } = lineOf(line);
      if (typeof custom_id !== 'string' || response?.status_code !== 200) continue;
      const completion = completionOf(response.body, { model: target.model, entry: cheaper, asked: '' });
      if (completion.text.trim() !== '') answers.set(custom_id, completion);
    }
    return answers;
  }
}

const OVER: ReadonlySet<string> = new Set(['completed', 'failed', 'expired', 'cancelled']);
const isOver = ({ status }: OpenAI.Batch): boolean => OVER.has(status);

function lineOf(line: string): { custom_id?: unknown; response?: { status_code?: unknown; body?: unknown } | null } {
  try {
    return (JSON.parse(line) ?? {}) as ReturnType<typeof lineOf>;
  } catch {
    return {};
  }
}
