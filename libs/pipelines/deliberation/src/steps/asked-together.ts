/**
 * What a step asks a model about many things is handed in together, where the server takes that, and the step sleeps until the answers are there. Whatever does not come in time, or cannot be
 * read, is asked for one by one as ever: a batch saves money and never costs an answer.
 */
import { recordError, snooze } from '@carillon/engine';
import type { Snooze, StepContext } from '@carillon/engine';
import { BudgetExhausted, ModelCallFailed, readJson } from '@carillon/language';
import type { Completion, CompletionBatches, JsonRequest } from '@carillon/language';
import { inTransaction } from '@carillon/persistence';
import type { TierName } from '../language-models.js';
import type { DeliberationServices } from '../services.js';
import { batchOf, beginBatch, endBatch, nameBatch } from '../store/model-batches.js';

type Context = StepContext<DeliberationServices>;
/** By what was asked about; empty where nothing was, or nothing can be, handed in. */
export type Answers = ReadonlyMap<string, Completion>;

const NONE: Answers = new Map();
/** One question is answered sooner by itself. */
const LEAST = 2;
/** Looks come seldomer the longer it takes. */
const SOONEST_MS = 5_000;
const LATEST_MS = 300_000;

/** @param ask makes the questions, by what each is about; called when they are handed in. @returns the answers, or how long to sleep */
export async function askedTogether<T>(context: Context, tier: TierName, ask: () => Promise<ReadonlyMap<string, JsonRequest<T>>>): Promise<Answers | Snooze> {
  const { services, run, step, log } = context;
  const batches = services.hasTier(tier) ? services.router?.batches(tier) : undefined;
  if (!batches) return NONE;
  const known = await batchOf(services.dataSource.manager, run.id, step);
  if (known?.over) return known.answers;
  const end = (outcome: string, answers: Answers = NONE): Promise<void> => over(context, tier, outcome, answers);
  try {
    if (known?.providerId === undefined) return await handedIn(context, batches, await ask(), known !== undefined);
    const state = await batches.look(known.providerId, context.signal);
    if (state.over) {
      await end(state.how, state.answers);
      await batches.forget(known.providerId, context.signal).catch((error: unknown) => log.warn({ reason: recordError(error).message }, 'what was handed in stays at the server'));
      return state.answers;
    }
    if (!isLate(context, known.handedInAt)) return sleep(context, known.handedInAt, `waits for a model's answers that were asked for together: ${state.answered} of ${state.asked} so far`);
    await batches.cancel(known.providerId, context.signal).catch(() => undefined);
    await end('too late');
  } catch (error) {
    if (error instanceof BudgetExhausted) return NONE;
    if (!(error instanceof ModelCallFailed)) throw error;
    if (known?.providerId !== undefined && !isLate(context, known.handedInAt)) return sleep(context, known.handedInAt, `waits for a model's answers: ${error.message}`);
    log.warn({ reason: error.message }, 'questions could not be handed in together: they are asked one by one');
    await end(error.message);
  }
  return NONE;
}

/** The answer about one thing, read; undefined when there is none that can be read, and it has to be asked for by itself. */
export function answerAbout<T>(answers: Answers, about: string, request: Pick<JsonRequest<T>, 'shape' | 'read'>): (Completion & { value: T }) | undefined {
  const completion = answers.get(about);
  try {
    return completion && { ...completion, value: readJson(completion, request) };
  } catch (error) {
    if (error instanceof ModelCallFailed) return undefined;
    throw error;
  }
}

/** @param again somebody began to, and may have died before or after the server had it */
async function handedIn<T>({ services, run, step, signal, now }: Context, batches: CompletionBatches, questions: ReadonlyMap<string, JsonRequest<T>>, again: boolean): Promise<Answers | Snooze> {
  const { manager } = services.dataSource;
  const name = `${run.id}.${step}`;
  const found = again ? await batches.find(name, signal) : undefined;
  if (found === undefined) {
    if (questions.size < LEAST) return NONE;
    await services.meter(run.id)?.assertWithinBudget();
    await beginBatch(manager, run.id, step);
  }
  await nameBatch(manager, run.id, step, found ?? (await batches.handIn(name, questions, signal)));
  return snooze(new Date(now.getTime() + SOONEST_MS), `asked a model about ${questions.size} things together`);
}

async function over({ services, run, step }: Context, tier: TierName, outcome: string, answers: Answers): Promise<void> {
  await inTransaction(services.dataSource, async (manager) => {
    if (!(await endBatch(manager, run.id, step, outcome, answers))) return;
    for (const { usage, provider, model } of answers.values()) await services.meter(run.id)?.record(usage, { purpose: tier, provider, model }, manager);
  });
}

const isLate = ({ services, now }: Context, since: Date): boolean => now.getTime() - since.getTime() > services.settings.llmBatchPatienceMinutes * 60_000;

function sleep({ now }: Context, since: Date, reason: string): Snooze {
  const pause = Math.min(LATEST_MS, Math.max(SOONEST_MS, (now.getTime() - since.getTime()) / 4));
  return snooze(new Date(now.getTime() + pause), reason);
}
