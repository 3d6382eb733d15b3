/**
 * Which notices may be sent now, decided where every notifier sees the same: in the database. One claim takes many: of each address the first in its line, urgent ones before others, as
 * many as the channel has room for. Claims of one channel follow one another (they lock its pace), so limits and order hold however many notifiers there are.
 */
import type { JsonObject } from '@carillon/engine';
import type { DataSource, EntityManager } from 'typeorm';
import type { Channel } from './notices.js';
import { inTransaction } from './transaction.js';

export interface ClaimedNotice {
  id: string;
  fence: string;
  channel: Channel;
  recipient: string;
  /** The channel's own address of the recipient, when one is known. */
  address: string | null;
  /** Whose turn it is: the address, or the recipient where none is known. */
  mailbox: string;
  /** Why nobody is reached there any more; such a notice is not to be sent. */
  closedBecause: string | null;
  messageType: string;
  content: JsonObject;
  /** This try included. */
  attempts: number;
  /** An earlier sending was cut short, and may have arrived. */
  possiblyRepeated: boolean;
  /** Notices of one head go out as one message. */
  headId: string;
  /** W3C traceparent of whoever filed it. */
  trace: string | null;
  /** Milliseconds until the channel has room for it. */
  waitMs: number;
}

export interface ClaimOptions {
  channel: Channel;
  /** Messages to begin at most. */
  limit: number;
  leaseMs: number;
  /** Messages a second on the channel, over all notifiers; 0 is no limit. */
  perSecond: number;
  /** From how many waiting notices on a recipient gets one message of them all; 0 is never. A recipient's own number wins. */
  digestFrom: number;
  /** The turn of all recipients without an address of their own, where they are reached at one place; else each has its own. */
  commonMailbox?: string | undefined;
}

export interface Claimed {
  /** In the order in which they are to begin. */
  notices: ClaimedNotice[];
  /** When it is worth to ask again, unless something is filed before. */
  nextInMs: number;
}

/** Room is given out so far ahead: what is claimed and not yet begun is uncertain when its notifier dies. */
const AHEAD_MS = 250;
/** Notices of one message at most. */
const DIGEST_MOST = 50;
/** Somebody waits whose turn can not be foretold. */
const SOON_MS = 100;
/** How far the line is looked at for who is next. */
const LOOK_AT = 200;

export async function claimNotices(dataSource: DataSource, { channel, limit, leaseMs, perSecond, digestFrom, commonMailbox }: ClaimOptions): Promise<Claimed> {
  return inTransaction(dataSource, async (manager) => {
    const busyMs = await untilRoom(manager, channel);
    const room = perSecond === 0 ? limit : Math.min(limit, Math.ceil(((AHEAD_MS - busyMs) * perSecond) / 1_000));
    if (room <= 0) return { notices: [], nextInMs: Math.max(1, busyMs - AHEAD_MS + 1_000 / perSecond) };
    const rows = await manager.query<Omit<ClaimedNotice, 'waitMs'>[]>(CLAIM, [channel, room, leaseMs, digestFrom, DIGEST_MOST - 1, commonMailbox ?? null]);
    const heads = [...new Set(rows.map(({ headId }) => headId))];
    const gapMs = perSecond === 0 ? 0 : 1_000 / perSecond;
    if (heads.length > 0 && perSecond > 0) await takeRoom(manager, channel, heads.length * gapMs);
    const turnOf = new Map(heads.map((head, turn) => [head, perSecond === 0 ? 0 : busyMs + turn * gapMs]));
    return { notices: rows.map((row) => ({ ...row, waitMs: turnOf.get(row.headId) ?? 0 })), nextInMs: heads.length < room ? await untilNext(manager, channel, commonMailbox) : 0 };
  });
}

/** Channels with a notice whose time has come; whether its address has its turn is the claim's to say. Whatever a claim may take, this must see. */
export async function channelsDue(dataSource: DataSource): Promise<Channel[]> {
  const rows = await dataSource.manager.query<{ channel: Channel }[]>(
    `SELECT channel FROM notices.pace p
     WHERE EXISTS (SELECT FROM notices.notice n WHERE n.channel = p.channel AND n.status IN ('queued', 'failed') AND n.due_at <= engine.clock() AND (n.retry_at IS NULL OR n.retry_at <= engine.clock()))`,
  );
  return rows.map(({ channel }) => channel);
}

/** Room for further messages of a notice that has several. @returns milliseconds until the first of them may begin */
export async function reserveRoom(dataSource: DataSource, channel: Channel, perSecond: number, messages = 1): Promise<number> {
  if (perSecond === 0) return 0;
  return inTransaction(dataSource, async (manager) => {
    const busyMs = await untilRoom(manager, channel);
    await takeRoom(manager, channel, (messages * 1_000) / perSecond);
    return busyMs;
  });
}

/**
 * Holds the channel's pace until the transaction ends. Until then nothing is sorted that an index has in order: the planner knows how long lines are on average, and would sort a long one anew for each
 * notice in it.
 */
async function untilRoom(manager: EntityManager, channel: Channel): Promise<number> {
  const [row] = await manager.query<{ ms: number }[]>(`SELECT set_config('enable_sort', 'off', true), greatest(0, extract(epoch FROM next_at - engine.clock()) * 1000)::float8 AS ms FROM notices.pace WHERE channel = $1 FOR UPDATE`, [channel]);
  return row?.ms ?? 0;
}

