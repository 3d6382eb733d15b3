/**
 * Notices by the thousand: one statement files them all with the promises to nudge the notifier. The same row and message as `queueNotice` makes of one. They come as arrays, so that Postgres reads
 * each content once: as one JSON document it was read three times, which was most of what filing cost. And it is written once: many promises are one row that names the notices, and who keeps them
 * reads what they say.
 */
import type { EntityManager } from 'typeorm';
import { plain, texts } from './array-literals.js';
import { newId } from './identifiers.js';
import { NOTICE_PAYLOAD, NOTICE_SUBJECT } from './notice-message.sql.js';
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

/**
 * Files what `given` holds, in any statement that makes such rows: id, channel, recipient, type, content (jsonb), key, run, due, urgent and trace. Those whose key is new are in `filed`, and a promise has
 * the id of the notice that it names first. Nothing is joined, as the planner can not know how many there are.
 */
export const FILED = `filed AS (
       INSERT INTO notices.notice (id, channel, recipient, message_type, content, dedupe_key, run_id, due_at, urgent, trace)
       SELECT id, channel, recipient, type, content, key, run, coalesce(due, engine.clock()), urgent, trace FROM given ON CONFLICT (dedupe_key) DO NOTHING RETURNING id, channel, recipient, message_type, content, due_at
     ), lots AS MATERIALIZED (
       SELECT *, count(*) OVER (PARTITION BY due_at) >= ${TOGETHER_FROM} AS many, (row_number() OVER (PARTITION BY due_at ORDER BY id) - 1) / ${TOGETHER_MOST} AS lot FROM filed
     ), together AS (
       INSERT INTO engine.outbox (id, subject, payload, available_at)
       SELECT (array_agg(id))[1], NULL, jsonb_agg(jsonb_build_object('notice', id)), due_at FROM lots WHERE many GROUP BY due_at, lot
     ), promised AS (
       INSERT INTO engine.outbox (id, subject, payload, available_at)
       SELECT id, ${NOTICE_SUBJECT}, ${NOTICE_PAYLOAD}, due_at FROM lots WHERE NOT many
     )`;

/** Files those whose key is new, in the caller's transaction. @returns how many that were */
export async function queueNotices(manager: EntityManager, notices: readonly ManyNotices[]): Promise<number> {
  if (notices.length === 0) return 0;
  const of = <T>(value: (notice: ManyNotices) => T): T[] => notices.map(value);
  const [row] = await manager.query<{ filed: number }[]>(
    `WITH given AS MATERIALIZED (
       SELECT *, $10::text AS trace FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], string_to_array($5, $11)::jsonb[], $6::text[], $7::uuid[], $8::timestamptz[], $9::boolean[])
         AS g (id, channel, recipient, type, content, key, run, due, urgent)
     ), ${FILED}
     SELECT count(*)::int AS filed FROM filed`,
    [
      ...[plain(of(() => newId())), plain(of(({ channel }) => channel)), texts(of(({ recipient }) => recipient)), texts(of(({ messageType }) => messageType))],
      ...[of(({ content }) => storableJson(content)).join(BETWEEN), texts(of(({ dedupeKey }) => dedupeKey)), plain(of(({ runId }) => runId ?? null)), plain(of(({ notBefore }) => notBefore?.toISOString() ?? null)), plain(of(({ urgent = false }) => String(urgent)))],
      ...[currentTrace() ?? null, BETWEEN],
    ],
  );
  return row?.filed ?? 0;
}
