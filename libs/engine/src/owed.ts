/** One look at a schedule of times: what it owes since its cursor, what becomes of each instant, and when to look again. */
import type { DaylightPolicy } from './daylight.js';
import { nextDue, OWED_AT_ONCE, owedSince } from './due.js';
import type { Milliseconds } from './duration.js';
import { jitterOf } from './jitter.js';
import type { MisfirePolicy, OccurrenceDecision } from './misfire.js';
import { decideMisfires } from './misfire.js';
import type { TimeTrigger } from './trigger.js';

/** What a schedule's row says about time. */
export interface TimedSchedule {
  id: string;
  trigger: TimeTrigger;
  misfire: MisfirePolicy;
  daylight: DaylightPolicy;
  jitterMs: Milliseconds;
  deadlineMs: Milliseconds | null;
  /** Where the counting of `every` starts. */
  anchor: Date;
}

/** How far a backlog has been decided. `ofBacklog`: instants of it that might fire were decided before. */
export interface Cursor {
  through: Date;
  ofBacklog: boolean;
}

export interface Look {
  /** Oldest first; nothing owed is left out. */
  decisions: OccurrenceDecision[];
  cursor: Cursor;
  /** More is owed than was listed: look again from the cursor. */
  more: boolean;
}

/**
 * Decides what is owed in `(cursor, now]`. Jitter moves the start of an instant and never its name. What is beyond the deadline has expired before
 * the misfire policy chooses among the rest.
 */
export function lookAt(schedule: TimedSchedule, cursor: Cursor, now: Date, limit = OWED_AT_ONCE): Look {
  const { trigger, anchor, daylight, misfire, deadlineMs } = schedule;
  const shifted = new Date(now.getTime() - jitterOf(schedule.id, schedule.jitterMs));
  const { owed, more } = owedSince(trigger, cursor.through, shifted, anchor, daylight, limit);
  const onTime = owed.findIndex((at) => deadlineMs === null || shifted.getTime() - at.getTime() <= deadlineMs);
  const [late, rest] = onTime === -1 ? [owed, []] : [owed.slice(0, onTime), owed.slice(onTime)];
  const expired = late.map((scheduledFor): OccurrenceDecision => ({ scheduledFor, fire: false, outcome: 'expired', reason: `later than the deadline of ${deadlineMs} ms` }));
  const chosen = decideMisfires(misfire, rest, shifted, { continued: cursor.ofBacklog, more });
  const decisions = [...expired, ...chosen];
  return { decisions, cursor: { through: decisions.at(-1)?.scheduledFor ?? cursor.through, ofBacklog: cursor.ofBacklog || chosen.length > 0 }, more };
}

/** When this schedule must be looked at again, given how far it has been decided; null when never. */
export function nextLook(schedule: TimedSchedule, through: Date): Date | null {
  const next = nextDue(schedule.trigger, through, schedule.anchor, schedule.daylight);
  return next && new Date(next.getTime() + jitterOf(schedule.id, schedule.jitterMs));
}
