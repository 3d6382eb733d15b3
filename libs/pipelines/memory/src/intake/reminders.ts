/** Reminders as people set, move and stop them, and the buttons below their notices. */
import { localTime, instantOfLocal, previewInWords } from '@carillon/calendar';
import type { MissedPolicy, Recurrence } from '@carillon/calendar';
import { newId } from '@carillon/persistence';
import { InvalidField } from '../errors.js';
import type { ModelReader } from '../model/memory-model.js';
import type { ReminderPress } from '../rules/buttons.js';
import type { MemoryServices } from '../services.js';
import { botSays } from '../texts/bot.js';
import { acting, checkMemory, checkText, found } from './acting.js';
import type { Act, Pager } from './acting.js';
import { firstOf, movedTo, readRecurrence, readTime } from './read-times.js';
import type { RecurrenceInput } from './read-times.js';

export const MAX_TEXT = 2_000;

export interface ReminderView {
  id: string;
  series_id: string;
  memory_id: string | null;
  text: string | null;
  fire_at: Date;
  recurrence: Recurrence | null;
  missed_policy: MissedPolicy;
  fired: boolean;
  fired_at: Date | null;
  missed: number;
  done_at: Date | null;
  last_error: string | null;
  created_at: Date;
  updated_at: Date;
}

const COLUMNS = 'id, series_id, memory_id, text, fire_at, recurrence, missed_policy, fired, fired_at, missed, done_at, last_error, created_at, updated_at';

export interface ReminderInput extends RecurrenceInput {
  memory_id?: string | null;
  text?: string | null;
  /** An instant, a local time, or words. */
  fire_at: string;
  missed_policy?: MissedPolicy;
  /** The same key again makes no second one. */
  source_key?: string;
  /** The model that read the time, when one did; for the audit. */
  read_by?: ModelReader | undefined;
}

export const createReminder = (services: MemoryServices, userId: string, input: ReminderInput): Promise<ReminderView> => acting(services, userId, (act) => insertReminder(act, input));

