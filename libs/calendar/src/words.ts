/** Recurrences and instants in words, for people who look at a reminder. */
import { RRuleTemporal } from 'rrule-temporal';
import { toText } from 'rrule-temporal/totext';
import { occurrencesFrom } from './recurrence.js';
import type { Recurrence } from './recurrence.js';
import { partsOf } from './rule.js';
import { readWall } from './local-time.js';

/** "every weekday at 9 AM (Europe/Berlin), except on 2026-12-24", "every 60 minutes". */
export function recurrenceInWords(recurrence: Recurrence): string {
  if (recurrence.kind === 'minutes') return recurrence.minutes === 1 ? 'every minute' : `every ${recurrence.minutes} minutes`;
  const { rule, start, timeZone, exceptions = [] } = recurrence;
  const parts = [...partsOf(rule)].map(([name, value]) => `${name}=${name === 'UNTIL' ? untilText(value) : value}`);
  const stamp = `${new Date(readWall(start)).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  const text = toText(new RRuleTemporal({ rruleString: `DTSTART:${stamp}\nRRULE:${parts.join(';')}` }), 'en').replace(/ UTC\b/g, '');
  return `${text} (${timeZone})${exceptions.length === 0 ? '' : `, except on ${exceptions.slice(0, 3).join(', ')}${exceptions.length > 3 ? ` and ${exceptions.length - 3} more` : ''}`}`;
}

/** "Mon 5 Jan 2026, 09:00". */
export function instantInWords(at: Date, timeZone: string): string {
  let format = formats.get(timeZone);
  if (!format) formats.set(timeZone, (format = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })));
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${part['weekday']} ${part['day']} ${part['month']} ${part['year']}, ${part['hour']}:${part['minute']}`;
}

/** What repeats it, and the next few times. */
export function previewInWords(recurrence: Recurrence, after: Date, timeZone: string, count = 5): string[] {
  const next = occurrencesFrom(recurrence, after, count);
  return [recurrenceInWords(recurrence), ...(next.length === 0 ? ['never again'] : next.map((at) => instantInWords(at, timeZone)))];
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The library wants an instant; the day is what is read. */
const untilText = (value: string): string => (value.includes('T') ? `${value.replace(/Z$/, '')}Z` : `${value}T235959Z`);
