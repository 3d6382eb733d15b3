/** What steps and intake are given: the database, the settings, and the providers of language, each made once and closed together. */
import { withServices } from '@carillon/engine';
import type { StepLog } from '@carillon/engine';
import { LanguageRouter, LocalEmbedder, OpenAiEmbedder, playedTape, recordingTape, SharedSpendMeter } from '@carillon/language';
import type { Embedder, SpendMeter, Tape } from '@carillon/language';
import { ModelSpendLedger } from '@carillon/persistence';
import { randomInt } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { Canonicalizer } from './canonicalize/canonicalizer.js';
import { languageConfig } from './language-models.js';
import type { TierName } from './language-models.js';
import { DeliberationSettings } from './settings.js';

export interface DeliberationServices {
  readonly dataSource: DataSource;
  readonly settings: DeliberationSettings;
  readonly canonicalizer: Canonicalizer;
  readonly embedder: Embedder;
  /** Whose vectors are up to date. Those of a fallback model are not: they are replaced when the primary one is back. */
  readonly embeddingModels: readonly string[];
  /** Undefined when no model server is configured. */
  readonly router: LanguageRouter | undefined;
  /** Whether a model is configured for the tier; without one its local provider works. */
  hasTier(tier: TierName): boolean;
  /** Counts what a run spends, or without one what the front door spends; budgets hold over all processes. Undefined when there is nothing to pay. */
  meter(runId?: string): SpendMeter | undefined;
  /** What many people said is shown to models in an order that does not tell who was first. Where answers are on a tape, in one that is the same each time. */
  readonly shuffled: <T>(items: readonly T[]) => T[];
  readonly log: StepLog;
  close(): Promise<void>;
}

/** What this pipeline and its steps are written with. */
export const { step, pipeline } = withServices<DeliberationServices>();

/**
 * Opens nothing by itself: the embedding worker starts with the first text. `router` and `embedder` are there for specs.
 * @throws InvalidDeliberationSettings, InvalidModelConfig
 */
export function createDeliberationServices(given: {
  dataSource: DataSource;
  settings?: DeliberationSettings;
  log?: StepLog;
  router?: LanguageRouter;
  embedder?: Embedder;
}): DeliberationServices {
  const { dataSource, settings = new DeliberationSettings(), log = silent } = given;
  const config = languageConfig(settings);
  const tape = tapeOf(settings);
  const router = given.router ?? (config && new LanguageRouter(config, tape && { tape }));
  const embedder = given.embedder ?? embedderFor(settings);
  const hasTier = (tier: TierName): boolean => router !== undefined && config?.tiers[tier] !== undefined;
  return {
    ...{ dataSource, settings, router, embedder, hasTier, log },
    embeddingModels: embedder instanceof OpenAiEmbedder ? embedder.models.slice(0, 1) : embedder.models,
    canonicalizer: new Canonicalizer({ settings, log, ...(router && hasTier('canonicalization') && { router }) }),
    meter: meters(router, dataSource, settings),
    shuffled: tape ? inOrder : atRandom,
    close: () => embedder.close(),
  };
}

const silent: StepLog = { info: () => undefined, warn: () => undefined };

function tapeOf({ llmReplayFile, llmRecordFile }: DeliberationSettings): Tape | undefined {
  if (llmReplayFile !== undefined) return playedTape(llmReplayFile);
  return llmRecordFile === undefined ? undefined : recordingTape(llmRecordFile);
}

/** Fisher and Yates with a cryptographic source. */
function atRandom<T>(items: readonly T[]): T[] {
  const order = [...items];
  for (let index = order.length - 1; index > 0; index -= 1) {
    const other = randomInt(index + 1);
    [order[index], order[other]] = [order[other] as T, order[index] as T];
  }
  return order;
}

const inOrder = <T>(items: readonly T[]): T[] => items.map((item) => ({ item, text: JSON.stringify(item) })).sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0)).map(({ item }) => item);

function embedderFor(settings: DeliberationSettings): Embedder {
  const config = languageConfig(settings, { forEmbedding: true });
  if (config?.tiers['embedding'] === undefined) return new LocalEmbedder();
  const dimensions = settings.llmEmbeddingDimensions;
  return new OpenAiEmbedder(config, { tier: 'embedding', ...(dimensions > 0 && { dimensions }) });
}

/** A step and those who help it share a run's meter, so that the step can tell what it spent. Few are kept: a run that ended long ago asks no more. */
function meters(router: LanguageRouter | undefined, dataSource: DataSource, settings: DeliberationSettings): DeliberationServices['meter'] {
  const kept = new Map<string, SpendMeter>();
  return (runId) => {
    if (router === undefined) return undefined;
    if (runId === undefined) return spendMeter(dataSource, settings);
    const meter = kept.get(runId) ?? spendMeter(dataSource, settings, runId);
    kept.set(runId, meter);
    const [oldest] = kept.keys();
    if (kept.size > 16 && oldest !== undefined) kept.delete(oldest);
    return meter;
  };
}

/** @param runId absent for calls that belong to no run: they count to the day alone */
export function spendMeter(dataSource: DataSource, { llmBudgetUsdPerRun, llmBudgetUsdPerDay: perDayUsd }: DeliberationSettings, runId?: string): SpendMeter {
  return new SharedSpendMeter(new ModelSpendLedger(dataSource, { pipeline: 'deliberation', ...(runId !== undefined && { runId }) }), { perDayUsd, ...(runId !== undefined && { perRunUsd: llmBudgetUsdPerRun }) });
}
