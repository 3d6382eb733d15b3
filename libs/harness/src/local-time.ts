/** What authors write, "2026-03-08T02:30" in "America/New_York", and the instants that it means: one, none where clocks jump, two where they go back. */
import { instantsOf, offsetAt } from '@carillon/engine';
import { WrongTime } from './errors.js';

export type Time = Date | string;

const MINUTE = 60_000;
const WRITTEN = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?))?$/;

/** The instant of a time; where clocks show it twice the first, where they jump over it the jump. @throws WrongTime */
export function instantAt(time: Time, timeZone: string): Date {
  return minuteOf(time, timeZone).windows[0]?.from ?? new Date(NaN);
}

/** Every stretch of time in which the clocks of the zone show this minute. For a minute that they jump over it is the first one after the jump, with a note. */
export function minuteOf(time: Time, timeZone: string): { windows: { from: Date; to: Date }[]; note?: string } {
  const minuteFrom = (at: number): { from: Date; to: Date } => ({ from: new Date(at), to: new Date(at + MINUTE) });
  if (time instanceof Date || /(?:Z|[+-]\d\d:\d\d)$/i.test(time)) return { windows: [minuteFrom(readInstant(time))] };
  const [, date, clock = '00:00'] = WRITTEN.exec(time) ?? [];
  const wall = Date.parse(`${date}T${clock}Z`);
  if (Number.isNaN(wall)) throw new WrongTime(`"${time}" is not a time: write "2026-03-08T02:30", or "2026-03-08" for its first minute`);
  const shown = instantsOf(timeZone, wall);
  if (shown.shown === 'once') return { windows: [minuteFrom(shown.at)] };
  if (shown.shown === 'twice') return { windows: [minuteFrom(shown.first), minuteFrom(shown.second)], note: `clocks in ${timeZone} show ${time} twice` };
  const { at } = shown.change;
  return { windows: [minuteFrom(at)], note: `clocks in ${timeZone} jump over ${time}; at ${new Date(at).toISOString()} they show ${localTime(new Date(at), timeZone)}` };
}

/** What the clocks of the zone show: "2026-03-08T03:00". */
export function localTime(at: Date, timeZone: string): string {
  const shown = new Date(at.getTime() + offsetAt(timeZone, at.getTime())).toISOString();
  return shown.slice(0, shown.endsWith(':00.000Z') ? 16 : 19);
}

function readInstant(time: Time): number {
  const at = new Date(time).getTime();
  if (Number.isNaN(at)) throw new WrongTime(`${String(time)} is not a time: give a Date, or write "2026-03-08T02:30"`);
  return at;
}
