/**
 * Which instants a schedule owes. Due means "owed since the cursor", never "matches now": a scheduler that was down finds everything it missed.
 */
import type { TimeTrigger } from './trigger.js';
import { parseCron } from './trigger.js';

/** How many owed instants are listed at most in one look; the rest is reported as `more` and found by the next look. */
export const OWED_AT_ONCE = 1_000;

/** The first instant strictly after `after`, or null when there is none. `anchor` is where the counting of `every` starts. */
export function nextDue(trigger: TimeTrigger, after: Date, anchor: Date): Date | null {
  return instantsOf(trigger, anchor)(after);
}

/** Every instant in `(evaluatedThrough, now]`, oldest first. */
export function owedSince(trigger: TimeTrigger, evaluatedThrough: Date, now: Date, anchor: Date): { owed: Date[]; more: boolean } {
  const nextAfter = instantsOf(trigger, anchor);
  const owed: Date[] = [];
  for (let next = nextAfter(evaluatedThrough); next && next <= now; next = nextAfter(next)) {
    if (owed.length === OWED_AT_ONCE) return { owed, more: true };
    owed.push(next);
  }
  return { owed, more: false };
}

/** Parsing an expression costs as much as asking it, so a whole look shares one. */
function instantsOf(trigger: TimeTrigger, anchor: Date): (after: Date) => Date | null {
  if (trigger.kind === 'cron') {
    const parsed = parseCron(trigger.expression, trigger.timeZone);
    return (after) => parsed.nextRun(after);
  }
  const { everyMs, runAtOnce } = trigger;
  return (after) => {
    const elapsed = after.getTime() - anchor.getTime();
    if (elapsed < 0) return new Date(anchor.getTime() + (runAtOnce ? 0 : everyMs));
    return new Date(anchor.getTime() + (Math.floor(elapsed / everyMs) + 1) * everyMs);
  };
}