async function takeRoom(manager: EntityManager, channel: Channel, ms: number): Promise<void> {
  await manager.query(`UPDATE notices.pace SET next_at = greatest(next_at, engine.clock()) + $2 * interval '1 millisecond' WHERE channel = $1`, [channel, ms]);
}

/** The first in the line of `n`'s recipient among those that are due; a subquery with a limit is looked up per row and can not become a scan. */
const FIRST_IN_LINE = (due: string): string =>
  `n.id = (SELECT o.id FROM notices.notice o WHERE o.channel = n.channel AND o.recipient = n.recipient AND o.status IN ('queued', 'failed') ${due} ORDER BY o.urgent DESC, o.due_at, o.id LIMIT 1)`;

const withMailbox = (common: string): string => `
  LEFT JOIN notices.address a ON a.channel = n.channel AND a.recipient = n.recipient
  LEFT JOIN notices.mailbox m ON m.channel = n.channel AND m.address = coalesce(a.address, ${common}, n.recipient)`;

/** $1 channel, $2 messages, $3 lease in milliseconds, $4 digest from, $5 notices that join the first of a digest, $6 the common mailbox */
const CLAIM = `
  WITH heads AS MATERIALIZED (
    SELECT n.* FROM (
      SELECT n.id, n.channel, n.recipient, n.urgent, n.due_at, a.address, coalesce(a.address, $6::text, n.recipient) AS mailbox, m.closed_because, coalesce(a.digest_from, $4) AS digest_from
      FROM notices.notice n ${withMailbox('$6::text')}
      WHERE n.channel = $1 AND n.status IN ('queued', 'failed') AND n.due_at <= engine.clock() AND (n.retry_at IS NULL OR n.retry_at <= engine.clock())
        AND (m.free_at IS NULL OR m.free_at <= engine.clock())
      -- What may not be written to is left out before anybody asks who is first.
      ORDER BY n.urgent DESC, n.due_at, n.id OFFSET 0
    ) n
    WHERE ${FIRST_IN_LINE('AND o.due_at <= engine.clock()')} ORDER BY n.urgent DESC, n.due_at, n.id LIMIT $2
  ), firsts AS MATERIALIZED (
    -- Two recipients may have one address.
    SELECT DISTINCT ON (mailbox) * FROM heads ORDER BY mailbox, urgent DESC, due_at, id
  ), taken AS (
    SELECT id, id AS head FROM firsts
    UNION ALL
    SELECT f.id, h.id FROM firsts h CROSS JOIN LATERAL (
      SELECT w.id, count(*) OVER () AS others FROM (
        SELECT o.id FROM notices.notice o
        WHERE o.channel = $1 AND o.recipient = h.recipient AND o.status IN ('queued', 'failed') AND NOT o.urgent AND o.due_at <= engine.clock() AND (o.retry_at IS NULL OR o.retry_at <= engine.clock()) AND o.id <> h.id
        ORDER BY o.due_at, o.id LIMIT $5) w
    ) f WHERE h.digest_from > 0 AND NOT h.urgent AND h.closed_because IS NULL AND f.others + 1 >= h.digest_from
  ), claimed AS (
    UPDATE notices.notice n SET status = 'sending', attempts = attempts + 1, fence = fence + 1, lease_until = engine.clock() + $3 * interval '1 millisecond'
    FROM taken t JOIN firsts h ON h.id = t.head
    WHERE n.id = t.id AND n.status IN ('queued', 'failed')
    RETURNING n.id, n.fence, n.channel, n.recipient, h.address, h.mailbox, h.closed_because, n.message_type, n.content, n.attempts, n.possibly_repeated, t.head, n.trace, h.urgent AS head_urgent, h.due_at AS head_due_at, n.due_at
  ), held AS (
    INSERT INTO notices.mailbox (channel, address, free_at) SELECT DISTINCT $1, mailbox, engine.clock() + $3 * interval '1 millisecond' FROM claimed
    ON CONFLICT (channel, address) DO UPDATE SET free_at = excluded.free_at
  )
  SELECT id, fence, channel, recipient, address, mailbox, closed_because AS "closedBecause", message_type AS "messageType", content, attempts, possibly_repeated AS "possiblyRepeated", head AS "headId", trace
  FROM claimed ORDER BY head_urgent DESC, head_due_at, head, due_at, id`;

/** Of those at the front of the line: the soonest that somebody's turn comes. */
async function untilNext(manager: EntityManager, channel: Channel, commonMailbox: string | undefined): Promise<number> {
  const [row] = await manager.query<{ ms: number | null }[]>(
    `SELECT (extract(epoch FROM min(greatest(n.due_at, n.retry_at, m.free_at)) - engine.clock()) * 1000)::float8 AS ms
     FROM (SELECT id, channel, recipient, due_at, retry_at FROM notices.notice WHERE channel = $1 AND status IN ('queued', 'failed') ORDER BY urgent DESC, due_at, id LIMIT $2) n ${withMailbox('$3::text')}
     WHERE ${FIRST_IN_LINE('')}`,
    [channel, LOOK_AT, commonMailbox ?? null],
  );
  return row?.ms == null ? Infinity : Math.max(SOON_MS, row.ms);
}
