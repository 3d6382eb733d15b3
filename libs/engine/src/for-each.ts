/**
 * A step that does one thing to each of many items. It fans out with bounded concurrency, every item has an outcome and a record of its own, and the
 * step is over when each item is. An item's last write and its record commit together, so whoever takes over after a crash goes on with the
 * items that are not done, and no effect happens twice.
 */
import type { StepContext } from './attempt.js';
import { checkRetry, DEFAULT_RETRY } from './backoff.js';
import type { RetryPolicy } from './backoff.js';
import type { Milliseconds } from './duration.js';
import { days, minutes } from './duration.js';
import { DefinitionError, PermanentError } from './errors.js';
import type { RecordedError } from './errors.js';
import { done, fail } from './outcome.js';
import type { Done, JsonObject, StepOutcome } from './outcome.js';
import { judgeThrown } from './retryable.js';
import type { Retryable } from './retryable.js';
import { step } from './step.js';
import type { Handed, HandsOn, Listed, Named, NamesIn, None, Step, StepOptions } from './step.js';

/** What one item's try may know: the step's context, with the item's own attempt and signal. */
export interface ItemContext<Services, Inputs = unknown> extends Omit<StepContext<Services, Inputs>, 'progress' | 'fanOut'> {
  /** The item's name within the step. */
  key: string;
}

export type Items<Item> = Iterable<Item> | AsyncIterable<Item>;

export interface ForEachOptions<Services, Item, Outcome extends StepOutcome = StepOutcome, Needs extends Named | Listed = Named, Inputs extends Named = Named>
  extends Omit<StepOptions<Services, Outcome, Needs, Inputs>, 'run' | 'retry'> {
  /** What there is to do. Asked again when the step is taken up again; items that are over by then are left out. An async iterable is read as it is needed. */
  items(context: StepContext<Services, Handed<Needs, Inputs>>): Items<Item> | Promise<Items<Item>>;
  /** Tells the items of a run apart, the same each time: an id, a URL; at most 500 characters. A second item of the same key is counted as repeated and left out. */
  key(item: Item): string;
  /** One try of one item. Whatever it writes outside of its outcome's `write` may happen again. */
  run(item: Item, context: ItemContext<Services, Handed<Needs, Inputs>>): Promise<StepOutcome>;
  /** Items in work at once; 8 unless told. */
  concurrency?: number;
  /** For each item; as for steps unless told. */
  retry?: Partial<RetryPolicy> & { retryable?: Retryable };
  /** How long one try of one item may take; 5 minutes unless told. */
  itemTimeout?: Milliseconds;
  /** When all items are over and some failed: the step is done and the run partial (`partial`, the default), or the step has failed (`fail`). */
  onItemFailure?: 'partial' | 'fail';
  /** For the step itself: when its list can not be read, or its time is up. */
  stepRetry?: NonNullable<StepOptions<Services>['retry']>;
  /** Fan-in: what the step answers once every item is over. Counts and item errors are added to what is done here. */
  then?(results: FanOutResults, context: StepContext<Services, Handed<Needs, Inputs>>): Outcome | Promise<Outcome>;
}

/** A fan-out as the worker runs it. */
export interface FanOut<Item> {
  concurrency: number;
  retry: RetryPolicy;
  itemTimeoutMs: Milliseconds;
  items(): Items<Item> | Promise<Items<Item>>;
  key(item: Item): string;
  /** Never rejects. */
  run(item: Item, own: { key: string; attempt: number; signal: AbortSignal }): Promise<StepOutcome>;
  then(results: FanOutResults): Promise<StepOutcome>;
  /** What an error of an item's last write is worth. */
  judge(thrown: unknown): RecordedError;
}

/** What the items came to, read from their rows. */
export interface FanOutResults {
  /** Rows by how they ended; `kept` ones were done by the run that this one resumes and are not among `done`. */
  done: number;
  failed: number;
  skipped: number;
  kept: number;
  /** Items left out because another one had the same key. */
  repeated: number;
  /** The items' own counts, summed; kept items counted in their own run. */
  counts: Record<string, number>;
  /** "key: message" of what went wrong, the first hundred and how many more. */
  errors: string[];
  /** Outputs of the items that are done or kept, in the order of their keys; read page by page. */
  outputs(): AsyncIterable<{ key: string; output: JsonObject }>;
}

const MOST_AT_ONCE = 1_000;

