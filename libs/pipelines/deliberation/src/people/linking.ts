/** Links a person's Telegram to its account: a code that the web shows is told to the bot. From then on the account's age counts. */
import { minutes } from '@carillon/engine';
import { addressAtChat, inTransaction, newId, setChatLocale } from '@carillon/persistence';
import type { ChatIdentity } from '@carillon/persistence';
import type { DataSource, EntityManager } from 'typeorm';
import type { Account, Locale } from '../entities-intake.js';
import { appendEvidence } from '../evidence/append-evidence.js';
import { maskedEmail } from '../rules/signup.js';
import type { DeliberationSettings } from '../settings.js';
import { createSecret, endSecrets, useSecret } from './secrets.js';

export type LinkResult =
  | { kind: 'linked'; email: string | null }
  /** `wrong_code` also for one that is used or over; `locked` after too many of them. */
  | { kind: 'wrong_code' | 'locked' | 'account_has_other_chat' | 'chat_has_other_account' };

export class Linking {
  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: Pick<DeliberationSettings, 'linkingCodeExpiryMinutes' | 'maxFailedCodesPerDay'>,
  ) {}

  /** A new code; earlier ones of the account end. Undefined when it is linked already. */
  async code(accountId: string): Promise<{ code: string; expiresAt: Date } | undefined> {
    return inTransaction(this.dataSource, async (manager) => {
      const [account] = await manager.query<{ chatRef: string | null }[]>('SELECT chat_ref AS "chatRef" FROM deliberation.account WHERE id = $1 FOR NO KEY UPDATE', [accountId]);
      if (!account || account.chatRef !== null) return undefined;
      await endSecrets(manager, accountId, 'linking_code');
      const { secret, expiresAt } = await createSecret(manager, { kind: 'linking_code', accountId, lifeMs: minutes(this.settings.linkingCodeExpiryMinutes), bytes: 8 });
      return { code: secret, expiresAt };
    });
  }

  /** What the bot was told. Telling it the same again answers the same. */
  async link(code: string, chat: ChatIdentity): Promise<LinkResult> {
    const subject = `chat:${chat.ref}`;
    return inTransaction(this.dataSource, async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`deliberation.code ${subject}`]);
      if ((await failures(manager, subject)) >= this.settings.maxFailedCodesPerDay) return { kind: 'locked' };
      const [mine] = await manager.query<{ id: string }[]>('SELECT id FROM deliberation.account WHERE chat_ref = $1', [chat.ref]);
      const used = await useSecret(manager, 'linking_code', code.trim());
      const accountId = used?.accountId;
      if (accountId == null) {
        // An update that is handled again finds its code used, and itself linked.
        if (mine) return { kind: 'linked', email: await emailOf(manager, mine.id) };
        await manager.query('INSERT INTO deliberation.failed_code (id, subject, at) VALUES ($1, $2, engine.clock())', [newId(), subject]);
        return { kind: 'wrong_code' };
      }
      if (mine && mine.id !== accountId) return { kind: 'chat_has_other_account' };
      const [, linked] = await manager.query<[unknown, number]>(
        `UPDATE deliberation.account SET chat_ref = $2, messaging_verified = true, linked_at = coalesce(linked_at, engine.clock()), locale = $3, last_active_at = engine.clock()
         WHERE id = $1 AND chat_ref IS NULL AND erased_at IS NULL`,
        [accountId, chat.ref, chat.locale === 'fa' ? 'fa' : 'en'],
      );
      if (linked === 0) return { kind: 'account_has_other_chat' };
      await addressAtChat(manager, `account:${accountId}`, chat.ref);
      await appendEvidence(manager, { eventType: 'user_verified', entityType: 'verification', entityId: newId(), payload: { method: 'telegram' }, private: { user_id: accountId } });
      return { kind: 'linked', email: await emailOf(manager, accountId) };
    });
  }

  /** Remembers what language a person wants to be spoken to in. */
  async speak(chat: ChatIdentity, locale: Locale): Promise<void> {
    await inTransaction(this.dataSource, async (manager) => {
      await setChatLocale(manager, chat.ref, locale);
      await manager.query('UPDATE deliberation.account SET locale = $2 WHERE chat_ref = $1', [chat.ref, locale]);
    });
  }

  async accountOfChat(ref: string): Promise<Account | undefined> {
    return accountWhere(this.dataSource.manager, 'chat_ref', ref);
  }
}

/** By its id or by its chat. */
export async function accountWhere(manager: EntityManager, column: 'id' | 'chat_ref', value: string): Promise<Account | undefined> {
  const [account] = await manager.query<Account[]>(
    `SELECT id, ref, locale, email_verified AS "emailVerified", messaging_verified AS "messagingVerified", linked_at AS "linkedAt", contribution_count AS "contributionCount",
       created_at AS "createdAt", last_active_at AS "lastActiveAt", chat_ref AS "chatRef", erased_at AS "erasedAt" FROM deliberation.account WHERE ${column} = $1`,
    [value],
  );
  return account;
}

async function failures(manager: EntityManager, subject: string): Promise<number> {
  const [row] = await manager.query<{ count: number }[]>(`SELECT count(*)::int AS count FROM deliberation.failed_code WHERE subject = $1 AND at > engine.clock() - interval '24 hours'`, [subject]);
  return row?.count ?? 0;
}

async function emailOf(manager: EntityManager, accountId: string): Promise<string | null> {
  const [row] = await manager.query<{ email: string }[]>('SELECT email FROM deliberation.email_link WHERE account_id = $1', [accountId]);
  return row === undefined ? null : maskedEmail(row.email);
}
