/**
 * The delivery ledger's sending side. A notice is claimed as `sending` before the outside world is touched and settled after; a crash in between
 * shows as `uncertain`, which is never silently repeated and never silently dropped.
 *
 *     queued ─claim→ sending ─→ sent | dry-run | failed (again later) | queued (put back untried) | dead
 *                       └ lease ran out → uncertain
 */
import type { JsonObject } from '@carillon/engine';
import type { DataSource } from 'typeorm';
import type { Channel, NewNotice } from './notices.js';
import { promiseNotice } from './notices.js';
import { storableText } from './storable.js';
import { inTransaction } from './transaction.js';

export type NoticeStatus = 'queued' | 'sending' | 'sent' | 'dry-run' | 'uncertain' | 'failed' | 'dead';

export interface ClaimedNotice {
  id: string;
  fence: string;
  channel: Channel;
  recipient: string;
  /** The channel's own address of the recipient, when one is known. */
  address: string | null;
  messageType: string;
  content: JsonObject;
  /** This try included. */
  attempts: number;
}

export interface NoticeRow {
  id: string;
  channel: Channel;
  recipient: string;
  messageType: string;
  dedupeKey: string;
  status: NoticeStatus;
  attempts: number;
  text: string | null;
  error: string | null;
  runId: string | null;
  createdAt: Date;
  sentAt: Date | null;
}

export type Delivery =
  | { status: 'sent'; text: string; providerMessageId: string }
  | { status: 'dry-run'; text: string }
  /** Again later. Being asked to wait is no attempt that counts. */
  | { status: 'failed'; error: string; retryAfterMs: number; attemptCounts?: false }
  /** Put back without having been tried. */
  | { status: 'queued'; retryAfterMs: number }
  | { status: 'uncertain' | 'dead'; error: string; text?: string };

export class NoticeLedger {
  constructor(private readonly dataSource: DataSource) {}

  /** Takes a notice for sending; undefined when it is not open, not yet due, or somebody else has it. */
  async claim(id: string, leaseMs: number): Promise<ClaimedNotice | undefined> {
    const [rows] = await this.dataSource.manager.query<[ClaimedNotice[], number]>(
      `UPDATE notices.notice n SET status = 'sending', attempts = attempts + 1, fence = fence + 1, lease_until = engine.clock() + $2 * interval '1 millisecond'
       WHERE id = $1 AND status IN ('queued', 'failed') AND due_at <= engine.clock()
       RETURNING id, fence, channel, recipient, message_type AS "messageType", content, attempts,
         (SELECT address FROM notices.address a WHERE a.recipient = n.recipient AND a.channel = n.channel) AS address`,
      [id, leaseMs],
    );
    return rows[0];
  }

  /** Records what came of it; a later nudge is promised when it is to be tried again. False when the claim was lost meanwhile. */
  async settle(claim: ClaimedNotice, delivery: Delivery): Promise<boolean> {
    const again = delivery.status === 'failed' || delivery.status === 'queued';
    const counts = delivery.status === 'failed' ? (delivery.attemptCounts ?? true) : delivery.status !== 'queued';
    return inTransaction(this.dataSource, async (manager) => {
      const [rows] = await manager.query<[{ due_at: Date }[], number]>(
        `UPDATE notices.notice SET status = $3, text = coalesce($4, text), error = $5, provider_message_id = $6, lease_until = NULL, attempts = attempts - $8,
           due_at = engine.clock() + $7 * interval '1 millisecond', sent_at = CASE WHEN $3 IN ('sent', 'dry-run') THEN engine.clock() END
         WHERE id = $1 AND fence = $2 AND status = 'sending' RETURNING due_at`,
        [
          claim.id, claim.fence, delivery.status, 'text' in delivery && delivery.text !== undefined ? storableText(delivery.text) : null, 'error' in delivery ? storableText(delivery.error).slice(0, 2_000) : null,
          delivery.status === 'sent' ? delivery.providerMessageId : null, again ? delivery.retryAfterMs : 0, counts ? 0 : 1,
        ],
      );
      const [row] = rows;
      if (row && again) await promiseNotice(manager, claim.id, claim, row.due_at);
      return row !== undefined;
    });
  }

  /** Sends that never came back: nobody knows whether they arrived. @returns the ids */
  async markUncertain(): Promise<string[]> {
    const [rows] = await this.dataSource.manager.query<[{ id: string }[], number]>(
      `UPDATE notices.notice SET status = 'uncertain', error = 'the notifier stopped between sending and recording', lease_until = NULL
       WHERE status = 'sending' AND lease_until < engine.clock() RETURNING id`,
    );
    return rows.map((row) => row.id);
  }

  /**
   * Repeats the nudge of notices on these channels that have been due for a while: the bus may lose anything. The longer one waits the more seldom,
   * at least once a minute: most were not lost but wait for their turn, and would pile up on the bus.
   */
  async renudge(channels: readonly Channel[], waitingMs: number, limit: number): Promise<number> {
    return inTransaction(this.dataSource, async (manager) => {
      const waiting = await manager.query<(NewNotice & { id: string })[]>(
        `SELECT id, channel, recipient, message_type AS "messageType", content FROM notices.notice n
         WHERE status IN ('queued', 'failed') AND channel = ANY($3) AND due_at < engine.clock() - $1 * interval '1 millisecond'
           AND (nudged_at IS NULL OR nudged_at < engine.clock() - greatest($1 * interval '1 millisecond', least(interval '1 minute', (engine.clock() - due_at) / 2)))
           AND NOT EXISTS (SELECT FROM engine.outbox o WHERE o.payload->>'notice_id' = n.id::text)
         ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
        [waitingMs, limit, channels],
      );
      for (const notice of waiting) await promiseNotice(manager, notice.id, notice);
      await manager.query('UPDATE notices.notice SET nudged_at = engine.clock() WHERE id = ANY($1)', [waiting.map(({ id }) => id)]);
      return waiting.length;
    });
  }

  /** Newest first. */
  async list(filter: { recipient?: string; runId?: string; dedupeKey?: string; status?: NoticeStatus; limit?: number } = {}): Promise<NoticeRow[]> {
    return this.dataSource.manager.query(
      `SELECT id, channel, recipient, message_type AS "messageType", dedupe_key AS "dedupeKey", status, attempts, text, error, run_id AS "runId", created_at AS "createdAt", sent_at AS "sentAt"
       FROM notices.notice
       WHERE ($1::text IS NULL OR recipient = $1) AND ($2::uuid IS NULL OR run_id = $2) AND ($3::text IS NULL OR dedupe_key = $3) AND ($4::text IS NULL OR status = $4)
       ORDER BY created_at DESC, id DESC LIMIT $5`,
      [filter.recipient ?? null, filter.runId ?? null, filter.dedupeKey ?? null, filter.status ?? null, filter.limit ?? 50],
    );
  }
}

/** Says where a recipient is reached on a channel. */
export async function setAddress(dataSource: DataSource, recipient: string, channel: Channel, address: string): Promise<void> {
  await dataSource.manager.query(
    `INSERT INTO notices.address (recipient, channel, address) VALUES ($1, $2, $3) ON CONFLICT (recipient, channel) DO UPDATE SET address = excluded.address`,
    [recipient, channel, address],
  );
}
