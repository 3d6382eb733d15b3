/** What is forgotten of notices: those that held a secret, such as a sign-in link, and all that somebody was told. */
import type { EntityManager } from 'typeorm';

/** Forgets what a notice said and where it went; that there was one, and whether it arrived, stays. One that has not gone out yet will not. */
export async function scrubNotice(manager: EntityManager, dedupeKey: string, recipient: string): Promise<void> {
  await manager.query(
    `UPDATE notices.notice SET content = '{"secret": true}', text = NULL, status = CASE WHEN status IN ('queued', 'failed') THEN 'dead' ELSE status END,
       error = CASE WHEN status IN ('queued', 'failed') THEN 'what it held is over' ELSE error END WHERE dedupe_key = $1`,
    [dedupeKey],
  );
  await manager.query('DELETE FROM notices.address WHERE recipient = $1', [recipient]);
}

/** Forgets a person: its addresses, and what it was told. */
export async function forgetRecipient(manager: EntityManager, recipient: string): Promise<void> {
  await manager.query('DELETE FROM notices.address WHERE recipient = $1', [recipient]);
  await manager.query('DELETE FROM notices.notice WHERE recipient = $1', [recipient]);
}
