/** What repeats, and what becomes of occurrences that nobody could ring. */
import { CalendarError } from './errors.js';
import { ruleInstants } from './rule.js';
import type { RuleRecurrence } from './rule.js';

/** A plain value, so that it can be stored: so many minutes after the last one, or a rule of the calendar. */
export type Recurrence = { kind: 'minutes'; minutes: number } | RuleRecurrence;

/** Many missed occurrences: one notice with their count, one for each, or none for those that are later than the grace. */
export type MissedPolicy = 'coalesce' | 'all' | 'skip';

const MINUTE_MS = 60_000;
const MOST_MINUTES = 10 * 366 * 24 * 60;
/** With `all`, older ones than these are told together: nobody reads thousands. */
const MOST_TOLD = 100;
/** How many occurrences of a rule are counted one by one. */
const MOST_COUNTED = 10_000;

/** The recurrence as it is. @throws CalendarError when it can not be used */
export function checkRecurrence(recurrence: Recurrence): Recurrence {
  if (recurrence.kind === 'rule') ruleInstants(recurrence)(new Date(0));
  else if (!(Number.isInteger(recurrence.minutes) && recurrence.minutes >= 1 && recurrence.minutes <= MOST_MINUTES)) throw new CalendarError(`a recurrence of ${recurrence.minutes} minutes: write a whole number from 1 to ${MOST_MINUTES}`);
  return recurrence;
}

/** The occurrence that follows one that is known; null when that was the last. */
export function nextOccurrence(recurrence: Recurrence, occurrence: Date): Date | null {
  return recurrence.kind === 'minutes' ? new Date(occurrence.getTime() + recurrence.minutes * MINUTE_MS) : ruleInstants(recurrence)(occurrence);
}

/** The occurrences after an instant, for a preview; those of minutes are counted from it. */
export function occurrencesFrom(recurrence: Recurrence, after: Date, count: number): Date[] {
  const found: Date[] = [];
  for (let next = nextOccurrence(recurrence, after); next !== null && found.length < count; next = nextOccurrence(recurrence, next)) found.push(next);
  return found;
}

export interface Missed {
  /** The occurrence that is told, or that would have been. */
  latest: Date;
  /** Occurrences that were owed and that this decision ends, the latest included. */
  owed: number;
  /** Whether a notice goes out. */
  tell: boolean;
  /** The occurrence that is rung next, possibly one that is owed already; null when nothing follows. */
  next: Date | null;
}

/**
 * What is rung now for a reminder whose occurrence at `due` has come.
 * @param graceMs with `skip`: what is later than this is not told
 */
export function missedBy(recurrence: Recurrence | null, due: Date, now: Date, policy: MissedPolicy, graceMs: number): Missed {
  if (recurrence === null) return { latest: due, owed: 1, tell: true, next: null };
  if (policy === 'all') {
    const owed = owedUntil(recurrence, due, now);
    const together = Math.max(1, owed.count - MOST_TOLD + 1);
    const latest = together === 1 ? due : owed.latestOf(together);
    return { latest, owed: together, tell: true, next: nextOccurrence(recurrence, latest) };
  }
  const owed = owedUntil(recurrence, due, now);
  const latest = owed.latestOf(owed.count);
  return { latest, owed: owed.count, tell: policy === 'coalesce' || now.getTime() - latest.getTime() <= graceMs, next: nextOccurrence(recurrence, latest) };
}

/** The occurrences from `due` until now. Those of minutes are counted without listing them. */
function owedUntil(recurrence: Recurrence, due: Date, now: Date): { count: number; latestOf(count: number): Date } {
  if (recurrence.kind === 'minutes') {
    const every = recurrence.minutes * MINUTE_MS;
    return { count: Math.max(0, Math.floor((now.getTime() - due.getTime()) / every)) + 1, latestOf: (count) => new Date(due.getTime() + (count - 1) * every) };
  }
  const next = ruleInstants(recurrence);
  const owed = [due];
  for (let at = next(due); at !== null && at <= now; at = next(at)) {
    // Beyond this many only the latest ones matter; the count says so by standing still.
    if (owed.length >= MOST_COUNTED) owed.shift();
    owed.push(at);
  }
  return { count: owed.length, latestOf: (count) => owed[count - 1] as Date };
}
