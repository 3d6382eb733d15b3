/**
 * Deletes everything that says who a person is: address, chat, sessions, notes, letters, and what the salted hashes in the evidence stand for. What was said, endorsed and voted stays,
 * of nobody; every hash of the chain is as before, because the chain never held more than the hashes.
 */
import { databaseNow, forgetChat, forgetRecipient, inTransaction, newId } from '@carillon/persistence';
import type { DataSource } from 'typeorm';
import { forgetLinks } from './sign-in.js';

/** False when there is no such person, or it was erased before. */
export async function eraseAccount(dataSource: DataSource, accountId: string): Promise<boolean> {
  return inTransaction(dataSource, async (manager) => {
    const [account] = await manager.query<{ chatRef: string | null }[]>('SELECT chat_ref AS "chatRef" FROM deliberation.account WHERE id = $1 AND erased_at IS NULL FOR UPDATE', [accountId]);
    if (!account) return false;
    const now = await databaseNow(manager);
    await manager.query('DELETE FROM deliberation.secret WHERE account_id = $1', [accountId]);
    const [emails] = await manager.query<[{ email: string }[], number]>('DELETE FROM deliberation.email_link WHERE account_id = $1 RETURNING email', [accountId]);
    for (const { email } of emails) await forgetLinks(manager, email);
    await manager.query('DELETE FROM deliberation.evidence_private WHERE field = $1 AND value = $2', ['user_id', accountId]);
    await manager.query('UPDATE deliberation.dispute SET note = NULL WHERE account_id = $1', [accountId]);
    // An importer's own id of a submission may be a name.
    await manager.query('UPDATE deliberation.submission SET external_id = NULL WHERE account_id = $1', [accountId]);
    await manager.query('DELETE FROM deliberation.intake_attempt WHERE account_id = $1', [accountId]);
    await forgetRecipient(manager, `account:${accountId}`);
    if (account.chatRef !== null) await forgetChat(manager, account.chatRef);
    await manager.query(
      `UPDATE deliberation.account SET ref = $2, email_verified = false, messaging_verified = false, linked_at = NULL, chat_ref = NULL, erased_at = $3 WHERE id = $1`,
      [accountId, `erased:${newId()}`, now],
    );
    return true;
  });
}
