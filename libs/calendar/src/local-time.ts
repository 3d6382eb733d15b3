/** Between instants and what clocks show in a zone. Where clocks jump over a time, the instant is that of the jump; where they show it twice, the first. */
import { instantsOf, offsetAt } from '@carillon/engine';
import { CalendarError } from './errors.js';

const LOCAL = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?)?$/;
const DAY_MS = 86_400_000;

/** The name as it is. @throws CalendarError for what is no IANA zone */
export function checkTimeZone(timeZone: string): string {
  try {
    offsetAt(timeZone, 0);
    return timeZone;
  } catch {
    throw new CalendarError(`"${timeZone}" is no time zone: write an IANA name such as "Europe/Berlin"`);
  }
}

/** "2026-01-05T09:00:00": what clocks in the zone show at the instant. */
export const localTime = (at: Date, timeZone: string): string => new Date(wallOf(at, timeZone)).toISOString().slice(0, 19);

/** What clocks show, in the milliseconds that it would be in UTC. */
export const wallOf = (at: Date, timeZone: string): number => at.getTime() + offsetAt(timeZone, at.getTime());

/** "2026-01-05", "2026-01-05T09:00" or with seconds, as milliseconds of UTC. @throws CalendarError for what no calendar shows */
export function readWall(local: string): number {
  const [, year, month, day, hour = '00', minute = '00', second = '00'] = LOCAL.exec(local) ?? [];
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const wall = Date.parse(`${iso}Z`);
  // Date.parse takes 31 February for 3 March.
  if (Number.isNaN(wall) || new Date(wall).toISOString().slice(0, 19) !== iso) throw new CalendarError(`"${local}" is no local time: write it like "2026-01-05T09:00"`);
  return wall;
}

/** The instant at which clocks in the zone show it. @throws CalendarError */
export const instantOfLocal = (local: string, timeZone: string): Date => instantOfWall(readWall(local), timeZone);

export function instantOfWall(wall: number, timeZone: string): Date {
  const time = instantsOf(timeZone, wall);
  if (time.shown === 'once') return new Date(time.at);
  return new Date(time.shown === 'twice' ? time.first : time.change.at);
}

/** When the day begins that is so many days after the one of the instant. */
export function startOfLocalDay(at: Date, timeZone: string, daysLater = 0): Date {
  const wall = wallOf(at, timeZone);
  return instantOfWall(wall - (((wall % DAY_MS) + DAY_MS) % DAY_MS) + daysLater * DAY_MS, timeZone);
}
