/** Notices by the thousand: one statement files them all with the promises to nudge the notifier. The same row and message as `queueNotice` makes of one. */
import type { EntityManager } from 'typeorm';
import { newId } from './identifiers.js';
import { MESSAGE_OF } from './notices.js';
import type { NewNotice } from './notices.js';
import { currentTrace } from './outbox.js';
import { storableJson } from './storable.js';

export interface ManyNotices extends Omit<NewNotice, 'content'> {
  /** Plain JSON. */
  content: object;
}

/** Files those whose key is new, in the caller's transaction. @returns how many that were */
export async function queueNotices(manager: EntityManager, notices: readonly ManyNotices[]): Promise<number> {
  if (notices.length === 0) return 0;
  const rows = notices.map(({ channel, recipient, messageType, content, dedupeKey, runId, notBefore, urgent = false }) => ({
    ...{ id: newId(), promise: newId(), subject: MESSAGE_OF[channel].subject, channel, recipient, type: messageType, content, key: dedupeKey, run: runId ?? null, due: notBefore ?? null, urgent },
  }));
  const [row] = await manager.query<{ filed: number }[]>(
    `WITH given AS MATERIALIZED (
       SELECT * FROM json_to_recordset($1::json) AS g (id uuid, promise uuid, subject text, channel text, recipient text, type text, content jsonb, key text, run uuid, due timestamptz, urgent boolean)
     ), filed AS (
       INSERT INTO notices.notice (id, channel, recipient, message_type, content, dedupe_key, run_id, due_at, urgent, trace)
       SELECT id, channel, recipient, type, content, key, run, coalesce(due, engine.clock()), urgent, $2 FROM given ON CONFLICT (dedupe_key) DO NOTHING RETURNING id
     ), promised AS (
       INSERT INTO engine.outbox (id, subject, payload, available_at)
       SELECT g.promise, g.subject, jsonb_build_object('notice_id', g.id, 'user_id', g.recipient, 'message_type', g.type, 'content', CASE WHEN g.content->'secret' = 'true' THEN '{"secret": true}' ELSE g.content END), coalesce(g.due, engine.clock()) FROM given g JOIN filed f ON f.id = g.id
     )
     SELECT count(*)::int AS filed FROM filed`,
    [storableJson(rows), currentTrace() ?? null],
  );
  return row?.filed ?? 0;
}
