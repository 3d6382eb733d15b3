/**
 * What becomes of one item of a fan-out once it has been tried. Pure, like the decision about a whole step, and simpler: nothing follows an item, and
 * one item's failure is nobody else's.
 */
import { backoff } from './backoff.js';
import type { RetryPolicy } from './backoff.js';
import type { RecordedError } from './errors.js';
import type { JsonObject, StepOutcome } from './outcome.js';

/** `waiting` items are tried again; the others are over. */
export type ItemStatus = 'done' | 'failed' | 'skipped' | 'waiting';

/** One item's row. */
export interface ItemRecord {
  status: ItemStatus;
  /** When a waiting one is tried again. */
  dueAt: Date | null;
  counts: Record<string, number>;
  output: JsonObject | null;
  /** Why it failed, or what went wrong in an item that is done all the same. */
  error: RecordedError | null;
  reason: string | null;
}

const NOTHING = { dueAt: null, counts: {}, output: null, error: null, reason: null };

/**
 * Decides what a try means for its item.
 * @param tried tries so far, this one included; a snooze does not count
 * @param random uniform in [0, 1)
 */
export function afterItem(retry: RetryPolicy, tried: number, outcome: StepOutcome, now: Date, random: number): ItemRecord {
  const left = tried < retry.maxAttempts;
  switch (outcome.kind) {
    case 'done':
      return { ...NOTHING, status: 'done', counts: outcome.counts ?? {}, output: outcome.output ?? null, error: blemish(outcome.errors ?? []) };
    case 'skip':
    case 'cancelled':
      return { ...NOTHING, status: 'skipped', reason: outcome.reason };
    case 'snooze':
      return { ...NOTHING, status: 'waiting', dueAt: outcome.until > now ? outcome.until : now, reason: outcome.reason };
    case 'retry':
      if (left) return { ...NOTHING, status: 'waiting', dueAt: later(now, outcome.afterMs), reason: outcome.reason };
      return { ...NOTHING, status: 'failed', error: { name: 'RetriesExhausted', message: outcome.reason, permanent: true } };
    case 'fail':
      if (left && !outcome.error.permanent) return { ...NOTHING, status: 'waiting', dueAt: later(now, backoff(retry, tried, random)), error: outcome.error };
      return { ...NOTHING, status: 'failed', error: outcome.error };
  }
}

function blemish(errors: readonly string[]): RecordedError | null {
  return errors.length === 0 ? null : { name: 'ItemErrors', message: errors.join('; ').slice(0, 2_000), permanent: true };
}

const later = (now: Date, ms: number): Date => new Date(now.getTime() + ms);
