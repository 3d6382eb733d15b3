/**
 * Runs a step over its items: as many lanes as may work at once, each taking the next item, trying it, and committing what came of it. An item's failure
 * ends nobody else's work; a stop lets no further item begin, and what is done stays done.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fail, itemCounts, PermanentError, snooze, TransientError } from '@carillon/engine';
import type { AttemptContext, FanOut, FanOutResults, StepOutcome } from '@carillon/engine';
import { isConnectionLost } from '@carillon/persistence';
import type { ItemLedger, ItemTry, RememberedItem } from '@carillon/persistence';
import { Batch } from '../../batch.js';
import { ItemQueue } from './item-queue.js';
import type { Entry } from './item-queue.js';

/** An item that does not stop when its time is up is given up after this much more. */
const STOP_GRACE_MS = 1_000;
/** Items that end while a commit is on its way share the next one. */
const COMMITTED_AT_ONCE = 100;
/** A lost connection is no fault of the items: the same commit is tried again this often, the wait growing by this much. */
const COMMIT_ATTEMPTS = 5;
const COMMIT_AGAIN_MS = 200;

type Context = Pick<AttemptContext<never>, 'step' | 'signal' | 'progress' | 'log'>;

/** @param random for the jitter of waits, uniform in [0, 1) */
export async function fanOut<Item>(work: FanOut<Item>, context: Context, ledger: ItemLedger, random: () => number): Promise<StepOutcome> {
  const queue = new ItemQueue(await work.items(), work.key, ledger, context.step);
  const commit = new Batch<ItemTry, RememberedItem>({ round: (tries) => record(ledger, tries, random), most: COMMITTED_AT_ONCE, flights: 1 });
  // The first error of a lane lets the others finish what they have in hand and take no more.
  const broken = new AbortController();
  // As many lanes listen as there are: no leak, whatever Node thinks of more than ten.
  setMaxListeners(0, broken.signal, context.signal);
  const stop = (): void => broken.abort(context.signal.reason);
  context.signal.addEventListener('abort', stop, { once: true });
  if (context.signal.aborted) stop();
  const lane = async (): Promise<void> => {
    for (let entry = await queue.next(broken.signal); entry; entry = await queue.next(broken.signal)) {
      const outcome = await tryItem(work, context.signal, entry);
      if (outcome === undefined) return;
      queue.tried(entry, await commit.add({ key: entry.key, attempts: entry.attempts, revision: entry.revision, outcome }));
      context.progress(queue.settled, queue.total);
    }
  };
  try {
    await Promise.allSettled(Array.from({ length: work.concurrency }, () => lane().catch((error: unknown) => broken.abort(error))));
  } finally {
    context.signal.removeEventListener('abort', stop);
    await queue.close();
  }
  if (broken.signal.aborted) return cutShort(broken.signal.reason, context, ledger, queue.repeated);
  context.progress(queue.settled, queue.total);
  const waiting = queue.firstWaiting;
  if (waiting) return snooze(waiting.dueAt, `${waiting.items} items wait for another try`);
  await ledger.abandonWaiting();
  return work.then(await resultsOf(ledger, queue.repeated));
}

/** One try; undefined when it was cut short by a stop of the whole step, which is no fault of the item. */
async function tryItem<Item>({ run, itemTimeoutMs }: FanOut<Item>, stopped: AbortSignal, { key, item, attempts }: Entry<Item>): Promise<StepOutcome | undefined> {
  const own = new AbortController();
  const late = new TransientError(`did not finish within ${itemTimeoutMs} ms`);
  const stop = (): void => own.abort(stopped.reason);
  stopped.addEventListener('abort', stop, { once: true });
  let giveUp: (outcome: StepOutcome) => void = () => undefined;
  const givenUp = new Promise<StepOutcome>((resolve) => (giveUp = resolve));
  const timers = [setTimeout(() => own.abort(late), itemTimeoutMs), setTimeout(() => giveUp(fail(late)), itemTimeoutMs + STOP_GRACE_MS)];
  try {
    const outcome = await Promise.race([run(item, { key, attempt: attempts + 1, signal: own.signal }), givenUp]);
    if (outcome.kind === 'done' || outcome.kind === 'skip') return outcome;
    if (stopped.aborted) return undefined;
    return own.signal.aborted && outcome.kind === 'fail' ? fail(late) : outcome;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    stopped.removeEventListener('abort', stop);
  }
}

async function record(ledger: ItemLedger, tries: readonly ItemTry[], random: () => number, attempt = 1): Promise<RememberedItem[]> {
  try {
    return await ledger.record(tries, random);
  } catch (error) {
    if (!isConnectionLost(error) || attempt === COMMIT_ATTEMPTS) throw error;
    await delay(COMMIT_AGAIN_MS * attempt);
    return record(ledger, tries, random, attempt + 1);
  }
}

/** What is done counts, whatever stopped the step. */
async function cutShort(reason: unknown, context: Context, ledger: ItemLedger, repeated: number): Promise<StepOutcome> {
  if (!context.signal.aborted) context.log.warn({ err: reason }, 'the step stopped amid its items');
  const tally = await ledger.tally().catch(() => undefined);
  return { ...fail(reason), ...(tally && { counts: itemCounts({ ...tally, repeated }) }) };
}

async function resultsOf(ledger: ItemLedger, repeated: number): Promise<FanOutResults> {
  const { waiting, ...tally } = await ledger.tally();
  if (waiting > 0) throw new PermanentError(`${waiting} items still wait although the list is at its end`);
  return { ...tally, repeated, outputs: () => ledger.outputs() };
}
