/**
 * Notices by the thousand: one statement files them all with the promises to nudge the notifier. The same row and message as `queueNotice` makes of one. They come as arrays, so that Postgres reads
 * each content once: as one JSON document it was read three times, which was most of what filing cost. And it is written once: many promises are one row that names the notices, and who keeps them
 * reads what they say.
 */
import type { EntityManager } from 'typeorm';
import { plain, texts } from './array-literals.js';
import { newId } from './identifiers.js';
import { MESSAGE_OF } from './notices.js';
import type { NewNotice } from './notices.js';
import { currentTrace } from './outbox.js';
import { storableJson } from './storable.js';

export interface ManyNotices extends Omit<NewNotice, 'content'> {
  /** Plain JSON. */
  content: object;
}

/** Stands in no JSON, where it is an escape, so that contents need none of their own: half of what is in them is quotes. */
const BETWEEN = '\u0001';

/** From how many on that may be told at the same instant their promises are one row, and how many such a row names at most. */
const TOGETHER_FROM = 10;
const TOGETHER_MOST = 200;

/** Files those whose key is new, in the caller's transaction. @returns how many that were */
export async function queueNotices(manager: EntityManager, notices: readonly ManyNotices[]): Promise<number> {
  if (notices.length === 0) return 0;
  const of = <T>(value: (notice: ManyNotices) => T): T[] => notices.map(value);
  const [row] = await manager.query<{ filed: number }[]>(
    `WITH given AS MATERIALIZED (
       SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], string_to_array($7, $13)::jsonb[], $8::text[], $9::uuid[], $10::timestamptz[], $11::boolean[])
         AS g (id, promise, subject, channel, recipient, type, content, key, run, due, urgent)
     ), filed AS (
       INSERT INTO notices.notice (id, channel, recipient, message_type, content, dedupe_key, run_id, due_at, urgent, trace)
       SELECT id, channel, recipient, type, content, key, run, coalesce(due, engine.clock()), urgent, $12 FROM given ON CONFLICT (dedupe_key) DO NOTHING RETURNING id
     ), lots AS MATERIALIZED (
       SELECT g.promise, g.id, g.at, count(*) OVER (PARTITION BY g.at) >= $14 AS many, (row_number() OVER (PARTITION BY g.at ORDER BY g.id) - 1) / $15 AS lot
       FROM (SELECT promise, id, coalesce(due, engine.clock()) AS at FROM given) g JOIN filed f ON f.id = g.id
     ), together AS (
       INSERT INTO engine.outbox (id, subject, payload, available_at)
       SELECT (array_agg(promise))[1], NULL, jsonb_agg(jsonb_build_object('notice', id)), at FROM lots WHERE many GROUP BY at, lot
     ), promised AS (
       INSERT INTO engine.outbox (id, subject, payload, available_at)
       SELECT g.promise, g.subject, jsonb_build_object('notice_id', g.id, 'user_id', g.recipient, 'message_type', g.type, 'content', CASE WHEN g.content->'secret' = 'true' THEN '{"secret": true}' ELSE g.content END), l.at
       FROM lots l JOIN given g ON g.id = l.id WHERE NOT l.many
     )
     SELECT count(*)::int AS filed FROM filed`,
    [
      ...[plain(of(() => newId())), plain(of(() => newId())), plain(of(({ channel }) => MESSAGE_OF[channel].subject)), plain(of(({ channel }) => channel)), texts(of(({ recipient }) => recipient)), texts(of(({ messageType }) => messageType))],
      ...[of(({ content }) => storableJson(content)).join(BETWEEN), texts(of(({ dedupeKey }) => dedupeKey)), plain(of(({ runId }) => runId ?? null)), plain(of(({ notBefore }) => notBefore?.toISOString() ?? null)), plain(of(({ urgent = false }) => String(urgent)))],
      currentTrace() ?? null,
      ...[BETWEEN, TOGETHER_FROM, TOGETHER_MOST],
    ],
  );
  return row?.filed ?? 0;
}
