/** Events that still wait for an answer when they are to be asked for again. */
import { queueNotices } from '@carillon/persistence';
import type { EventRepromptContent } from '@carillon/shared';
import type { EntityManager } from 'typeorm';
import { recordAudit, SYSTEM } from './audit.js';

export interface StaleEvent {
  id: string;
  ownerId: string;
  description: string;
  eventTime: Date;
  asked: number;
  token: string | null;
  timeZone: string | null;
  quietFrom: string | null;
  quietTo: string | null;
}

export async function claimStaleEvents(manager: EntityManager, now: Date, limit: number): Promise<StaleEvent[]> {
  return manager.query(
    `SELECT e.id, e.owner_id AS "ownerId", e.description, e.event_time AS "eventTime", e.asked, e.token, s.time_zone AS "timeZone", s.quiet_from AS "quietFrom", s.quiet_to AS "quietTo"
     FROM memory.event e LEFT JOIN memory.setting s ON s.user_id = e.owner_id
     WHERE e.status = 'pending' AND e.ask_at <= $1 ORDER BY e.ask_at LIMIT $2 FOR UPDATE OF e SKIP LOCKED`,
    [now, limit],
  );
}

export interface Asking {
  id: string;
  ownerId: string;
  asked: number;
  token: string;
  /** Null when this was the last time. */
  nextAt: Date | null;
  content: EventRepromptContent;
  notBefore: Date | null;
}

/** The notices, the rows and the audit, however many. */
export async function recordAskings(manager: EntityManager, runId: string, now: Date, askings: readonly Asking[]): Promise<void> {
  await manager.query(
    `UPDATE memory.event e SET pending_since = $2, asked = a.asked, ask_at = a."nextAt", token = a.token, failures = 0, last_error = NULL, updated_at = $2
     FROM json_to_recordset($1::json) AS a (id uuid, asked int, "nextAt" timestamptz, token text) WHERE e.id = a.id`,
    [JSON.stringify(askings.map(({ id, asked, nextAt, token }) => ({ id, asked, nextAt, token }))), now],
  );
  await queueNotices(
    manager,
    askings.map(({ id, ownerId, asked, content, notBefore }) => ({ channel: 'telegram', recipient: ownerId, messageType: 'event_reprompt', content, dedupeKey: `memory:event:${id}:${asked}`, runId, notBefore })),
  );
  await recordAudit(manager, SYSTEM, askings.map(({ id, ownerId, asked, nextAt }) => ({ ownerId, entityType: 'event', entityId: id, action: 'requeued', detail: { asked, last: nextAt === null } })));
}

/** One that could not be asked for waits for an hour, with the reason in its row. */
export async function setEventAside(manager: EntityManager, id: string, now: Date, error: string): Promise<void> {
  await manager.query(`UPDATE memory.event SET ask_at = $2::timestamptz + interval '1 hour', failures = failures + 1, last_error = $3 WHERE id = $1`, [id, now, error.slice(0, 2_000)]);
}