/** In the caller's transaction. */
export async function insertReminder(act: Act, input: ReminderInput): Promise<ReminderView> {
  const memoryId = await checkMemory(act, input.memory_id);
  const text = input.text == null ? null : checkText('text', input.text, MAX_TEXT);
  if (text === null && memoryId === null) throw new InvalidField('text', 'is missing: a reminder has words of its own, or a memory');
  const at = readTime('fire_at', input.fire_at, act.now, act.timeZone);
  const recurrence = readRecurrence(input, at, act.timeZone) ?? null;
  const fireAt = firstOf(recurrence, at);
  const id = newId();
  const [row] = await act.manager.query<ReminderView[]>(
    `INSERT INTO memory.reminder (id, series_id, memory_id, owner_id, text, fire_at, due_at, recurrence, missed_policy, source_key) VALUES ($1, $1, $2, $3, $4, $5, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
    [id, memoryId, act.userId, text, fireAt, recurrence && JSON.stringify(recurrence), input.missed_policy ?? 'coalesce', input.source_key ?? null],
  );
  if (!row) return found(await act.manager.query<ReminderView[]>(`SELECT ${COLUMNS} FROM memory.reminder WHERE owner_id = $1 AND source_key = $2`, [act.userId, input.source_key]), 'reminder of', input.source_key ?? '');
  act.audit({ entityType: 'reminder', entityId: id, action: 'created', ...(input.read_by && { detail: { read_by: { ...input.read_by } } }) });
  act.due(fireAt);
  return row;
}

export const getReminder = (services: MemoryServices, userId: string, id: string): Promise<ReminderView> => acting(services, userId, (act) => reminderOf(act, id));

/** The soonest first. */
export async function listReminders(services: MemoryServices, userId: string, { fired, upcoming, limit = 50, offset = 0 }: Pager & { fired?: boolean; upcoming?: boolean } = {}): Promise<ReminderView[]> {
  return acting(services, userId, ({ manager, now }) =>
    manager.query(`SELECT ${COLUMNS} FROM memory.reminder WHERE owner_id = $1 AND ($2::boolean IS NULL OR fired = $2) AND ($3::timestamptz IS NULL OR (NOT fired AND fire_at > $3)) ORDER BY fire_at, id LIMIT $4 OFFSET $5`, [userId, fired ?? null, upcoming === true ? now : null, limit, offset]));
}

/** What is not given stays. A new time arms a reminder again that has fired; null takes what repeats it away. */
export async function changeReminder(services: MemoryServices, userId: string, id: string, change: Partial<ReminderInput>): Promise<ReminderView> {
  return acting(services, userId, async (act) => {
    const before = await reminderOf(act, id);
    const at = change.fire_at === undefined ? before.fire_at : readTime('fire_at', change.fire_at, act.now, act.timeZone);
    const given = readRecurrence(change, at, act.timeZone);
    const recurrence = given === undefined ? (change.fire_at === undefined ? before.recurrence : movedTo(before.recurrence, at)) : given;
    const armed = change.fire_at !== undefined;
    const fireAt = armed || given ? firstOf(recurrence, at) : at;
    const memoryId = change.memory_id === undefined ? before.memory_id : await checkMemory(act, change.memory_id);
    const text = change.text === undefined ? before.text : change.text === null ? null : checkText('text', change.text, MAX_TEXT);
    // What follows it is on its way already; armed again, it would make a second row of them.
    const kept = armed && before.fired && (await hasFollowing(act, before)) ? null : recurrence;
    const [rows] = await act.manager.query<[ReminderView[], number]>(
      `UPDATE memory.reminder SET memory_id = $3, text = $4, fire_at = $5, recurrence = $6, missed_policy = coalesce($7, missed_policy), updated_at = engine.clock(),
         due_at = CASE WHEN $8 THEN $5 WHEN fired THEN due_at ELSE greatest(due_at, $5) END, arming = arming + CASE WHEN $8 AND fired THEN 1 ELSE 0 END, fired = fired AND NOT $8, fired_at = CASE WHEN $8 THEN NULL ELSE fired_at END,
         done_at = CASE WHEN $8 THEN NULL ELSE done_at END, missed = CASE WHEN $8 THEN 0 ELSE missed END, failures = CASE WHEN $8 THEN 0 ELSE failures END, last_error = CASE WHEN $8 THEN NULL ELSE last_error END
       WHERE id = $1 AND owner_id = $2 RETURNING ${COLUMNS}`,
      [id, userId, memoryId, text, fireAt, kept && JSON.stringify(kept), change.missed_policy ?? null, armed],
    );
    act.audit({ entityType: 'reminder', entityId: id, action: 'updated', detail: { changed: Object.keys(change).filter((name) => name !== 'read_by'), ...(change.read_by && { read_by: { ...change.read_by } }) } });
    if (armed) act.due(fireAt);
    return found(rows, 'reminder', id);
  });
}

/** @throws NotFound */
export async function deleteReminder(services: MemoryServices, userId: string, id: string): Promise<void> {
  await acting(services, userId, async (act) => {
    const [gone] = await act.manager.query<[unknown[], number]>('DELETE FROM memory.reminder WHERE id = $1 AND owner_id = $2 RETURNING id', [id, userId]);
    found(gone, 'reminder', id);
    act.audit({ entityType: 'reminder', entityId: id, action: 'deleted' });
  });
}

/** What would repeat when, in words; nothing is stored. */
export async function previewReminder(services: MemoryServices, userId: string, input: ReminderInput): Promise<{ fire_at: Date; in_words: string[] }> {
  return acting(services, userId, async ({ now, timeZone }) => {
    const at = readTime('fire_at', input.fire_at, now, timeZone);
    const recurrence = readRecurrence(input, at, timeZone) ?? null;
    const fireAt = firstOf(recurrence, at);
    return { fire_at: fireAt, in_words: recurrence === null ? [localTime(fireAt, timeZone)] : previewInWords(recurrence, new Date(fireAt.getTime() - (recurrence.kind === 'rule' ? 1 : recurrence.minutes * 60_000)), timeZone) };
  });
}

/** Whose buttons carry this token; undefined when nothing does any more. Those of its last notice do, until it rings again. */
export async function reminderOfToken(services: MemoryServices, userId: string, token: string): Promise<string | undefined> {
  return acting(services, userId, async ({ manager }) => (await manager.query<{ id: string }[]>('SELECT id FROM memory.reminder WHERE token = $1 AND owner_id = $2', [token, userId]))[0]?.id);
}

/** What came of a press, in the words that are shown. The same press again changes nothing more. */
export async function pressReminder(services: MemoryServices, userId: string, id: string, press: Exclude<ReminderPress, 'when'>, key: string): Promise<string> {
  return acting(services, userId, async (act) => {
    const reminder = await reminderOf(act, id);
    if (press === 'stop') return stopRepeating(act, reminder);
    const done = await act.manager.query<[unknown[], number]>('UPDATE memory.reminder SET done_at = engine.clock(), updated_at = engine.clock() WHERE id = $1 AND done_at IS NULL RETURNING id', [id]);
    if (press === 'done') {
      if (done[1] > 0) act.audit({ entityType: 'reminder', entityId: id, action: 'done' });
      return botSays.toast.done;
    }
    return snooze(act, reminder, press, key);
  });
}

/** Another reminder, once, with the same words: what repeats the first one goes on by itself. */
async function snooze(act: Act, reminder: ReminderView, press: 's10' | 's60' | 'tom', key: string): Promise<string> {
  const [known] = await act.manager.query<{ at: Date }[]>(`SELECT (detail->>'until')::timestamptz AS at FROM memory.audit WHERE entity_type = 'reminder' AND entity_id = $1 AND action = 'snoozed' AND detail->>'key' = $2`, [reminder.id, key]);
  if (known) return botSays.toast.snoozed(known.at, act.timeZone);
  const at = press === 'tom' ? tomorrowAtNine(act) : new Date(act.now.getTime() + (press === 's10' ? 10 : 60) * 60_000);
  const { id } = await insertReminder(act, { memory_id: reminder.memory_id, text: reminder.text ?? (reminder.memory_id === null ? 'Reminder' : null), fire_at: at.toISOString() });
  act.audit({ entityType: 'reminder', entityId: reminder.id, action: 'snoozed', detail: { until: at.toISOString(), reminder_id: id, key } });
  return botSays.toast.snoozed(at, act.timeZone);
}

async function stopRepeating({ manager, userId, audit }: Act, { id, series_id: series }: ReminderView): Promise<string> {
  const [gone] = await manager.query<[{ id: string }[], number]>('DELETE FROM memory.reminder WHERE owner_id = $1 AND series_id = $2 AND NOT fired AND id <> $3 AND recurrence IS NOT NULL RETURNING id', [userId, series, id]);
  const [, changed] = await manager.query<[unknown[], number]>('UPDATE memory.reminder SET recurrence = NULL, updated_at = engine.clock() WHERE id = $1 AND recurrence IS NOT NULL RETURNING id', [id]);
  for (const one of gone) audit({ entityType: 'reminder', entityId: one.id, action: 'deleted', detail: { source: 'stop_repeating' } });
  if (changed > 0) audit({ entityType: 'reminder', entityId: id, action: 'updated', detail: { changed: ['recurrence'] } });
  return botSays.toast.stopped;
}

const tomorrowAtNine = ({ now, timeZone }: Act): Date => {
  const today = Date.parse(`${localTime(now, timeZone).slice(0, 10)}T00:00:00Z`);
  return instantOfLocal(`${new Date(today + 86_400_000).toISOString().slice(0, 10)}T09:00`, timeZone);
};

const hasFollowing = async ({ manager, userId }: Act, { id, series_id: series }: ReminderView): Promise<boolean> => (await manager.query<unknown[]>('SELECT 1 FROM memory.reminder WHERE owner_id = $1 AND series_id = $2 AND NOT fired AND id <> $3 LIMIT 1', [userId, series, id])).length > 0;

/** Held until the transaction ends, so that the step and a person can not both change it. */
async function reminderOf({ manager, userId }: Act, id: string): Promise<ReminderView> {
  return found(await manager.query<ReminderView[]>(`SELECT ${COLUMNS} FROM memory.reminder WHERE id = $1 AND owner_id = $2 FOR NO KEY UPDATE`, [id, userId]), 'reminder', id);
}
