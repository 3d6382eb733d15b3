/** Events that were found or told, until somebody confirms or rejects them. A confirmed one has a reminder, which follows it. */
import { newId, queueNotices } from '@carillon/persistence';
import type { EventConfirmationContent } from '@carillon/shared';
import { Conflict } from '../errors.js';
import { eventButtons } from '../rules/buttons.js';
import { nextAsking } from '../rules/reprompt.js';
import type { MemoryServices } from '../services.js';
import { newTokens } from '../store/due-reminders.js';
import { botSays } from '../texts/bot.js';
import { acting, checkMemory, checkText, found } from './acting.js';
import type { Act, Pager } from './acting.js';
import { readTime } from './read-times.js';
import { insertReminder } from './reminders.js';

export interface EventView {
  id: string;
  memory_id: string | null;
  description: string;
  event_time: Date;
  source_type: 'email' | 'manual';
  source_detail: string | null;
  status: 'pending' | 'confirmed' | 'rejected';
  pending_since: Date;
  asked: number;
  reminder_id: string | null;
  confirmed_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

export interface EventInput {
  memory_id?: string | null;
  description: string;
  event_time: string;
  source_type?: 'email' | 'manual';
  source_detail?: string;
}

const COLUMNS = 'id, memory_id, description, event_time, source_type, source_detail, status, pending_since, asked, reminder_id, confirmed_at, created_at, updated_at';
const MAX_DESCRIPTION = 2_000;

/** It waits for an answer, which is asked for at once when a machine found it, and again later. */
export async function createEvent(services: MemoryServices, userId: string, input: EventInput): Promise<EventView> {
  return acting(services, userId, async (act) => {
    const [id, [token = '']] = [newId(), newTokens(1)];
    const source = input.source_type ?? 'manual';
    const description = checkText('description', input.description, MAX_DESCRIPTION);
    const at = readTime('event_time', input.event_time, act.now, act.timeZone);
    const askAt = nextAsking(0, act.now, services.settings);
    const [row] = await act.manager.query<EventView[]>(
      `INSERT INTO memory.event (id, memory_id, owner_id, description, event_time, source_type, source_detail, status, pending_since, ask_at, token) VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending', $8, $9, $10) RETURNING ${COLUMNS}`,
      [id, await checkMemory(act, input.memory_id), userId, description, at, source, input.source_detail ?? null, act.now, askAt, token],
    );
    if (source === 'email') {
      const content: EventConfirmationContent = { event_id: id, description, event_date: at.toISOString(), time_zone: act.timeZone, buttons: eventButtons(token), ...(input.source_detail !== undefined && { source_detail: input.source_detail }) };
      await queueNotices(act.manager, [{ channel: 'telegram', recipient: userId, messageType: 'event_confirmation', content, dedupeKey: `memory:event:${id}:new` }]);
    }
    act.audit({ entityType: 'event', entityId: id, action: 'created', detail: { source } });
    if (askAt) act.due(askAt);
    return row as EventView;
  });
}

export const getEvent = (services: MemoryServices, userId: string, id: string): Promise<EventView> => acting(services, userId, (act) => eventOf(act, id));

/** The latest first. */
export async function listEvents(services: MemoryServices, userId: string, { status, limit = 50, offset = 0 }: Pager & { status?: EventView['status'] } = {}): Promise<EventView[]> {
  return acting(services, userId, ({ manager }) => manager.query(`SELECT ${COLUMNS} FROM memory.event WHERE owner_id = $1 AND ($2::text IS NULL OR status = $2) ORDER BY event_time DESC, id DESC LIMIT $3 OFFSET $4`, [userId, status ?? null, limit, offset]));
}

/** Its reminder follows what is changed: its time, its words, and that it is confirmed or rejected. */
export async function changeEvent(services: MemoryServices, userId: string, id: string, change: { description?: string; event_time?: string; status?: 'confirmed' | 'rejected' }): Promise<EventView> {
  return acting(services, userId, async (act) => {
    const before = await eventOf(act, id);
    const description = change.description === undefined ? before.description : checkText('description', change.description, MAX_DESCRIPTION);
    const at = change.event_time === undefined ? before.event_time : readTime('event_time', change.event_time, act.now, act.timeZone);
    const status = change.status ?? before.status;
    await act.manager.query(
      `UPDATE memory.event SET description = $2, event_time = $3, status = $4, confirmed_at = CASE WHEN $4 = 'confirmed' THEN coalesce(confirmed_at, engine.clock()) END, ask_at = CASE WHEN $4 = 'pending' THEN ask_at END, updated_at = engine.clock() WHERE id = $1`,
      [id, description, at, status],
    );
    await remind(act, { ...before, description, event_time: at, status });
    const action = status === before.status ? 'updated' : (status as 'confirmed' | 'rejected');
    act.audit({ entityType: 'event', entityId: id, action, detail: { changed: Object.keys(change) } });
    return eventOf(act, id);
  });
}

export async function deleteEvent(services: MemoryServices, userId: string, id: string): Promise<void> {
  await acting(services, userId, async (act) => {
    const event = await eventOf(act, id);
    await dropReminder(act, event);
    await act.manager.query('DELETE FROM memory.event WHERE id = $1', [id]);
    act.audit({ entityType: 'event', entityId: id, action: 'deleted' });
  });
}

/** Whose buttons carry this token; undefined when nothing does any more. */
export async function eventOfToken(services: MemoryServices, userId: string, token: string): Promise<string | undefined> {
  return acting(services, userId, async ({ manager }) => (await manager.query<{ id: string }[]>('SELECT id FROM memory.event WHERE token = $1 AND owner_id = $2', [token, userId]))[0]?.id);
}

/** @throws Conflict when it was answered the other way already */
export async function pressEvent(services: MemoryServices, userId: string, id: string, press: 'yes' | 'no'): Promise<string> {
  const wanted = press === 'yes' ? 'confirmed' : 'rejected';
  const { status } = await getEvent(services, userId, id);
  if (status !== 'pending' && status !== wanted) throw new Conflict(`This event was ${status} already.`);
  if (status === 'pending') await changeEvent(services, userId, id, { status: wanted });
  return press === 'yes' ? botSays.toast.confirmed : botSays.toast.rejected;
}

/** So long before the event as the person wants; at the event itself when that is past already, and not at all when it is over. */
async function remind(act: Act, event: EventView): Promise<void> {
  await dropReminder(act, event);
  if (event.status !== 'confirmed' || event.event_time <= act.now) return;
  const [setting] = await act.manager.query<{ lead: number }[]>('SELECT event_lead_minutes AS lead FROM memory.setting WHERE user_id = $1', [act.userId]);
  const early = new Date(event.event_time.getTime() - (setting?.lead ?? 60) * 60_000);
  const { id } = await insertReminder(act, { memory_id: event.memory_id, text: event.description, fire_at: (early > act.now ? early : event.event_time).toISOString() });
  await act.manager.query('UPDATE memory.event SET reminder_id = $2 WHERE id = $1', [event.id, id]);
}

/** One that has fired already stays in the history. */
async function dropReminder({ manager, audit }: Act, { id, reminder_id: reminder }: EventView): Promise<void> {
  if (reminder === null) return;
  const [gone] = await manager.query<[{ id: string }[], number]>('DELETE FROM memory.reminder WHERE id = $1 AND NOT fired RETURNING id', [reminder]);
  for (const one of gone) audit({ entityType: 'reminder', entityId: one.id, action: 'deleted', detail: { event_id: id } });
}

async function eventOf({ manager, userId }: Act, id: string): Promise<EventView> {
  return found(await manager.query<EventView[]>(`SELECT ${COLUMNS} FROM memory.event WHERE id = $1 AND owner_id = $2 FOR NO KEY UPDATE`, [id, userId]), 'event', id);
}
