/**
 * Recurrence rules of RFC 5545. rrule-temporal knows which times of the calendar a rule means; at which instants clocks in the user's zone show them is decided by the engine's policy for
 * clock changes, so that "every day at 02:30" is treated alike by a reminder and by a schedule. So the library only ever sees wall times, written as if they were UTC.
 */
import { daylightSaving, instantsOfWalls } from '@carillon/engine';
import type { DaylightPolicy, NextInstant, NextWall } from '@carillon/engine';
import { RRuleTemporal } from 'rrule-temporal';
import { CalendarError } from './errors.js';
import { checkTimeZone, readWall } from './local-time.js';

export interface RuleRecurrence {
  kind: 'rule';
  /** The value of an RRULE: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR". */
  rule: string;
  /** DTSTART, what clocks in the zone showed: "2026-01-05T09:00:00". It gives the rule the time of the day, and whatever else it leaves open. */
  start: string;
  /** IANA. */
  timeZone: string;
  /** Local days or times that are left out; they count towards COUNT. */
  exceptions?: string[];
  daylight?: Partial<DaylightPolicy>;
}

const FREQUENCIES = ['MINUTELY', 'HOURLY', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'];
const PARTS = ['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'BYDAY', 'BYMONTH', 'BYMONTHDAY', 'BYYEARDAY', 'BYWEEKNO', 'BYHOUR', 'BYMINUTE', 'BYSETPOS', 'WKST'];
const MOST_COUNT = 10_000;
const MOST_EXCEPTIONS = 1_000;

/** Reading a rule costs more than asking it, and many reminders share one. */
const known = new Map<string, NextInstant>();
const MOST_KNOWN = 5_000;

/** The function that answers the first occurrence strictly after an instant. @throws CalendarError when the rule can not be read, or is never due */
export function ruleInstants(recurrence: RuleRecurrence): NextInstant {
  const { rule, start, timeZone, exceptions = [], daylight = {} } = recurrence;
  const key = JSON.stringify([rule, start, timeZone, exceptions, daylight]);
  let next = known.get(key);
  if (!next) {
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(key, (next = readRule(recurrence)));
  }
  return next;
}

/** The parts of a rule, in capitals, each checked for what every library takes silently. @throws CalendarError */
export function partsOf(rule: string): Map<string, string> {
  const text = rule.trim().replace(/^RRULE:/i, '');
  const parts = new Map<string, string>();
  for (const one of text.split(';')) {
    const [name = '', value = ''] = one.toUpperCase().split('=');
    if (!PARTS.includes(name)) throw wrong(rule, `"${name}" is not a part of it that is understood; write ${PARTS.join(', ')}`);
    if (parts.has(name)) throw wrong(rule, `it says ${name} twice`);
    if (!/^[A-Z0-9,+-]+$/.test(value)) throw wrong(rule, `${name} has no readable value`);
    parts.set(name, value);
  }
  if (!FREQUENCIES.includes(parts.get('FREQ') ?? '')) throw wrong(rule, `FREQ is one of ${FREQUENCIES.join(', ')}`);
  if (parts.has('COUNT') && parts.has('UNTIL')) throw wrong(rule, 'it has COUNT and UNTIL: keep one');
  checkWhole(rule, parts, 'INTERVAL', 1_000);
  checkWhole(rule, parts, 'COUNT', MOST_COUNT);
  return parts;
}

function readRule({ rule, start, timeZone, exceptions = [], daylight = {} }: RuleRecurrence): NextInstant {
  checkTimeZone(timeZone);
  const parts = partsOf(rule);
  if (exceptions.length > MOST_EXCEPTIONS) throw wrong(rule, `${exceptions.length} exceptions are more than ${MOST_EXCEPTIONS}`);
  const until = untilOf(rule, parts);
  const walls = wallsOf(rule, parts, readWall(start), until?.wall);
  const excepted = exceptionsOf(exceptions);
  const nextWall: NextWall = (after) => {
    let wall = walls(after);
    while (wall !== undefined && excepted(wall)) wall = walls(wall);
    return wall;
  };
  // "Every 20 minutes" is an interval; "at 9 and at 17" is a time of the day, whatever the frequency says.
  const interval = (parts.get('FREQ') === 'HOURLY' || parts.get('FREQ') === 'MINUTELY') && !parts.has('BYHOUR');
  const next = instantsOfWalls(nextWall, timeZone, { daylight: daylightSaving(daylight), interval });
  return (after) => {
    const at = next(after);
    return at !== null && until?.at !== undefined && at.getTime() > until.at ? null : at;
  };
}

/** What the library answers, in wall times. */
function wallsOf(rule: string, parts: ReadonlyMap<string, string>, start: number, until: number | undefined): NextWall {
  const lines = [...parts].filter(([name]) => name !== 'UNTIL').map(([name, value]) => `${name}=${value}`);
  if (until !== undefined) lines.push(`UNTIL=${stamp(until)}`);
  let read: RRuleTemporal;
  try {
    read = new RRuleTemporal({ rruleString: `DTSTART:${stamp(start)}\nRRULE:${lines.join(';')}`, includeDtstart: false });
  } catch (cause) {
    throw wrong(rule, (cause as Error).message, cause);
  }
  return (after) => {
    try {
      return read.next(new Date(Math.max(after, start - 1)))?.epochMilliseconds;
    } catch (cause) {
      throw wrong(rule, 'no day of the next years matches it', cause);
    }
  };
}

/** UNTIL with a Z is an instant; without it is what clocks show, and a day alone is meant to its end. */
function untilOf(rule: string, parts: ReadonlyMap<string, string>): { at?: number; wall?: number } | undefined {
  const until = parts.get('UNTIL');
  if (until === undefined) return undefined;
  const [, year, month, day, hour = '23', minute = '59', second = '59', utc] = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z)?)?$/.exec(until) ?? [];
  if (year === undefined) throw wrong(rule, 'write UNTIL like 20261231 or 20261231T080000Z');
  const wall = readWall(`${year}-${month}-${day}T${hour}:${minute}:${second}`);
  return utc === undefined ? { wall } : { at: wall };
}

function exceptionsOf(exceptions: readonly string[]): (wall: number) => boolean {
  const days = new Set(exceptions.filter((one) => one.length === 10).map((one) => new Date(readWall(one)).toISOString().slice(0, 10)));
  const times = new Set(exceptions.filter((one) => one.length !== 10).map(readWall));
  return (wall) => times.has(wall) || (days.size > 0 && days.has(new Date(wall).toISOString().slice(0, 10)));
}

function checkWhole(rule: string, parts: ReadonlyMap<string, string>, name: string, most: number): void {
  const value = parts.get(name);
  if (value !== undefined && !(/^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= most)) throw wrong(rule, `${name} is a whole number from 1 to ${most}`);
}

const stamp = (wall: number): string => `${new Date(wall).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
const wrong = (rule: string, why: string, cause?: unknown): CalendarError => new CalendarError(`the rule "${rule.slice(0, 200)}" can not be used: ${why}`, { cause });
