/** Hours in which a person is not to be disturbed. */
import { CalendarError } from './errors.js';
import { instantOfWall, wallOf } from './local-time.js';

/** From one time of the day to another, "22:00" to "07:00"; over midnight when the first is the later one. */
export interface QuietHours {
  from: string;
  to: string;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/** When the quiet hours end in which the instant lies; undefined outside of them. @throws CalendarError */
export function endOfQuiet(at: Date, timeZone: string, { from, to }: QuietHours): Date | undefined {
  const [start, end] = [minuteOf(from), minuteOf(to)];
  const wall = wallOf(at, timeZone);
  const midnight = Math.floor(wall / (DAY_MINUTES * MINUTE_MS)) * DAY_MINUTES;
  const minute = Math.floor(wall / MINUTE_MS) - midnight;
  const quiet = start <= end ? minute >= start && minute < end : minute >= start || minute < end;
  if (!quiet) return undefined;
  const endsTomorrow = start > end && minute >= start;
  return instantOfWall((midnight + (endsTomorrow ? DAY_MINUTES : 0) + end) * MINUTE_MS, timeZone);
}

function minuteOf(time: string): number {
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time) ?? [];
  if (hour === undefined) throw new CalendarError(`"${time}" is no time of the day: write it from "00:00" to "23:59"`);
  return Number(hour) * 60 + Number(minute);
}
