/** What becomes of one due reminder: what is told, when it may be told, and which occurrence follows. */
import { endOfQuiet, missedBy, recurrenceInWords } from '@carillon/calendar';
import type { MissedPolicy, Recurrence } from '@carillon/calendar';
import type { ReminderContent } from '@carillon/shared';

export interface DueReminder {
  id: string;
  memoryId: string | null;
  ownerId: string;
  text: string | null;
  fireAt: Date;
  recurrence: Recurrence | null;
  missedPolicy: MissedPolicy;
  arming: number;
  /** Of its buttons, from the beginning; null of one that was stored before it was so. */
  token: string | null;
  failures: number;
  /** What its memory says; null without one. */
  memoryContent: string | null;
  /** Its memory is an image. */
  image: boolean;
  timeZone: string | null;
  quietFrom: string | null;
  quietTo: string | null;
}

export interface Firing {
  id: string;
  ownerId: string;
  /** Occurrences that end here; 0 unless there are several. */
  missed: number;
  /** Absent when it is too late to be of use (policy `skip`). */
  notice?: { content: ReminderContent; dedupeKey: string; notBefore: Date | null };
  next: Date | null;
}

/**
 * Buttons belong to one notice: one that rings again has others. The first has those that its row was made with, as a new token costs an entry in an index.
 */
export const needsToken = ({ arming, token }: Pick<DueReminder, 'arming' | 'token'>): boolean => arming > 0 || token === null;

/** @param token what its buttons carry. @throws CalendarError when what repeats it can not be read any more */
export function fire(reminder: DueReminder, now: Date, token: string, graceMs: number): Firing {
  const { id, ownerId, memoryId, text, recurrence, timeZone, quietFrom, quietTo } = reminder;
  const { latest, owed, tell, next } = missedBy(recurrence, reminder.fireAt, now, reminder.missedPolicy, graceMs);
  const missed = owed > 1 ? owed : 0;
  const firing: Firing = { id, ownerId, missed, next };
  if (!tell) return firing;
  const notBefore = quietFrom === null || quietTo === null ? null : (endOfQuiet(now, timeZone ?? 'UTC', { from: quietFrom, to: quietTo }) ?? null);
  const content: ReminderContent = {
    ...{ reminder_id: id, memory_id: memoryId, text, memory_content: reminder.memoryContent, fire_at: latest.toISOString(), missed },
    late_by: Math.max(0, Math.floor(((notBefore ?? now).getTime() - latest.getTime()) / 1_000)),
    time_zone: timeZone ?? 'UTC',
    ...(recurrence && { repeats: recurrenceInWords(recurrence) }),
    ...(reminder.image && { image: true as const }),
    ...(next && { next_at: next.toISOString() }),
    ...(next && next <= now && { made_up_for: true }),
    token,
  };
  return { ...firing, notice: { content, notBefore, dedupeKey: `memory:reminder:${id}:${reminder.arming}` } };
}

/** When a reminder that could not be fired is tried again: a minute, doubled each time, an hour at most. */
export const nextTry = (failures: number, now: Date): Date => new Date(now.getTime() + Math.min(60, 2 ** Math.min(failures, 10)) * 60_000);
