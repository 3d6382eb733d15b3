/** What people note: texts, and images that wait for being confirmed. */
import { days } from '@carillon/engine';
import { newId } from '@carillon/persistence';
import { Conflict, InvalidField } from '../errors.js';
import { imageKind } from '../media.js';
import type { MemoryServices } from '../services.js';
import { removeMemories } from '../store/pending-images.js';
import { acting, checkText, found } from './acting.js';
import type { Act, Pager } from './acting.js';
import { addSuggestions, addTags } from './tags.js';

export const MAX_CONTENT = 10_000;

export interface MemoryView {
  id: string;
  content: string | null;
  media_type: 'image' | null;
  status: 'confirmed' | 'pending';
  pending_expires_at: Date | null;
  is_pinned: boolean;
  tags: { tag: string; status: 'suggested' | 'confirmed' }[];
  created_at: Date;
  updated_at: Date;
}

export const MEMORY_COLUMNS = `m.id, m.content, m.media_type, m.status, m.pending_expires_at, m.is_pinned, m.created_at, m.updated_at,
  (SELECT coalesce(json_agg(json_build_object('tag', t.tag, 'status', t.status) ORDER BY t.tag), '[]') FROM memory.tag t WHERE t.memory_id = m.id) AS tags`;

export interface NewMemory {
  content: string;
  tags?: string[];
  source_chat_id?: string;
  source_message_id?: string;
}

/** A text is confirmed and found at once. @param suggest whether tags are suggested from its words; not before it is known to be a note */
export async function createMemory(services: MemoryServices, userId: string, { content, tags = [], source_chat_id: chat, source_message_id: message }: NewMemory, { suggest = true }: { suggest?: boolean } = {}): Promise<MemoryView> {
  const text = checkText('content', content, MAX_CONTENT);
  return acting(services, userId, async (act) => {
    const id = newId();
    const made = await act.manager.query<unknown[]>(`INSERT INTO memory.memory (id, owner_id, content, status, source_chat_id, source_message_id) VALUES ($1, $2, $3, 'confirmed', $4, $5) ON CONFLICT DO NOTHING RETURNING id`, [id, userId, text, chat ?? null, message ?? null]);
    if (made.length === 0) return memoryOfSource(act, message ?? '');
    act.audit({ entityType: 'memory', entityId: id, action: 'created' });
    if (tags.length > 0) await addTags(act, id, tags, 'confirmed');
    if (suggest) await addSuggestions(act, services, id, text);
    return memoryOf(act, id);
  });
}

/** An image waits for being confirmed, and goes when nobody does. What it is, is read from its bytes; its name is ours. */
export async function createImage(services: MemoryServices, userId: string, bytes: Uint8Array, { caption, fileId, source }: { caption?: string; fileId?: string; source?: string } = {}): Promise<MemoryView> {
  const { settings, media } = services;
  const kind = imageKind(bytes);
  if (!kind) throw new InvalidField('image', 'is none that is taken: send JPEG, PNG, GIF or WebP');
  if (bytes.byteLength > settings.memoryImageMaxBytes) throw new InvalidField('image', `has ${bytes.byteLength} bytes: ${settings.memoryImageMaxBytes} at most`);
  const text = caption === undefined || caption.trim() === '' ? null : checkText('caption', caption, MAX_CONTENT);
  const id = newId();
  const path = `${folderOf(userId)}/${id}.${kind.extension}`;
  // The file first: a row without its file would be shown, a file without its row is only room.
  await media.write(path, bytes);
  try {
    return await acting(services, userId, async (act) => {
      const expires = new Date(act.now.getTime() + days(settings.memoryPendingDays));
      await act.manager.query(`INSERT INTO memory.memory (id, owner_id, content, media_type, media_file_id, media_path, status, pending_expires_at, expiry_due_at, source_message_id) VALUES ($1, $2, $3, 'image', $4, $5, 'pending', $6, $6, $7)`, [id, userId, text, fileId ?? null, path, expires, source ?? null]);
      act.audit({ entityType: 'memory', entityId: id, action: 'created', detail: { media: kind.type, bytes: bytes.byteLength } });
      act.due(expires);
      if (text !== null) await addSuggestions(act, services, id, text);
      return memoryOf(act, id);
    });
  } catch (error) {
    await media.remove(path);
    throw error;
  }
}

export const getMemory = (services: MemoryServices, userId: string, id: string): Promise<MemoryView> => acting(services, userId, (act) => memoryOf(act, id));

export async function listMemories(services: MemoryServices, userId: string, { pinned, status, limit = 50, offset = 0 }: Pager & { pinned?: boolean; status?: MemoryView['status'] } = {}): Promise<MemoryView[]> {
  return acting(services, userId, ({ manager }) =>
    manager.query(`SELECT ${MEMORY_COLUMNS} FROM memory.memory m WHERE m.owner_id = $1 AND ($2::boolean IS NULL OR m.is_pinned = $2) AND ($5::text IS NULL OR m.status = $5) ORDER BY m.created_at DESC, m.id DESC LIMIT $3 OFFSET $4`, [userId, pinned ?? null, limit, offset, status ?? null]));
}

