/** Notices that came to a bad end, sent again because somebody says so. */
import type { DataSource, EntityManager } from 'typeorm';
import type { NoticeStatus } from './notice-ledger.js';
import { inTransaction } from './transaction.js';

export interface RedriveChoice {
  ids?: readonly string[];
  /** Instead of ids: every one of this status, the oldest first. */
  status?: 'dead' | 'undeliverable' | 'uncertain';
  recipient?: string;
  messageType?: string;
  limit?: number;
  /** Also those of which nobody knows whether they arrived; they go out marked as possibly repeated. */
  again?: boolean;
}

export interface Redriven {
  done: string[];
  refused: { id: string; why: string }[];
}

interface Candidate {
  id: string;
  status: NoticeStatus;
  closedBecause: string | null;
}

/** Each is sent again with all its attempts before it; what would come back at once is refused, with what helps instead. */
export async function redriveNotices(dataSource: DataSource, { ids, status, recipient, messageType, limit = 1_000, again = false }: RedriveChoice): Promise<Redriven> {
  return inTransaction(dataSource, async (manager) => {
    const found = await manager.query<Candidate[]>(
      `SELECT n.id, n.status, m.closed_because AS "closedBecause" FROM notices.notice n
       LEFT JOIN notices.address a ON a.channel = n.channel AND a.recipient = n.recipient
       LEFT JOIN notices.mailbox m ON m.channel = n.channel AND m.address = coalesce(a.address, n.recipient)
       WHERE ($1::uuid[] IS NULL OR n.id = ANY($1)) AND ($2::text IS NULL OR n.status = $2) AND ($1::uuid[] IS NOT NULL OR n.status IN ('dead', 'undeliverable', 'uncertain'))
         AND ($3::text IS NULL OR n.recipient = $3) AND ($4::text IS NULL OR n.message_type = $4)
       ORDER BY n.created_at, n.id LIMIT $5 FOR UPDATE OF n`,
      [ids ?? null, status ?? null, recipient ?? null, messageType ?? null, limit],
    );
    const refused = found.flatMap((one) => {
      const why = reasonAgainst(one, again);
      return why === undefined ? [] : [{ id: one.id, why }];
    });
    const known = new Set(found.map(({ id }) => id));
    for (const id of ids ?? []) if (!known.has(id.toLowerCase())) refused.push({ id, why: 'there is no such notice' });
    const refusedIds = new Set(refused.map(({ id }) => id));
    const done = found.map(({ id }) => id).filter((id) => !refusedIds.has(id));
    await requeueNotices(manager, done);
    // Of those that are dead there are letters, which are handled herewith.
    await manager.query(`UPDATE engine.dead_letter SET redriven_at = engine.clock(), redriven_times = redriven_times + 1, discarded_at = NULL, handled_by = 'notices redrive' WHERE notice_id = ANY($1)`, [done]);
    return { done, refused };
  });
}

/** Puts notices into their lines again, as if none of their attempts had been. */
export async function requeueNotices(manager: EntityManager, ids: readonly string[]): Promise<void> {
  await manager.query(
    `UPDATE notices.notice SET status = 'queued', attempts = 0, retry_at = NULL, possibly_repeated = possibly_repeated OR status = 'uncertain', redriven_times = redriven_times + 1 WHERE id = ANY($1)`,
    [ids],
  );
}

/** Pure: why a notice is not sent again, with what helps instead; undefined when it can be. */
export function reasonAgainst({ status, closedBecause }: Pick<Candidate, 'status' | 'closedBecause'>, again: boolean): string | undefined {
  if (status !== 'dead' && status !== 'undeliverable' && status !== 'uncertain') return `it is ${status}: only dead, undeliverable and uncertain notices are sent again`;
  if (status === 'uncertain' && !again) return 'it may have arrived: look there first; "again" sends it nevertheless, marked as possibly repeated';
  if (closedBecause !== null) return `nobody is reached there (${closedBecause}): re-open the recipient first, or set another address`;
  return undefined;
}
