/**
 * What the clocks on the wall show in an IANA zone, and which instants show a given time: usually one, none where clocks jump forward, two where
 * they go back. A wall time is written as the milliseconds that it would be in UTC. The only source is the zone data of the JavaScript engine.
 */
import type { Milliseconds } from './duration.js';

/** Clocks were put from one offset to another. */
export interface ClockChange {
  /** The first instant with the new offset. */
  at: number;
  before: Milliseconds;
  after: Milliseconds;
}

export type WallTime = { shown: 'once'; at: number } | { shown: 'never'; change: ClockChange } | { shown: 'twice'; first: number; second: number; change: ClockChange };

/** No zone of today changes twice within three of these. */
const DAY = 86_400_000;

/** How far the zone's clocks are ahead of UTC at an instant. @throws RangeError for a zone that is not known */
export function offsetAt(timeZone: string, at: number): Milliseconds {
  const { before, after, changeAt } = stretchOf(timeZone, at);
  return at < changeAt ? before : after;
}

/** Which instants show this wall time in the zone. */
export function instantsOf(timeZone: string, wall: number): WallTime {
  const { before, after, changeAt } = stretchOf(timeZone, wall);
  if (before === after) return { shown: 'once', at: wall - before };
  const change = { at: changeAt, before, after };
  const [earlier, later] = before < after ? [before, after] : [after, before];
  if (wall < changeAt + earlier) return { shown: 'once', at: wall - before };
  if (wall >= changeAt + later) return { shown: 'once', at: wall - after };
  return before < after ? { shown: 'never', change } : { shown: 'twice', first: wall - before, second: wall - after, change };
}

/** The offsets a day before and a day after a day of UTC, and when the one becomes the other; never, when they are the same. */
interface Stretch {
  before: Milliseconds;
  after: Milliseconds;
  changeAt: number;
}

/** Asking Intl is most of the cost of a cron expression, and schedules of one zone ask about the same days. */
const stretches = new Map<string, Map<number, Stretch>>();
const MOST_DAYS = 1_000;

function stretchOf(timeZone: string, time: number): Stretch {
  let ofZone = stretches.get(timeZone);
  if (!ofZone) stretches.set(timeZone, (ofZone = new Map()));
  const day = Math.floor(time / DAY);
  let stretch = ofZone.get(day);
  if (!stretch) {
    if (ofZone.size >= MOST_DAYS) ofZone.clear();
    ofZone.set(day, (stretch = readStretch(timeZone, (day - 1) * DAY, (day + 2) * DAY)));
  }
  return stretch;
}

function readStretch(timeZone: string, low: number, high: number): Stretch {
  const [before, after] = [readOffset(timeZone, low), readOffset(timeZone, high)];
  if (before === after) return { before, after, changeAt: Infinity };
  let [from, to] = [low, high];
  while (to - from > 1) {
    const middle = Math.floor((from + to) / 2);
    if (readOffset(timeZone, middle) === before) from = middle;
    else to = middle;
  }
  return { before, after, changeAt: to };
}

const formats = new Map<string, Intl.DateTimeFormat>();

function readOffset(timeZone: string, at: number): Milliseconds {
  let format = formats.get(timeZone);
  if (!format) formats.set(timeZone, (format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })));
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(format.format(at)) ?? [];
  const offset = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
  return sign === '-' ? -offset : offset;
}
