/** Where recipients are reached, and where nobody is. */
import type { DataSource, EntityManager } from 'typeorm';
import type { Channel } from './notices.js';

type Asks = Pick<EntityManager, 'query'> | Pick<DataSource, 'query'>;

export interface ClosedMailbox {
  channel: Channel;
  address: string;
  /** Who is reached there. */
  recipients: string[];
  closedAt: Date;
  closedBecause: string;
}

/** Says where a recipient is reached on a channel; whatever was the matter with that address is over. */
export async function setAddress(asks: Asks, recipient: string, channel: Channel, address: string, digestFrom: number | null = null): Promise<void> {
  await asks.query(
    `INSERT INTO notices.address (recipient, channel, address, digest_from) VALUES ($1, $2, $3, $4)
     ON CONFLICT (recipient, channel) DO UPDATE SET address = excluded.address, digest_from = coalesce(excluded.digest_from, address.digest_from)`,
    [recipient, channel, address, digestFrom],
  );
  await reopenMailbox(asks, channel, recipient);
}

/** Somebody is there again: they talked to us, or an operator says so. @param to the recipient or the address. @returns whether it was closed */
export async function reopenMailbox(asks: Asks, channel: Channel, to: string): Promise<boolean> {
  const answer: unknown = await asks.query(
    `UPDATE notices.mailbox SET closed_at = NULL, closed_because = NULL
     WHERE channel = $1 AND closed_at IS NOT NULL AND address IN ($2, (SELECT address FROM notices.address WHERE channel = $1 AND recipient = $2))`,
    [channel, to],
  );
  return Array.isArray(answer) && Number(answer[1]) > 0;
}

/** Those who are not reached any more, the latest first. */
export async function closedMailboxes(dataSource: DataSource, limit = 50): Promise<ClosedMailbox[]> {
  return dataSource.manager.query(
    `SELECT m.channel, m.address, ARRAY(SELECT a.recipient FROM notices.address a WHERE a.channel = m.channel AND a.address = m.address ORDER BY 1) AS recipients, m.closed_at AS "closedAt", m.closed_because AS "closedBecause"
     FROM notices.mailbox m WHERE m.closed_at IS NOT NULL ORDER BY m.closed_at DESC LIMIT $1`,
    [limit],
  );
}

/** Forgets the turns of addresses that were not written to for a day. */
export async function forgetIdleMailboxes(dataSource: DataSource): Promise<void> {
  await dataSource.manager.query(`DELETE FROM notices.mailbox WHERE (channel, address) IN (SELECT channel, address FROM notices.mailbox WHERE closed_at IS NULL AND free_at < engine.clock() - interval '1 day' LIMIT 1000 FOR UPDATE SKIP LOCKED)`);
}