/** Content, pin, and that a pending one is confirmed; what is found by search follows by itself. */
export async function changeMemory(services: MemoryServices, userId: string, id: string, change: { content?: string; is_pinned?: boolean; status?: 'confirmed' }): Promise<MemoryView> {
  const content = change.content === undefined ? null : checkText('content', change.content, MAX_CONTENT);
  return acting(services, userId, async (act) => {
    const before = await memoryOf(act, id);
    await act.manager.query(
      `UPDATE memory.memory SET content = coalesce($3, content), is_pinned = coalesce($4, is_pinned), status = coalesce($5, status), updated_at = engine.clock(),
         pending_expires_at = CASE WHEN $5 = 'confirmed' THEN NULL ELSE pending_expires_at END, expiry_due_at = CASE WHEN $5 = 'confirmed' THEN NULL ELSE expiry_due_at END WHERE id = $1 AND owner_id = $2`,
      [id, userId, content, change.is_pinned ?? null, change.status ?? null],
    );
    act.audit({ entityType: 'memory', entityId: id, action: change.status === 'confirmed' && before.status === 'pending' ? 'confirmed' : 'updated', detail: { changed: Object.keys(change) } });
    return memoryOf(act, id);
  });
}

/** @param withDependents its tasks, reminders and events go too; otherwise they keep it. @throws NotFound, Conflict */
export async function deleteMemory(services: MemoryServices, userId: string, id: string, withDependents = false): Promise<void> {
  await acting(services, userId, async (act) => {
    const { manager } = act;
    const { path } = found(await manager.query<{ path: string | null }[]>('SELECT media_path AS path FROM memory.memory WHERE id = $1 AND owner_id = $2 FOR UPDATE', [id, userId]), 'memory', id);
    for (const table of ['event', 'reminder', 'task'] as const) {
      if (withDependents) {
        const [gone] = await manager.query<[{ id: string }[], number]>(`DELETE FROM memory.${table} WHERE memory_id = $1 AND owner_id = $2 RETURNING id`, [id, userId]);
        for (const one of gone) act.audit({ entityType: table, entityId: one.id, action: 'deleted', detail: { with_memory: id } });
      } else {
        const [row] = await manager.query<{ count: number }[]>(`SELECT count(*)::int AS count FROM memory.${table} WHERE memory_id = $1 AND owner_id = $2`, [id, userId]);
        if (row && row.count > 0) throw new Conflict(`${row.count} ${table}${row.count === 1 ? ' refers' : 's refer'} to this memory: delete ${row.count === 1 ? 'it' : 'them'} first, or ask for both with "dependents=delete"`);
      }
    }
    await removeMemories(manager, [{ id, ownerId: userId, path }]);
    act.audit({ entityType: 'memory', entityId: id, action: 'deleted' });
    if (path !== null) act.due(act.now);
  });
}

/** The image's bytes and what they are. @throws NotFound */
export async function readImage(services: MemoryServices, userId: string, id: string): Promise<{ type: string; bytes: Buffer }> {
  const rows = await acting(services, userId, ({ manager }) => manager.query<{ path: string }[]>('SELECT media_path AS path FROM memory.memory WHERE id = $1 AND owner_id = $2 AND media_path IS NOT NULL', [id, userId]));
  const bytes = await services.media.read(found(rows, 'image of memory', id).path);
  return { bytes, type: imageKind(bytes)?.type ?? 'application/octet-stream' };
}

/** What a message became when it was handled before; undefined when it was not. */
export async function findBySource(services: MemoryServices, userId: string, source: string): Promise<string | undefined> {
  return acting(services, userId, async ({ manager }) => (await manager.query<{ id: string }[]>('SELECT id FROM memory.memory WHERE owner_id = $1 AND source_message_id = $2', [userId, source]))[0]?.id);
}

async function memoryOfSource({ manager, userId }: Act, source: string): Promise<MemoryView> {
  return found(await manager.query<MemoryView[]>(`SELECT ${MEMORY_COLUMNS} FROM memory.memory m WHERE m.source_message_id = $1 AND m.owner_id = $2`, [source, userId]), 'memory of', source);
}

async function memoryOf({ manager, userId }: Act, id: string): Promise<MemoryView> {
  return found(await manager.query<MemoryView[]>(`SELECT ${MEMORY_COLUMNS} FROM memory.memory m WHERE m.id = $1 AND m.owner_id = $2`, [id, userId]), 'memory', id);
}

/** An id has nothing in it that leads elsewhere but a colon and dots, which some file systems take amiss. */
const folderOf = (userId: string): string => Buffer.from(userId).toString('hex');
