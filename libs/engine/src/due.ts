/**
 * Which instants a schedule owes. Due means "owed since the cursor", never "matches now": a scheduler that was down finds everything it missed.
 */
import type { TimeTrigger } from './trigger.js';
import { parseCron } from './trigger.js';

/** How many owed instants are listed at most in one look; the rest is reported as `more` and found by the next look. */
export const OWED_AT_ONCE = 1_000;

/** The first instant strictly after `after`, or null when there is none. `anchor` is where the counting of `every` starts. */
export function nextDue(trigger: TimeTrigger, after: Date, anchor: Date): Date | null {
  if (trigger.kind === 'cron') return parseCron(trigger.expression, trigger.timeZone).nextRun(after);
  const elapsed = after.getTime() - anchor.getTime();
  if (elapsed < 0) return new Date(anchor.getTime() + (trigger.runAtOnce ? 0 : trigger.everyMs));
  return new Date(anchor.getTime() + (Math.floor(elapsed / trigger.everyMs) + 1) * trigger.everyMs);
}

/** Every instant in `(evaluatedThrough, now]`, oldest first. */
export function owedSince(trigger: TimeTrigger, evaluatedThrough: Date, now: Date, anchor: Date): { owed: Date[]; more: boolean } {
  const owed: Date[] = [];
  let next = nextDue(trigger, evaluatedThrough, anchor);
  while (next && next <= now) {
    if (owed.length === OWED_AT_ONCE) return { owed, more: true };
    owed.push(next);
    next = nextDue(trigger, next, anchor);
  }
  return { owed, more: false };
}
