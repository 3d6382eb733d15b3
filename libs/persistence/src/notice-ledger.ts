/**
 * The delivery ledger's sending side. A notice is claimed as `sending` before the outside world is touched and settled after; a crash in between
 * shows as `uncertain`, which is never silently repeated and never silently dropped.
 *
 *     queued ─claim→ sending ─→ sent | dry-run | failed (again later) | queued (put back untried) | dead | undeliverable (nobody is there)
 *                       └ lease ran out → uncertain, or queued once more and marked as possibly repeated where that is the policy
 */
import type { DataSource } from 'typeorm';
import { channelsDue, claimNotices, reserveRoom } from './notice-line.js';
import type { Claimed, ClaimedNotice, ClaimOptions } from './notice-line.js';
import type { Channel } from './notices.js';
import { once } from './statements.js';
import type { Statement } from './statements.js';
import { storableJson, storableText } from './storable.js';

export const NOTICE_STATUSES = ['queued', 'sending', 'sent', 'dry-run', 'uncertain', 'failed', 'dead', 'undeliverable'] as const;
export type NoticeStatus = (typeof NOTICE_STATUSES)[number];

export interface NoticeRow {
  id: string;
  channel: Channel;
  recipient: string;
  messageType: string;
  dedupeKey: string;
  status: NoticeStatus;
  attempts: number;
  urgent: boolean;
  /** It was sent again after a sending that was cut short, so it may have come twice. */
  possiblyRepeated: boolean;
  /** The notice at the head of the message that this one was sent in, when that held several. */
  digestId: string | null;
  text: string | null;
  error: string | null;
  runId: string | null;
  createdAt: Date;
  /** Not before. */
  dueAt: Date;
  /** When a failed one comes again. */
  retryAt: Date | null;
  sentAt: Date | null;
  /** How the channel names what it took. */
  providerMessageId: string | null;
  redrivenTimes: number;
}

export type Delivery =
  | { status: 'sent'; text: string; providerMessageId: string; digestId?: string; confidential?: true }
  | { status: 'dry-run'; text: string }
  /** Again later. Being asked to wait is no attempt that counts. */
  | { status: 'failed'; error: string; retryAfterMs: number; attemptCounts?: false }
  /** Put back without having been tried; or once more, because nobody knows whether it arrived. */
  | { status: 'queued'; retryAfterMs: number; possiblyRepeated?: true; error?: string }
  | { status: 'uncertain' | 'dead'; error: string; text?: string }
  /** Nobody is there. What else waits for the recipient ends the same way; `closes` marks the address, so that later notices do too. */
  | { status: 'undeliverable'; error: string; text?: string; closes?: true };

/** When the address may be written to next. */
export interface Pause {
  /** Messages that went there, or may have. */
  messages: number;
  pauseMs: number;
  /** At most so many messages within so long. */
  window?: { most: number; ms: number };
}

export interface NoticeSettlement {
  claim: ClaimedNotice;
  delivery: Delivery;
  pause: Pause;
}

export interface NoticeFilter {
  id?: string;
  channel?: Channel;
  recipient?: string;
  runId?: string;
  dedupeKey?: string;
  messageType?: string;
  status?: NoticeStatus;
  limit?: number;
}

export class NoticeLedger {
  constructor(private readonly dataSource: DataSource) {}

  /** Takes what may be sent now, many at once. */
  claim(options: ClaimOptions): Promise<Claimed> {
    return claimNotices(this.dataSource, options);
  }

  /** On which channels a claim may find something. */
  channelsDue(): Promise<Channel[]> {
    return channelsDue(this.dataSource);
  }

  /** @returns milliseconds until a further message of a notice may begin */
  reserve(channel: Channel, perSecond: number): Promise<number> {
    return reserveRoom(this.dataSource, channel, perSecond);
  }

