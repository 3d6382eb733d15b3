/**
 * Gives a vector to every open candidate that has none, or one of a model that is not in use any more: vectors of different models are never
 * compared, so a change of model is carried out here, batch by batch.
 */
import { done, minutes, recordError } from '@carillon/engine';
import type { StepContext, StepOutcome } from '@carillon/engine';
import { BudgetExhausted } from '@carillon/language';
import { accounted } from './accounted.js';
import { embeddingText } from '../embedding-text.js';
import { step } from '../services.js';
import type { DeliberationServices } from '../services.js';
import type { CandidateToEmbed } from '../store/candidates.js';
import { candidatesToEmbed, countCandidatesToEmbed, storeEmbeddings } from '../store/candidates.js';

type Context = StepContext<DeliberationServices>;

export const embedMissing = step('embedMissing', {
  does: 'Gives a vector to every candidate that lacks one.',
  owner: 'intake',
  onFailure: 'continue',
  timeout: minutes(60),
  run: (context) => accounted(context, run),
});

async function run(context: Context): Promise<StepOutcome> {
  const { dataSource, embeddingModels, settings } = context.services;
  const errors: string[] = [];
  const total = await countCandidatesToEmbed(dataSource.manager, embeddingModels);
  let [seen, embedded] = [0, 0];
  // By id and not "what is still missing": a batch that fails is left for the next run instead of being asked for again and again.
  for (let after: string | undefined; ; ) {
    context.signal.throwIfAborted();
    context.progress(seen, total);
    const batch = await candidatesToEmbed(dataSource.manager, embeddingModels, settings.llmEmbedBatchSize, after);
    if (batch.length === 0) break;
    try {
      embedded += await embedBatch(context, batch);
    } catch (error) {
      context.signal.throwIfAborted();
      errors.push(`${batch.length} candidates from ${batch[0]?.id}: ${recordError(error).message}`);
      if (error instanceof BudgetExhausted) break;
    }
    seen += batch.length;
    after = batch.at(-1)?.id;
  }
  return done({ counts: { embeddingsComputed: embedded }, errors });
}

async function embedBatch({ services, signal, run: { id: runId } }: Context, batch: readonly CandidateToEmbed[]): Promise<number> {
  const meter = services.meter(runId);
  const embeddings = await services.embedder.embed(batch.map(embeddingText), { signal, ...(meter && { meter }) });
  const pairs = batch.flatMap((candidate, index) => {
    const embedding = embeddings[index];
    return embedding === undefined ? [] : [{ candidate, embedding }];
  });
  return storeEmbeddings(services.dataSource.manager, pairs);
}
