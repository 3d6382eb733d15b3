/** Who did what to what. A line is written in the transaction of what it tells. */
import type { JsonObject } from '@carillon/engine';
import type { EntityManager } from 'typeorm';

export const SYSTEM = 'system:scheduler';
export type Actor = typeof SYSTEM | `user:${string}`;

export type EntityType = 'user' | 'user_settings' | 'memory' | 'tag' | 'task' | 'reminder' | 'event';
export type AuditAction = 'created' | 'confirmed' | 'deleted' | 'expired' | 'fired' | 'skipped' | 'updated' | 'rejected' | 'requeued' | 'done' | 'snoozed' | 'exported' | 'failed';

export interface AuditLine {
  ownerId: string;
  entityType: EntityType;
  entityId: string;
  action: AuditAction;
  detail?: JsonObject;
}

export async function recordAudit(manager: EntityManager, actor: Actor, lines: readonly AuditLine[]): Promise<void> {
  if (lines.length === 0) return;
  await manager.query(
    `INSERT INTO memory.audit (owner_id, entity_type, entity_id, action, actor, detail)
     SELECT "ownerId", "entityType", "entityId", action, $2, coalesce(detail, '{}')
     FROM json_to_recordset($1::json) AS line ("ownerId" text, "entityType" text, "entityId" text, action text, detail jsonb)`,
    [JSON.stringify(lines), actor],
  );
}

export interface AuditFilter {
  entityType?: string;
  entityId?: string;
  action?: string;
  limit?: number;
  offset?: number;
}

export interface AuditView {
  id: string;
  entity_type: string;
  entity_id: string;
  action: string;
  actor: string;
  detail: JsonObject;
  created_at: Date;
}

/** Newest first, of one person. */
export async function listAudit(manager: EntityManager, ownerId: string, { entityType, entityId, action, limit = 100, offset = 0 }: AuditFilter = {}): Promise<AuditView[]> {
  return manager.query(
    `SELECT id, entity_type, entity_id, action, actor, detail, created_at FROM memory.audit
     WHERE owner_id = $1 AND ($2::text IS NULL OR entity_type = $2) AND ($3::text IS NULL OR entity_id = $3) AND ($4::text IS NULL OR action = $4)
     ORDER BY id DESC LIMIT $5 OFFSET $6`,
    [ownerId, entityType ?? null, entityId ?? null, action ?? null, limit, offset],
  );
}

/** Removes lines older than that; at most so many at once. @returns how many */
export async function pruneAudit(manager: EntityManager, before: Date, limit: number): Promise<number> {
  const [, removed] = await manager.query<[unknown[], number]>('DELETE FROM memory.audit WHERE id IN (SELECT id FROM memory.audit WHERE created_at < $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)', [before, limit]);
  return removed;
}
