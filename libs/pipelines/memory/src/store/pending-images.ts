/** Images that nobody confirmed in time. The row goes first and leaves a tombstone of its file; one that something refers to stays, with the reason. */
import type { EntityManager } from 'typeorm';
import { recordAudit, SYSTEM } from './audit.js';

interface Expired {
  id: string;
  ownerId: string;
  path: string | null;
  tries: number;
  /** What refers to it, and so keeps it. */
  keptBy: string | null;
}

export interface ExpiredImages {
  gone: string[];
  kept: { id: string; reason: string }[];
}

/** An image that can not go is looked at again after a day: what refers to it may be gone by then. */
const AGAIN_AFTER = '1 day';

/** Up to so many at once, in the caller's transaction. */
export async function expireImages(manager: EntityManager, now: Date, limit: number): Promise<ExpiredImages> {
  const expired = await manager.query<Expired[]>(
    `SELECT m.id, m.owner_id AS "ownerId", m.media_path AS path, m.expiry_tries AS tries,
       CASE WHEN EXISTS (SELECT FROM memory.task t WHERE t.memory_id = m.id) THEN 'task' WHEN EXISTS (SELECT FROM memory.reminder r WHERE r.memory_id = m.id AND r.owner_id = m.owner_id) THEN 'reminder'
            WHEN EXISTS (SELECT FROM memory.event e WHERE e.memory_id = m.id) THEN 'event' END AS "keptBy"
     FROM memory.memory m WHERE m.status = 'pending' AND m.expiry_due_at <= $1 ORDER BY m.expiry_due_at LIMIT $2 FOR UPDATE OF m SKIP LOCKED`,
    [now, limit],
  );
  const going = expired.filter(({ keptBy }) => keptBy === null);
  const staying = expired.filter(({ keptBy }) => keptBy !== null);
  await removeMemories(manager, going);
  await recordAudit(manager, SYSTEM, going.map(({ id, ownerId }) => ({ ownerId, entityType: 'memory', entityId: id, action: 'expired' })));
  const kept = staying.map(({ id, keptBy }) => ({ id, reason: `a ${keptBy} refers to it: confirm it, or delete the ${keptBy}` }));
  await manager.query(
    `UPDATE memory.memory m SET expiry_due_at = $2::timestamptz + interval '${AGAIN_AFTER}', expiry_tries = expiry_tries + 1, expiry_error = k.reason FROM json_to_recordset($1::json) AS k (id uuid, reason text) WHERE m.id = k.id`,
    [JSON.stringify(kept), now],
  );
  // Told once: the same line each day would say nothing new.
  await recordAudit(manager, SYSTEM, staying.filter(({ tries }) => tries === 0).map(({ id, ownerId, keptBy }) => ({ ownerId, entityType: 'memory', entityId: id, action: 'failed', detail: { wanted: 'expired', kept_by: keptBy } })));
  return { gone: going.map(({ id }) => id), kept };
}

/** Deletes rows, with their tags, and leaves tombstones of their files. */
export async function removeMemories(manager: EntityManager, memories: readonly { id: string; ownerId: string; path: string | null }[]): Promise<void> {
  if (memories.length === 0) return;
  await manager.query(
    `INSERT INTO memory.tombstone (path, owner_id, memory_id) SELECT path, "ownerId", id FROM json_to_recordset($1::json) AS gone (id uuid, "ownerId" text, path text) WHERE path IS NOT NULL ON CONFLICT (path) DO NOTHING`,
    [JSON.stringify(memories)],
  );
  await manager.query('DELETE FROM memory.memory WHERE id = ANY($1)', [memories.map(({ id }) => id)]);
}
