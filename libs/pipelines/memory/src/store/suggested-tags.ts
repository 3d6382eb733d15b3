/** Tags that were suggested and that nobody confirmed in time. */
import type { EntityManager } from 'typeorm';
import { SYSTEM } from './audit.js';

/** Removes up to so many that were suggested before then, each with its line in the audit: one statement. @returns how many */
export async function expireTags(manager: EntityManager, suggestedBefore: Date, limit: number): Promise<number> {
  const [row] = await manager.query<{ gone: number }[]>(
    `WITH due AS MATERIALIZED (
       SELECT memory_id, tag FROM memory.tag WHERE status = 'suggested' AND suggested_at <= $1 ORDER BY suggested_at LIMIT $2 FOR UPDATE SKIP LOCKED
     ), gone AS (
       DELETE FROM memory.tag t USING due d WHERE t.memory_id = d.memory_id AND t.tag = d.tag RETURNING t.memory_id, t.tag
     ), told AS (
       INSERT INTO memory.audit (owner_id, entity_type, entity_id, action, actor, detail)
       SELECT m.owner_id, 'memory', m.id::text, 'expired', $3, jsonb_build_object('tag', g.tag, 'reason', 'suggested_tag_expiry') FROM gone g JOIN memory.memory m ON m.id = g.memory_id
     )
     SELECT count(*)::int AS gone FROM gone`,
    [suggestedBefore, limit, SYSTEM],
  );
  return row?.gone ?? 0;
}
