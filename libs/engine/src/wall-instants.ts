/**
 * From times that clocks on the wall show to the instants at which they show them, whatever says which times are meant: a cron expression, a recurrence rule. The one
 * place where our policy for clock changes is applied to a row of times.
 */
import type { DaylightPolicy } from './daylight.js';
import { instantsOf, offsetAt } from './wall-clock.js';
import type { WallTime } from './wall-clock.js';

/** The first instant strictly after another, or null when there is none any more. */
export type NextInstant = (after: Date) => Date | null;

/** The first wall time that is meant strictly after another one, in the milliseconds that it would be in UTC. */
export type NextWall = (after: number) => number | undefined;

/**
 * @param means.interval the times are an interval ("every 20 minutes") and not times of the day: they ring in both passes of an hour that is shown twice, and never for one
 * that is jumped over, whatever the policy
 */
export function instantsOfWalls(nextWall: NextWall, timeZone: string, { daylight: { gap, overlap }, interval }: { daylight: DaylightPolicy; interval: boolean }): NextInstant {
  const passes: Pass[] = interval || overlap === 'both' ? ['first', 'second'] : [overlap];
  const jumpedOver = interval ? 'skip' : gap;
  return (after) => {
    const found = passes.flatMap((pass) => nextOfPass(nextWall, timeZone, pass, jumpedOver, after.getTime()) ?? []);
    return found.length === 0 ? null : new Date(Math.min(...found));
  };
}

type Pass = 'first' | 'second';

/** Within one pass, later wall times never come at earlier instants, so the first match that lies ahead is the next one. */
function nextOfPass(nextWall: NextWall, timeZone: string, pass: Pass, gap: DaylightPolicy['gap'], after: number): number | undefined {
  let wall = wallBefore(timeZone, pass, after);
  for (;;) {
    const match = nextWall(wall);
    if (match === undefined) return undefined;
    const time = instantsOf(timeZone, match);
    const at = instantOf(time, pass, gap);
    if (at !== undefined && at > after) return at;
    wall = time.shown === 'never' ? time.change.at + time.change.after - 1 : match;
  }
}

function instantOf(time: WallTime, pass: Pass, gap: DaylightPolicy['gap']): number | undefined {
  if (time.shown === 'once') return time.at;
  if (time.shown === 'twice') return time[pass];
  return gap === 'skip' ? undefined : time.change.at;
}

/** The latest wall time of which it is sure that the pass has shown it, and all before it, by that instant. */
function wallBefore(timeZone: string, pass: Pass, after: number): number {
  const wall = after + offsetAt(timeZone, after);
  const time = instantsOf(timeZone, wall);
  if (time.shown !== 'twice') return wall;
  const inSecondPass = after >= time.change.at;
  if (pass === 'first') return inSecondPass ? time.change.at + time.change.before - 1 : wall;
  return inSecondPass ? wall : time.change.at + time.change.after - 1;
}
