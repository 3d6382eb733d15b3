/**
 * Vectors from an OpenAI-compatible server, with the router's tiers, attempts and prices. Vectors of two models are never mixed within one
 * call: when the fallback has to help, it embeds the whole call.
 */
import type { AttemptPolicy, Effects } from './attempts.js';
import { attemptPolicy, firstAnswer, withAttempts } from './attempts.js';
import type { Embedder, Embedding, EmbedOptions } from './embedder.js';
import { mutatesToUnitLength } from './embedder.js';
import { ModelCallFailed } from './errors.js';
import type { LanguageConfig } from './model-config.js';
import { checkModelConfig, known } from './model-config.js';
import { callModel, ModelServers } from './model-server.js';

const batchSize = 64;

/** Which tier embeds; `dimensions` is asked of the server and demanded of its answer, and left to the model when absent. */
export interface OpenAiEmbedderOptions {
  readonly tier: string;
  readonly dimensions?: number;
}

export class OpenAiEmbedder implements Embedder {
  readonly models: readonly string[];
  readonly #policy: AttemptPolicy;
  readonly #servers: ModelServers;

  /** @throws InvalidModelConfig */
  constructor(
    private readonly config: LanguageConfig,
    private readonly options: OpenAiEmbedderOptions,
    effects: Effects = {},
  ) {
    checkModelConfig(config);
    const { primary, fallback } = known('tier', options.tier, config.tiers);
    this.models = fallback === undefined || fallback === primary ? [primary] : [primary, fallback];
    this.#servers = new ModelServers(config, effects.now ?? Date.now);
    // A server that can not be reached takes its whole timeout to say so; for vectors the fallback is asked at once instead.
    this.#policy = attemptPolicy(config, effects, false);
  }

  /** @throws AllModelsFailed; BudgetExhausted before a batch the meter's budget no longer allows; the signal's reason when aborted */
  async embed(texts: readonly string[], options: EmbedOptions = {}): Promise<Embedding[]> {
    if (texts.length === 0) return [];
    return firstAnswer(this.options.tier, this.models, async (model, failures) => {
      const embeddings: Embedding[] = [];
      for (let start = 0; start < texts.length; start += batchSize) {
        const batch = texts.slice(start, start + batchSize);
        embeddings.push(...(await withAttempts(this.#policy, failures, () => this.#embedBatch(model, batch, options), options.signal)));
      }
      return embeddings;
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #embedBatch(model: string, texts: readonly string[], { meter, signal }: EmbedOptions): Promise<Embedding[]> {
    await meter?.assertWithinBudget();
    const { server, price } = known('model', model, this.config.models);
    const { dimensions } = this.options;
    const input = texts.map((text) => text.trim() || ' ');
    // Plain numbers: the client asks for base64 by default, which not every compatible server knows.
    const body = { model, input, encoding_format: 'float' as const, ...(dimensions === undefined ? {} : { dimensions }) };
    const answer = await callModel(this.#servers.target(model), (client, options) => client.embeddings.create(body, options), signal);
    const reported: unknown = answer.usage?.prompt_tokens;
    const inputTokens = typeof reported === 'number' ? reported : Math.ceil(input.join('').length / 4);
    const costUsd = (inputTokens * (price?.inputPerMillionUsd ?? 0)) / 1_000_000;
    await meter?.record({ inputTokens, outputTokens: 0, costUsd, priced: price !== undefined, estimated: typeof reported !== 'number' }, { purpose: this.options.tier, provider: server, model });
    const problem = problemOf(answer.data, texts.length, dimensions);
    if (problem !== undefined) throw new ModelCallFailed(model, server, problem, 'give_up', true);
    return [...answer.data].sort((a, b) => a.index - b.index).map(({ embedding }) => ({ model, vector: mutatesToUnitLength(Float32Array.from(embedding)) }));
  }
}

/** What is wrong with an answer, if anything; a compatible server is not a checked one. */
function problemOf(rows: unknown, expected: number, dimensions: number | undefined): string | undefined {
  if (!Array.isArray(rows) || rows.length !== expected) return `${Array.isArray(rows) ? rows.length : 'no'} vectors for ${expected} texts`;
  const isVector = (row: { embedding?: unknown }): boolean => Array.isArray(row.embedding) && row.embedding.every(Number.isFinite);
  const lengths = new Set(rows.map((row: { embedding?: unknown[] }) => (isVector(row) ? row.embedding?.length : 0)));
  const [length] = lengths;
  if (lengths.size !== 1 || length === 0) return 'vectors of different lengths, or not of numbers';
  if (dimensions !== undefined && length !== dimensions) return `vectors of ${length} dimensions where ${dimensions} were asked for: configure what the model gives`;
  return undefined;
}
