/** Times and recurrences as people send them, read in their zone. */
import { CalendarError, checkRecurrence, instantOfLocal, localTime, nextOccurrence, readSpokenTime } from '@carillon/calendar';
import type { Recurrence } from '@carillon/calendar';
import { InvalidField } from '../errors.js';

/** ISO 8601 with its offset, a local time without one, or words: "tomorrow 9am". @throws InvalidField */
export function readTime(field: string, text: string, now: Date, timeZone: string): Date {
  const trimmed = text.trim();
  const at = inField(field, () => {
    if (/^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:?\d{2})$/i.test(trimmed)) return new Date(trimmed);
    if (/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?$/.test(trimmed)) return instantOfLocal(trimmed, timeZone);
    return readSpokenTime(trimmed, now, timeZone)?.at;
  });
  if (at === undefined || Number.isNaN(at.getTime())) throw new InvalidField(field, `"${trimmed.slice(0, 80)}" is no time that is understood: write it like "2026-01-05T09:00", "tomorrow 9am" or "in 2 hours"`);
  if (at.getTime() > now.getTime() + 100 * 366 * 86_400_000) throw new InvalidField(field, `"${trimmed.slice(0, 80)}" is more than a hundred years away`);
  return at;
}

/** What repeats: minutes, or a rule of RFC 5545; both absent means no change, null means that nothing repeats. */
export interface RecurrenceInput {
  recurrence_minutes?: number | null;
  rule?: string | null;
  exceptions?: string[];
}

/** @returns undefined when nothing was said of it. @throws InvalidField */
export function readRecurrence({ recurrence_minutes: minutes, rule, exceptions }: RecurrenceInput, first: Date, timeZone: string): Recurrence | null | undefined {
  if (minutes != null && rule != null) throw new InvalidField('rule', 'and recurrence_minutes exclude each other: send one');
  if (minutes != null) return inField('recurrence_minutes', () => checkRecurrence({ kind: 'minutes', minutes }));
  if (rule != null) return inField('rule', () => checkRecurrence({ kind: 'rule', rule, start: localTime(first, timeZone), timeZone, ...(exceptions && exceptions.length > 0 && { exceptions }) }));
  return minutes === null || rule === null ? null : undefined;
}

/** When it rings first: at the instant itself, or at the first one of the rule from there on. @throws InvalidField when the rule is never due */
export function firstOf(recurrence: Recurrence | null, at: Date): Date {
  if (recurrence?.kind !== 'rule') return at;
  const first = nextOccurrence(recurrence, new Date(at.getTime() - 1));
  if (first === null) throw new InvalidField('rule', 'is over before it begins: its end lies before the first time');
  return first;
}

/** The same row of occurrences, from another time on. */
export const movedTo = (recurrence: Recurrence | null, at: Date): Recurrence | null => (recurrence?.kind === 'rule' ? { ...recurrence, start: localTime(at, recurrence.timeZone) } : recurrence);

function inField<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof CalendarError) throw new InvalidField(field, `can not be read: ${error.message}`, { cause: error });
    throw error;
  }
}