/** A step over items; see the top of this file. Its other options are a step's. Write `items` first, so that the others know what an item is. */
export function forEach<Services, const Name extends string = string, Item = unknown, Outcome extends StepOutcome = Done<undefined>, Needs extends Named | Listed = None, Inputs extends Named = None>(
  name: Name,
  options: ForEachOptions<Services, Item, Outcome, Needs, Inputs>,
): Step<Services, HandsOn<Outcome>, Name, NamesIn<Needs> | NamesIn<Inputs>> {
  const { items, key, run, concurrency = 8, retry: { retryable, ...retry } = {}, itemTimeout = minutes(5), onItemFailure = 'partial', stepRetry, then, ...rest } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MOST_AT_ONCE) throw new DefinitionError(`step "${name}": concurrency ${concurrency} must be a whole number from 1 to ${MOST_AT_ONCE}`);
  if (!(itemTimeout >= 1 && itemTimeout <= days(24))) throw new DefinitionError(`step "${name}": itemTimeout ${itemTimeout} ms must be from 1 to ${days(24)} (24 days)`);
  const policy = checkRetry(`step "${name}" (an item's retry)`, { ...DEFAULT_RETRY, ...retry });
  const work = (context: StepContext<Services, Handed<Needs, Inputs>>): FanOut<Item> => ({
    ...{ concurrency, retry: policy, itemTimeoutMs: itemTimeout, key },
    items: () => items(context),
    run: (item, own) => tryItem(run, item, itemContext(context, own), retryable),
    judge: (thrown) => judgeThrown(retryable, thrown),
    then: async (results) => withItems(results, await (then ? then(results, context) : fanIn(results, onItemFailure))),
  });
  const stepOptions = { ...rest, ...(stepRetry && { retry: stepRetry }), run: (context: StepContext<Services, Handed<Needs, Inputs>>) => context.fanOut(work(context)) as Promise<Outcome> };
  return step<Services, Name, Outcome, Needs, Inputs>(name, stepOptions);
}

function itemContext<Services, Inputs>({ progress: _progress, fanOut: _fanOut, ...shared }: StepContext<Services, Inputs>, own: { key: string; attempt: number; signal: AbortSignal }): ItemContext<Services, Inputs> {
  return { ...shared, ...own };
}

/** What is thrown is an outcome as well, and is logged, because the ledger keeps no stack. */
async function tryItem<Item, Context extends Pick<ItemContext<never>, 'key' | 'signal' | 'log'>>(run: (item: Item, context: Context) => Promise<StepOutcome>, item: Item, context: Context, retryable: Retryable | undefined): Promise<StepOutcome> {
  try {
    const outcome = await run(item, context);
    return outcome.kind === 'fail' && 'thrown' in outcome ? { ...outcome, error: judgeThrown(retryable, outcome.thrown) } : outcome;
  } catch (thrown) {
    if (!context.signal.aborted) context.log.warn({ err: thrown, item: context.key }, 'the item threw');
    return { kind: 'fail', error: judgeThrown(retryable, thrown), thrown };
  }
}

function fanIn({ failed, done: ok, skipped, kept, errors }: FanOutResults, onItemFailure: 'partial' | 'fail'): StepOutcome {
  if (failed === 0 || onItemFailure === 'partial') return done();
  return fail(new PermanentError(`${failed} of ${ok + failed + skipped + kept} items failed: ${errors.slice(0, 3).join('; ')}${errors.length > 3 ? '; …' : ''}`));
}

/** A step says what became of its items, whatever else it says: a run with failed items is partial. */
function withItems(results: FanOutResults, outcome: StepOutcome): StepOutcome {
  if (outcome.kind === 'fail') return { ...outcome, counts: itemCounts(results) };
  if (outcome.kind !== 'done') return outcome;
  return { ...outcome, counts: { ...outcome.counts, ...itemCounts(results) }, errors: [...results.errors, ...(outcome.errors ?? [])] };
}

/** The counts of a step over items: how they ended, and what they counted themselves. */
export function itemCounts(results: Pick<FanOutResults, 'done' | 'failed' | 'skipped' | 'kept' | 'repeated' | 'counts'>): Record<string, number> {
  const { done: itemsDone, failed: itemsFailed, skipped: itemsSkipped, kept: itemsKept, repeated: itemsRepeated, counts } = results;
  return { ...counts, itemsDone, itemsFailed, itemsSkipped, ...(itemsKept > 0 && { itemsKept }), ...(itemsRepeated > 0 && { itemsRepeated }) };
}
