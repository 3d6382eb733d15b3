/**
 * Every IANA zone, every time its clocks are put from 2020 to 2035, against a scan of every minute that knows nothing of cron libraries: it asks Intl
 * what the clock shows and compares with the expression by hand.
 */
import { describe, expect, it } from '@jest/globals';
import { cron, nextDue } from './index.js';
import type { DaylightPolicy, TimeTrigger } from './index.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2020, 0, 1);
const END = Date.UTC(2036, 0, 1);

interface Transition {
  at: number;
  before: number;
  after: number;
}

/** The oracle's own reading of a zone: wall-clock fields, not named offsets. */
function readerOf(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' });
  return (at) => {
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = format.format(at).split(/\D+/).map(Number);
    return Date.UTC(year, month - 1, day, hour, minute, second) - at;
  };
}

/** Looks every third day: no zone changes and changes back within that, which the finer look below would show as a wrong scan. */
function transitionsOf(timeZone: string): Transition[] {
  const offsetOf = readerOf(timeZone);
  const found: Transition[] = [];
  let offset = offsetOf(START);
  for (let at = START + 3 * DAY; at < END; at += 3 * DAY) {
    const now = offsetOf(at);
    if (now === offset) continue;
    let [low, high] = [at - 3 * DAY, at];
    while (high - low > MINUTE) {
      const middle = low + Math.floor((high - low) / 2 / MINUTE) * MINUTE;
      if (offsetOf(middle) === offset) low = middle;
      else high = middle;
    }
    found.push({ at: high, before: offset, after: now });
    offset = now;
  }
  return found;
}

interface Expression {
  text: string;
  minutes: number[];
  /** Undefined: every hour. */
  hours: number[] | undefined;
}

const clock = (wall: number): { hour: number; minute: number } => ({ hour: new Date(wall).getUTCHours(), minute: new Date(wall).getUTCMinutes() });
const matches = ({ minutes, hours }: Expression, wall: number): boolean => minutes.includes(clock(wall).minute) && (hours === undefined || hours.includes(clock(wall).hour));

/** What the documented policies answer, minute by minute, in a window around the transition. */
function scan(expression: Expression, { at, before, after }: Transition, policy: DaylightPolicy, from: number, to: number): number[] {
  const open = expression.hours === undefined;
  const rings: number[] = [];
  for (let minute = from; minute <= to; minute += MINUTE) {
    const wall = minute + (minute < at ? before : after);
    const shownBefore = minute >= at && wall < at + before;
    const shownAgain = minute < at && wall >= at + after;
    const wanted = open || policy.overlap === 'both' || (policy.overlap === 'first' ? !shownBefore : !shownAgain);
    const jumpedOver = minute === at && !open && policy.gap === 'nextValid' && Array.from({ length: Math.max(0, (after - before) / MINUTE) }, (_none, n) => at + before + n * MINUTE).some((hidden) => matches(expression, hidden));
    if ((matches(expression, wall) && wanted) || jumpedOver) rings.push(minute);
  }
  return rings;
}

/** Expressions whose times lie in, at the edges of, and around what clocks jump over or show twice. */
function expressionsAround({ at, before, after }: Transition): Expression[] {
  const [start, end] = [at + Math.min(before, after), at + Math.max(before, after)];
  const daily = (wall: number): Expression => ({ text: `${clock(wall).minute} ${clock(wall).hour} * * *`, minutes: [clock(wall).minute], hours: [clock(wall).hour] });
  const quarters = [0, 15, 30, 45];
  const hours = [...new Set([start - HOUR, start, end - MINUTE, end].map((wall) => clock(wall).hour))].sort((a, b) => a - b);
  return [
    daily(start - MINUTE), daily(start), daily((start + end) / 2), daily(end - MINUTE), daily(end),
    { text: `*/15 ${hours.join(',')} * * *`, minutes: quarters, hours },
    { text: '*/15 * * * *', minutes: quarters, hours: undefined },
    { text: '20 * * * *', minutes: [20], hours: undefined },
  ];
}

const POLICIES: Record<'gap' | 'overlap', DaylightPolicy[]> = {
  gap: [{ gap: 'nextValid', overlap: 'first' }, { gap: 'skip', overlap: 'first' }],
  overlap: [{ gap: 'nextValid', overlap: 'first' }, { gap: 'nextValid', overlap: 'second' }, { gap: 'nextValid', overlap: 'both' }],
};
const zones = Intl.supportedValuesOf('timeZone');
const seen = { zones: 0, transitions: 0, compared: 0 };
/** Many zones are put at the same instants; what the scan of one came to need not be scanned again. */
const scanned = new Map<string, number[]>();

describe('in every zone, every change of clocks from 2020 to 2035', () => {
  it('rings exactly at the minutes that a scan of all minutes finds', () => {
    const wrong: object[] = [];
    for (const timeZone of zones) {
      seen.zones += 1;
      for (const transition of transitionsOf(timeZone)) {
        seen.transitions += 1;
        const { at, before, after } = transition;
        const [from, to] = [at - 3 * HOUR, at + 3 * HOUR];
        for (const expression of expressionsAround(transition)) {
          for (const policy of POLICIES[after > before ? 'gap' : 'overlap']) {
            const key = `${at} ${before} ${after} ${expression.text} ${policy.gap} ${policy.overlap}`;
            const expected = scanned.get(key) ?? scan(expression, transition, policy, from, to);
            scanned.set(key, expected);
            const rung: number[] = [];
            const trigger = cron(expression.text, timeZone).trigger as TimeTrigger;
            for (let next = nextDue(trigger, new Date(from - 1), new Date(from), policy); next && next.getTime() <= to; next = nextDue(trigger, next, new Date(from), policy)) rung.push(next.getTime());
            seen.compared += 1;
            if (rung.join() !== expected.join()) wrong.push({ timeZone, at: new Date(at).toISOString(), expression: expression.text, policy, expected: expected.map((one) => new Date(one).toISOString()), rung: rung.map((one) => new Date(one).toISOString()) });
          }
        }
      }
    }
    expect(wrong.slice(0, 3)).toEqual([]);
    // A scan of nothing would also find no difference.
    expect(seen.zones).toBeGreaterThan(400);
    expect(seen.transitions).toBeGreaterThan(3_000);
    expect(seen.compared).toBeGreaterThan(60_000);
  }, 360_000);
});
