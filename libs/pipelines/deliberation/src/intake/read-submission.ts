/** Reads texts and gives their candidates vectors, outside of any transaction: a model may take minutes. */
import { setImmediate as otherWorkFirst } from 'node:timers/promises';
import type { Embedding, SpendMeter } from '@carillon/language';
import type { ReadOptions } from '../canonicalize/canonicalizer.js';
import type { Reading } from '../canonicalize/reading.js';
import { embeddingText } from '../embedding-text.js';
import type { DeliberationServices } from '../services.js';

/** A text as it was read, or why it could not be. */
export type ReadText = { readonly reading: Reading; readonly embeddings: readonly (Embedding | undefined)[] } | { readonly failure: unknown };

/**
 * Reads all texts, as many at once as the configuration allows calls, and embeds all their candidates in one batch. A text that fails does not
 * touch the others. Candidates whose vectors fail are kept without: a missing vector is made up for later, a reading would be paid for twice.
 */
export async function readTexts(services: DeliberationServices, texts: readonly string[], options: ReadOptions = {}): Promise<ReadText[]> {
  const readings = await mapAtOnce(texts, services.settings.llmConcurrency, (text) => readOne(services, text, options));
  const drafts = readings.flatMap((read) => ('reading' in read && read.reading.usable ? read.reading.candidates : []));
  const vectors = (await embed(services, drafts.map(embeddingText), options.meter, options.signal)).values();
  return readings.map((read) => {
    if ('failure' in read) return read;
    const candidates = read.reading.usable ? read.reading.candidates : [];
    return { reading: read.reading, embeddings: candidates.map(() => vectors.next().value) };
  });
}

async function readOne({ canonicalizer }: DeliberationServices, text: string, options: ReadOptions): Promise<{ reading: Reading } | { failure: unknown }> {
  try {
    const reading = await canonicalizer.read(text, options);
    // Rules read without ever waiting: five hundred texts in a row must not keep heartbeats and requests out.
    await otherWorkFirst();
    return { reading };
  } catch (failure) {
    options.signal?.throwIfAborted();
    return { failure };
  }
}

async function embed({ embedder, log }: DeliberationServices, texts: readonly string[], meter?: SpendMeter, signal?: AbortSignal): Promise<(Embedding | undefined)[]> {
  if (texts.length === 0) return [];
  try {
    return await embedder.embed(texts, { ...(meter && { meter }), ...(signal && { signal }) });
  } catch (error) {
    signal?.throwIfAborted();
    log.warn({ error: (error as Error).message, texts: texts.length }, 'no vectors now: the batch makes up for them');
    return texts.map(() => undefined);
  }
}

/** Maps with at most `width` calls at once, in order of the items. */
async function mapAtOnce<T, R>(items: readonly T[], width: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
}
