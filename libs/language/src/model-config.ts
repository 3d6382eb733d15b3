/**
 * What the apps must say about language models. A plain typed value: the apps read the environment, this library never does. Checked once,
 * so that a misspelt model name stops the boot and not the night's run.
 */
import { InvalidModelConfig } from './errors.js';

/** An OpenAI-compatible server. */
export interface ModelServer {
  /** Up to and including the version, such as `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  /** Absent for local servers that ask for none. */
  readonly apiKey?: string;
  /** There when it offers the Batch API, which answers within a day for a part of the price; `priceFactor` of 0.5 is half. */
  readonly batches?: { readonly priceFactor: number };
}

/** US dollars per million tokens. */
export interface ModelPrice {
  readonly inputPerMillionUsd: number;
  readonly outputPerMillionUsd: number;
}

/** One model; its key in {@link LanguageConfig.models} is the name that the server knows it by. */
export interface ModelEntry {
  /** A key of {@link LanguageConfig.servers}. */
  readonly server: string;
  /** Without a price the cost counts as zero and the usage says so. */
  readonly price?: ModelPrice;
  /** What the server calls the output limit; newer OpenAI models refuse the classic `max_tokens`, which every other server knows. */
  readonly outputLimitField?: 'max_tokens' | 'max_completion_tokens';
}

/** A primary model and what stands in for it. */
export interface Tier {
  readonly primary: string;
  readonly fallback?: string;
}

/** All about models. Durations in milliseconds. */
export interface LanguageConfig {
  readonly servers: Readonly<Record<string, ModelServer>>;
  readonly models: Readonly<Record<string, ModelEntry>>;
  /** Tier names are the pipelines' own words, such as `canonicalization`. */
  readonly tiers: Readonly<Record<string, Tier>>;
  /** Attempts per model; 0 means 1. Default 3. */
  readonly maxRetries?: number;
  /** First wait between attempts, doubled each time. Default 1,000. */
  readonly backoffMs?: number;
  /** A server that asks for a longer wait than this is left for the fallback. Default 60,000. */
  readonly maxRetryAfterMs?: number;
  /** Per call, from sending to the last byte. Default 60,000. */
  readonly timeoutMs?: number;
  /** Calls in flight at once. Default: no limit. */
  readonly concurrency?: number;
}

/** Throws {@link InvalidModelConfig} that names the place, the value and what would be right. */
export function checkModelConfig(config: LanguageConfig): void {
  for (const [name, server] of Object.entries(config.servers)) {
    if (!URL.canParse(server.baseUrl)) throw new InvalidModelConfig(`servers.${name}.baseUrl is not a URL: write it like https://api.example.com/v1`);
  }
  for (const [name, model] of Object.entries(config.models)) known(`models.${name}.server`, model.server, config.servers);
  for (const [name, tier] of Object.entries(config.tiers)) {
    known(`tiers.${name}.primary`, tier.primary, config.models);
    if (tier.fallback !== undefined) known(`tiers.${name}.fallback`, tier.fallback, config.models);
  }
  atLeast('maxRetries', config.maxRetries, 0);
  atLeast('backoffMs', config.backoffMs, 0);
  atLeast('timeoutMs', config.timeoutMs, 1);
  atLeast('concurrency', config.concurrency, 1);
}

/** The entry under a name, or an error that lists the names there are. */
export function known<T>(place: string, name: string, among: Readonly<Record<string, T>>): T {
  const entry = Object.hasOwn(among, name) ? among[name] : undefined;
  if (entry === undefined) throw new InvalidModelConfig(`${place} is "${name}", which is not configured: choose one of ${Object.keys(among).join(', ') || '(none)'}`);
  return entry;
}

function atLeast(place: string, value: number | undefined, minimum: number): void {
  if (value !== undefined && !(value >= minimum)) throw new InvalidModelConfig(`${place} is ${value}: it must be at least ${minimum}`);
}
