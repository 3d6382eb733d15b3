/**
 * Which instants a schedule owes. Due means "owed since the cursor", never "matches now": a scheduler that was down finds everything it missed.
 */
import { cronInstants } from './cron.js';
import type { DaylightPolicy } from './daylight.js';
import { DEFAULT_DAYLIGHT } from './daylight.js';
import type { TimeTrigger } from './trigger.js';
import type { NextInstant } from './wall-instants.js';

/** How many owed instants are listed at most in one look; the rest is reported as `more` and found by the next look. */
export const OWED_AT_ONCE = 1_000;

/** The first instant strictly after `after`, or null when there is none. `anchor` is where the counting of `every` starts. */
export function nextDue(trigger: TimeTrigger, after: Date, anchor: Date, daylight: DaylightPolicy = DEFAULT_DAYLIGHT): Date | null {
  return nextInstantOf(trigger, anchor, daylight)(after);
}

/** Every instant in `(evaluatedThrough, now]`, oldest first, at most `limit`. */
export function owedSince(trigger: TimeTrigger, evaluatedThrough: Date, now: Date, anchor: Date, daylight: DaylightPolicy = DEFAULT_DAYLIGHT, limit = OWED_AT_ONCE): { owed: Date[]; more: boolean } {
  const nextAfter = nextInstantOf(trigger, anchor, daylight);
  const owed: Date[] = [];
  for (let next = nextAfter(evaluatedThrough); next && next <= now; next = nextAfter(next)) {
    if (owed.length === limit) return { owed, more: true };
    owed.push(next);
  }
  return { owed, more: false };
}

function nextInstantOf(trigger: TimeTrigger, anchor: Date, daylight: DaylightPolicy): NextInstant {
  if (trigger.kind === 'cron') return cronInstants(trigger.expression, trigger.timeZone, daylight);
  if (trigger.kind === 'once') {
    const at = new Date(trigger.at);
    return (after) => (at > after ? at : null);
  }
  const { everyMs, runAtOnce } = trigger;
  return (after) => {
    const elapsed = after.getTime() - anchor.getTime();
    if (elapsed < 0) return new Date(anchor.getTime() + (runAtOnce ? 0 : everyMs));
    return new Date(anchor.getTime() + (Math.floor(elapsed / everyMs) + 1) * everyMs);
  };
}