  /** Records what came of them, and frees their addresses. @returns of each whether it could be recorded: false when the claim was lost meanwhile */
  async settle(settlements: readonly NoticeSettlement[]): Promise<boolean[]> {
    const rows = await once<{ id: string }>(this.dataSource, SETTLE, [storableJson(settlements.map(asGiven))]);
    const settled = new Set(rows.map(({ id }) => id));
    return settlements.map(({ claim }) => settled.has(claim.id));
  }

  /**
   * Sends that never came back: nobody knows whether they arrived. Those of a kind that is repeated go out once more, marked.
   * @param repeat `channel:message_type`, or `channel:*`
   */
  async markUncertain(repeat: readonly string[] = []): Promise<{ uncertain: string[]; repeated: string[] }> {
    const [rows] = await this.dataSource.manager.query<[{ id: string; status: NoticeStatus }[], number]>(
      `UPDATE notices.notice SET status = CASE WHEN again THEN 'queued' ELSE 'uncertain' END, possibly_repeated = possibly_repeated OR again,
         error = 'the notifier stopped between sending and recording', lease_until = NULL, retry_at = NULL
       FROM (SELECT id AS cut, NOT possibly_repeated AND (channel || ':' || message_type = ANY($1) OR channel || ':*' = ANY($1)) AS again
             FROM notices.notice WHERE status = 'sending' AND lease_until < engine.clock() FOR UPDATE SKIP LOCKED) late
       WHERE id = cut RETURNING id, status`,
      [repeat],
    );
    const of = (status: NoticeStatus): string[] => rows.filter((row) => row.status === status).map(({ id }) => id);
    return { uncertain: of('uncertain'), repeated: of('queued') };
  }

  /** Newest first. */
  async list(filter: NoticeFilter = {}): Promise<NoticeRow[]> {
    return this.dataSource.manager.query(
      `SELECT id, channel, recipient, message_type AS "messageType", dedupe_key AS "dedupeKey", status, attempts, urgent, possibly_repeated AS "possiblyRepeated", digest_id AS "digestId", text, error,
         run_id AS "runId", created_at AS "createdAt", due_at AS "dueAt", retry_at AS "retryAt", sent_at AS "sentAt", provider_message_id AS "providerMessageId", redriven_times AS "redrivenTimes"
       FROM notices.notice
       WHERE ($1::text IS NULL OR recipient = $1) AND ($2::uuid IS NULL OR run_id = $2) AND ($3::text IS NULL OR dedupe_key = $3) AND ($4::text IS NULL OR status = $4)
         AND ($6::uuid IS NULL OR id = $6) AND ($7::text IS NULL OR channel = $7) AND ($8::text IS NULL OR message_type = $8)
       ORDER BY id DESC LIMIT $5`,
      [filter.recipient ?? null, filter.runId ?? null, filter.dedupeKey ?? null, filter.status ?? null, filter.limit ?? 50, filter.id ?? null, filter.channel ?? null, filter.messageType ?? null],
    );
  }
}

function asGiven({ claim, delivery, pause }: NoticeSettlement): object {
  const again = delivery.status === 'failed' || delivery.status === 'queued';
  const counts = delivery.status === 'failed' ? (delivery.attemptCounts ?? true) : delivery.status !== 'queued' || delivery.possiblyRepeated === true;
  return {
    ...{ id: claim.id, fence: claim.fence, channel: claim.channel, recipient: claim.recipient, mailbox: claim.mailbox, status: delivery.status },
    text: 'text' in delivery && delivery.text !== undefined ? storableText(delivery.text) : null,
    error: 'error' in delivery && delivery.error !== undefined ? storableText(delivery.error).slice(0, 2_000) : null,
    provider: delivery.status === 'sent' ? delivery.providerMessageId : null,
    wipes: delivery.status === 'sent' && delivery.confidential === true,
    digest: delivery.status === 'sent' ? (delivery.digestId ?? null) : null,
    retry: again ? delivery.retryAfterMs : null,
    uncounted: counts ? 0 : 1,
    repeated: delivery.status === 'queued' && delivery.possiblyRepeated === true,
    closes: delivery.status === 'undeliverable' && delivery.closes === true,
    ...{ messages: pause.messages, pause: pause.pauseMs, most: pause.window?.most ?? 0, within: pause.window?.ms ?? 0 },
  };
}

