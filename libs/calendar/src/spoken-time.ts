/**
 * Times as people write them, read without any model: "tomorrow 9am", "next Friday", "in 2 hours", "2026-02-03 10:00", "03/02/2026 10:00". chrono-node reads the words; the zone is ours: the
 * library is shown a clock as if it were UTC, and what it answers is taken as what the clock in the user's zone shows.
 */
import type { ParsedResult } from 'chrono-node';
import { GB } from 'chrono-node/en';
import { instantOfWall, wallOf } from './local-time.js';

export interface SpokenTime {
  at: Date;
  /** Whether a time of the day was said; otherwise the default one was taken. */
  saidTime: boolean;
  /** The words that were read as the time. */
  words: string;
  /** The text without them. */
  rest: string;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/**
 * The first time in the text; a bare "9am" is the next one to come. Undefined when there is none.
 * @param timeOfDay for days without a time, "09:00" unless told
 */
export function readSpokenTime(text: string, now: Date, timeZone: string, timeOfDay = '09:00'): SpokenTime | undefined {
  const wall = wallOf(now, timeZone);
  const read = (forwardDate: boolean): ParsedResult | undefined => GB.parse(text.slice(0, 2_000), { instant: new Date(wall), timezone: 0 }, { forwardDate })[0];
  const next = read(true);
  // "Last Friday" is past; the library would move it to the next one.
  const found = next && /^last\b/i.test(next.text) ? read(false) : next;
  if (!found) return undefined;
  const { start } = found;
  const rest = `${text.slice(0, found.index)} ${text.slice(found.index + found.text.length)}`.replace(/\s+/g, ' ').trim();
  const words = { words: found.text, rest };
  const shown = start.date().getTime();
  // "In 2 hours" is a duration: it is so long whatever the clocks do meanwhile.
  if (start.tags().has('result/relativeDateAndTime')) return { at: new Date(now.getTime() + shown - wall), saidTime: true, ...words };
  const offset = start.get('timezoneOffset');
  if (start.isCertain('timezoneOffset') && offset !== null) return { at: start.date(), saidTime: true, ...words };
  const said = start.isCertain('hour') || isPartOfDay(start.tags());
  return { at: instantOfWall(said ? shown : atTimeOfDay(shown, timeOfDay), timeZone), saidTime: said, ...words };
}

/** "Tonight", "this evening": no hour is said, and one is meant. */
const isPartOfDay = (tags: ReadonlySet<string>): boolean => [...tags].some((tag) => /casualReference\/(tonight|evening|morning|afternoon|noon|midnight)/.test(tag));

function atTimeOfDay(wall: number, timeOfDay: string): number {
  const [hour = '9', minute = '0'] = timeOfDay.split(':');
  return Math.floor(wall / DAY_MS) * DAY_MS + Number(hour) * HOUR_MS + Number(minute) * 60_000;
}
