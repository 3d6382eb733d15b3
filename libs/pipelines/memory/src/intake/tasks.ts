/** Things to do. One that repeats makes the next when it is done. */
import { nextOccurrence } from '@carillon/calendar';
import type { Recurrence } from '@carillon/calendar';
import type { JsonObject } from '@carillon/engine';
import { newId } from '@carillon/persistence';
import type { ModelReader } from '../model/memory-model.js';
import type { MemoryServices } from '../services.js';
import { acting, checkMemory, checkText, found } from './acting.js';
import type { Act, Pager } from './acting.js';
import { firstOf, movedTo, readRecurrence, readTime } from './read-times.js';
import type { RecurrenceInput } from './read-times.js';

export interface TaskView {
  id: string;
  memory_id: string | null;
  description: string;
  state: 'NOT_DONE' | 'DONE';
  due_at: Date | null;
  recurrence: Recurrence | null;
  completed_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

export interface TaskInput extends RecurrenceInput {
  memory_id?: string | null;
  description: string;
  due_at?: string | null;
  /** The same key again makes no second one. */
  source_key?: string;
  /** The model that read the time, when one did; for the audit. */
  read_by?: ModelReader | undefined;
}

export interface TaskFilter extends Pager {
  state?: 'NOT_DONE' | 'DONE';
  due_before?: string;
  due_after?: string;
}

const COLUMNS = 'id, memory_id, description, state, due_at, recurrence, completed_at, created_at, updated_at';
const MAX_DESCRIPTION = 2_000;

export async function createTask(services: MemoryServices, userId: string, input: TaskInput): Promise<TaskView> {
  return acting(services, userId, async (act) => {
    const due = input.due_at == null ? null : readTime('due_at', input.due_at, act.now, act.timeZone);
    const recurrence = readRecurrence(input, due ?? act.now, act.timeZone) ?? null;
    const memoryId = await checkMemory(act, input.memory_id);
    return insertTask(act, { memoryId, description: checkText('description', input.description, MAX_DESCRIPTION), due: due && firstOf(recurrence, due), recurrence, key: input.source_key ?? null }, input.read_by && { read_by: { ...input.read_by } });
  });
}

export const getTask = (services: MemoryServices, userId: string, id: string): Promise<TaskView> => acting(services, userId, (act) => taskOf(act, id));

/** Newest first. */
export async function listTasks(services: MemoryServices, userId: string, { state, due_before: before, due_after: after, limit = 50, offset = 0 }: TaskFilter = {}): Promise<TaskView[]> {
  return acting(services, userId, ({ manager, now, timeZone }) =>
    manager.query(`SELECT ${COLUMNS} FROM memory.task WHERE owner_id = $1 AND ($2::text IS NULL OR state = $2) AND ($3::timestamptz IS NULL OR due_at < $3) AND ($4::timestamptz IS NULL OR due_at > $4) ORDER BY created_at DESC, id DESC LIMIT $5 OFFSET $6`, [
      ...[userId, state ?? null, before === undefined ? null : readTime('due_before', before, now, timeZone), after === undefined ? null : readTime('due_after', after, now, timeZone), limit, offset],
    ]));
}

/** Of a task's words so many must stand in the note, in whatever form they are bent to, and at least two. */
const LOOKS_RELATED = 0.6;
const WORDS_SHARED = 2;

/** The open task that a note looks related to: "called the plumber" and "call the plumber". Undefined when there is none. */
export async function taskLike(services: MemoryServices, userId: string, memory: { id: string; content: string | null }): Promise<Pick<TaskView, 'id' | 'description'> | undefined> {
  if (memory.content === null) return undefined;
  const [task] = await acting(services, userId, ({ manager }) =>
    manager.query<Pick<TaskView, 'id' | 'description'>[]>(
      `SELECT t.id, t.description FROM memory.task t, LATERAL (
         SELECT count(*)::int AS words, count(*) FILTER (WHERE word = ANY(tsvector_to_array(to_tsvector('english', $2))))::int AS shared FROM unnest(tsvector_to_array(to_tsvector('english', t.description))) AS word
       ) AS s
       WHERE t.owner_id = $1 AND t.state = 'NOT_DONE' AND t.memory_id IS DISTINCT FROM $3 AND s.shared >= $4 AND s.shared >= $5::float8 * s.words ORDER BY s.shared DESC, t.created_at DESC, t.id LIMIT 1`,
      [userId, memory.content, memory.id, WORDS_SHARED, LOOKS_RELATED],
    ));
  return task;
}

/** @returns with the id of the one that follows, when it was done and repeats */
export async function changeTask(services: MemoryServices, userId: string, id: string, change: Partial<TaskInput> & { state?: 'NOT_DONE' | 'DONE' }): Promise<{ task: TaskView; recurring_task_id: string | null }> {
  return acting(services, userId, async (act) => {
    const before = await taskOf(act, id);
    const due = change.due_at === undefined ? before.due_at : change.due_at === null ? null : readTime('due_at', change.due_at, act.now, act.timeZone);
    const given = readRecurrence(change, due ?? act.now, act.timeZone);
    const recurrence = given === undefined ? (change.due_at == null ? before.recurrence : movedTo(before.recurrence, due as Date)) : given;
    const state = change.state ?? before.state;
    const memoryId = change.memory_id === undefined ? before.memory_id : await checkMemory(act, change.memory_id);
    const description = change.description === undefined ? before.description : checkText('description', change.description, MAX_DESCRIPTION);
    const [rows] = await act.manager.query<[TaskView[], number]>(
      `UPDATE memory.task SET memory_id = $2, description = $3, due_at = $4, recurrence = $5, state = $6, completed_at = CASE WHEN $6 = 'DONE' THEN coalesce(completed_at, engine.clock()) END, updated_at = engine.clock() WHERE id = $1 RETURNING ${COLUMNS}`,
      [id, memoryId, description, due, recurrence && JSON.stringify(recurrence), state],
    );
    const finished = before.state !== 'DONE' && state === 'DONE';
    act.audit({ entityType: 'task', entityId: id, action: finished ? 'done' : 'updated', detail: { changed: Object.keys(change) } });
    const next = finished && recurrence !== null ? nextOccurrence(recurrence, due ?? act.now) : null;
    const following = next && (await insertTask(act, { memoryId, description, due: next, recurrence, key: null }, { reason: 'recurring_task', parent_task_id: id }));
    return { task: found(rows, 'task', id), recurring_task_id: following?.id ?? null };
  });
}

export async function deleteTask(services: MemoryServices, userId: string, id: string): Promise<void> {
  await acting(services, userId, async (act) => {
    const [gone] = await act.manager.query<[unknown[], number]>('DELETE FROM memory.task WHERE id = $1 AND owner_id = $2 RETURNING id', [id, userId]);
    found(gone, 'task', id);
    act.audit({ entityType: 'task', entityId: id, action: 'deleted' });
  });
}

interface NewTask {
  memoryId: string | null;
  description: string;
  due: Date | null;
  recurrence: Recurrence | null;
  key: string | null;
}

async function insertTask(act: Act, { memoryId, description, due, recurrence, key }: NewTask, detail: JsonObject = {}): Promise<TaskView> {
  const id = newId();
  const [row] = await act.manager.query<TaskView[]>(`INSERT INTO memory.task (id, memory_id, owner_id, description, state, due_at, recurrence, source_key) VALUES ($1, $2, $3, $4, 'NOT_DONE', $5, $6, $7) ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`, [id, memoryId, act.userId, description, due, recurrence && JSON.stringify(recurrence), key]);
  if (!row) return found(await act.manager.query<TaskView[]>(`SELECT ${COLUMNS} FROM memory.task WHERE owner_id = $1 AND source_key = $2`, [act.userId, key]), 'task of', key ?? '');
  act.audit({ entityType: 'task', entityId: id, action: 'created', detail });
  return row;
}

async function taskOf({ manager, userId }: Act, id: string): Promise<TaskView> {
  return found(await manager.query<TaskView[]>(`SELECT ${COLUMNS} FROM memory.task WHERE id = $1 AND owner_id = $2 FOR NO KEY UPDATE`, [id, userId]), 'task', id);
}