/**
 * That a notice was sent is believed also late, as long as nobody sent it again: the truth about the outside world does not lapse with a lease.
 * Planned once: with few settlements in each, planning it was most of what it cost.
 * $1 the settlements as JSON
 */
const SETTLE: Statement = { name: 'notices.settle', text: `
  WITH given AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS g (id uuid, fence bigint, channel text, recipient text, mailbox text, status text, text text, error text, provider text, digest uuid, retry float8, uncounted int,
      repeated boolean, wipes boolean, closes boolean, messages int, pause float8, most int, within float8)
  ), settled AS (
    UPDATE notices.notice n SET status = g.status, text = coalesce(g.text, n.text), error = g.error, provider_message_id = g.provider, digest_id = g.digest, lease_until = NULL,
      content = CASE WHEN g.wipes THEN '{}' ELSE n.content END, attempts = n.attempts - CASE WHEN n.status = 'sending' THEN g.uncounted ELSE 0 END, possibly_repeated = CASE WHEN n.status = 'queued' THEN false ELSE n.possibly_repeated OR g.repeated END,
      retry_at = engine.clock() + g.retry * interval '1 millisecond', sent_at = CASE WHEN g.status IN ('sent', 'dry-run') THEN engine.clock() END
    FROM given g WHERE n.id = g.id AND n.fence = g.fence AND (n.status = 'sending' OR (g.status = 'sent' AND n.status IN ('uncertain', 'queued')))
    RETURNING n.id, n.channel, n.status, n.error, n.attempts
  ), buried AS (
    INSERT INTO engine.dead_letter (id, service, subject, message_id, payload, headers, reason, error, deliveries, notice_id)
    SELECT id, 'notifier', 'notify.' || channel, id, '', '{}', 'notice', error, attempts, id FROM settled WHERE status = 'dead'
    ON CONFLICT (id) DO UPDATE SET error = excluded.error, deliveries = excluded.deliveries, created_at = engine.clock(), redriven_at = NULL, discarded_at = NULL
  ), of_mailbox AS (
    SELECT DISTINCT ON (g.channel, g.mailbox) g.*, CASE WHEN g.most > 0 THEN m.recent || array_fill(engine.clock(), ARRAY[g.messages]) ELSE '{}' END AS recent
    FROM given g JOIN notices.mailbox m ON m.channel = g.channel AND m.address = g.mailbox ORDER BY g.channel, g.mailbox, g.closes DESC, g.pause DESC
  ), trimmed AS (
    SELECT channel, mailbox, pause, most, within, closes, error, recent[greatest(1, cardinality(recent) - most + 1):] AS recent FROM of_mailbox
  ), freed AS (
    UPDATE notices.mailbox m SET recent = t.recent,
      free_at = greatest(engine.clock() + t.pause * interval '1 millisecond', CASE WHEN t.most > 0 AND cardinality(t.recent) >= t.most THEN t.recent[1] + t.within * interval '1 millisecond' END),
      closed_at = CASE WHEN t.closes THEN engine.clock() ELSE m.closed_at END, closed_because = CASE WHEN t.closes THEN t.error ELSE m.closed_because END
    FROM trimmed t WHERE m.channel = t.channel AND m.address = t.mailbox
  ), others AS (
    UPDATE notices.notice n SET status = 'undeliverable', error = g.error FROM given g
    WHERE g.status = 'undeliverable' AND n.channel = g.channel AND n.recipient = g.recipient AND n.status IN ('queued', 'failed') AND n.due_at <= engine.clock() AND n.id <> g.id
  )
  SELECT id FROM settled` };
