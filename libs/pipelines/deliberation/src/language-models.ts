/** Turns the settings into what the language library wants: which server, which models, which tiers. Without a server there is nothing to turn. */
import type { LanguageConfig, ModelEntry, ModelPrice, Tier } from '@carillon/language';
import { InvalidDeliberationSettings } from './errors.js';
import type { DeliberationSettings } from './settings.js';

/** The server of models whose answers are played: never asked. RFC 2606 keeps the name from ever being one. */
const NOWHERE = 'http://replayed.invalid/v1';

export type TierName = 'canonicalization' | 'english_reasoning' | 'option_generation' | 'embedding';

/**
 * The configuration of every tier that has a model, or undefined when no server is set and the local providers do everything.
 * `forEmbedding` picks the waits and timeouts of vectors instead of those of completions.
 * @throws InvalidDeliberationSettings for a model without a server, a fallback without a primary, or a price that can not be read
 */
export function languageConfig(settings: DeliberationSettings, { forEmbedding = false } = {}): LanguageConfig | undefined {
  const tiers = tiersOf(settings);
  const { llmReplayFile, llmRecordFile, embeddingModel } = settings;
  if (llmReplayFile !== undefined && llmRecordFile !== undefined) throw new InvalidDeliberationSettings('LLM_REPLAY_FILE and LLM_RECORD_FILE are both set: answers are either played or recorded');
  if (llmReplayFile !== undefined && embeddingModel !== undefined) throw new InvalidDeliberationSettings(`EMBEDDING_MODEL is "${embeddingModel}", which would be asked over the network: leave it blank with LLM_REPLAY_FILE`);
  const baseUrl = llmReplayFile === undefined ? settings.llmBaseUrl : NOWHERE;
  if (baseUrl === undefined) {
    const [stray] = Object.values(tiers);
    if (stray) throw new InvalidDeliberationSettings(`model "${stray.primary}" has no server: set LLM_BASE_URL, or leave the model blank for the local provider`);
    return undefined;
  }
  const prices = pricesOf(settings.llmPrices);
  const names = new Set(Object.values(tiers).flatMap(({ primary, fallback }) => (fallback === undefined ? [primary] : [primary, fallback])));
  const entry = (name: string): ModelEntry => ({ server: 'default', ...(prices.has(name) && { price: prices.get(name) as ModelPrice }) });
  return {
    servers: { default: { baseUrl, ...(settings.llmApiKey !== undefined && { apiKey: settings.llmApiKey }), ...(settings.llmBatch && { batches: { priceFactor: settings.llmBatchPriceFactor } }) } },
    models: Object.fromEntries([...names].map((name) => [name, entry(name)])),
    tiers,
    maxRetries: settings.llmMaxRetries,
    backoffMs: 1_000 * (forEmbedding ? settings.llmEmbeddingRetryBackoffBaseSeconds : settings.llmCompletionRetryBackoffBaseSeconds),
    timeoutMs: 1_000 * (forEmbedding ? settings.llmEmbeddingTimeoutSeconds : settings.llmCompletionTimeoutSeconds),
    concurrency: settings.llmConcurrency,
  };
}

function tiersOf(settings: DeliberationSettings): Partial<Record<TierName, Tier>> & Record<string, Tier> {
  const pairs: [TierName, string | undefined, string | undefined][] = [
    ['canonicalization', settings.canonicalizationModel, settings.canonicalizationFallbackModel],
    ['english_reasoning', settings.englishReasoningModel, settings.englishReasoningFallbackModel],
    ['option_generation', settings.optionGenerationModel, settings.optionGenerationFallbackModel],
    ['embedding', settings.embeddingModel, settings.embeddingFallbackModel],
  ];
  const tiers: Record<string, Tier> = {};
  for (const [name, primary, fallback] of pairs) {
    if (primary === undefined && fallback !== undefined) throw new InvalidDeliberationSettings(`${name} has the fallback model "${fallback}" and no primary one: set both, or none`);
    if (primary !== undefined) tiers[name] = { primary, ...(fallback !== undefined && { fallback }) };
  }
  return tiers;
}

function pricesOf(lines: readonly string[]): Map<string, ModelPrice> {
  return new Map(
    lines.map((line) => {
      const [, model, input, output] = /^(.+)=(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/.exec(line) ?? [];
      if (model === undefined) throw new InvalidDeliberationSettings(`LLM_PRICES holds "${line}": write model=in/out in US dollars per million tokens, such as gpt-x=0.5/1.5`);
      return [model, { inputPerMillionUsd: Number(input), outputPerMillionUsd: Number(output) }];
    }),
  );
}
