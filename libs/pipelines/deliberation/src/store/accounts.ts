/** People, by an opaque reference. How a person proves who they are is not decided here. */
import { databaseNow, inTransaction, newId } from '@carillon/persistence';
import type { DataSource, EntityManager } from 'typeorm';
import { In } from 'typeorm';
import { Account } from '../entities-intake.js';
import type { Locale } from '../entities-intake.js';

export interface AccountRegistration {
  /** The operator's own opaque name of this person, at most 64 characters. */
  ref: string;
  locale?: Locale;
  emailVerified?: boolean;
  messagingVerified?: boolean;
  /** When messaging was linked; now when messaging is verified and nothing is said. */
  linkedAt?: Date;
}

export class Accounts {
  constructor(private readonly dataSource: DataSource) {}

  /** Makes the account, or changes what is given of an existing one. Repeating it changes nothing. */
  async register({ ref, locale, emailVerified, messagingVerified, linkedAt }: AccountRegistration): Promise<Account> {
    return inTransaction(this.dataSource, async (manager) => {
      const now = await databaseNow(manager);
      await createMissingAccounts(manager, [{ ref, locale: locale ?? 'en' }]);
      const account = await lockedAccount(manager, ref);
      if (account === undefined) throw new Error(`account ${ref} vanished while it was registered: try again`);
      Object.assign(account, {
        locale: locale ?? account.locale,
        emailVerified: emailVerified ?? account.emailVerified,
        messagingVerified: messagingVerified ?? account.messagingVerified,
        linkedAt: linkedAt ?? account.linkedAt ?? (messagingVerified === true ? now : null),
      });
      return manager.save(Account, account);
    });
  }

  async find(ref: string): Promise<Account | undefined> {
    return (await this.dataSource.manager.findOneBy(Account, { ref })) ?? undefined;
  }
}

/** Bare accounts for references that have none; in the order of the reference, so that two imports can not wait for each other. */
export async function createMissingAccounts(manager: EntityManager, wanted: readonly { ref: string; locale: Locale }[]): Promise<void> {
  const inOrder = [...new Map(wanted.map((one) => [one.ref, one])).values()].sort((a, b) => (a.ref < b.ref ? -1 : 1));
  await manager.query(
    `INSERT INTO deliberation.account (id, ref, locale)
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[]) ON CONFLICT (ref) DO NOTHING`,
    [inOrder.map(() => newId()), inOrder.map(({ ref }) => ref), inOrder.map(({ locale }) => locale)],
  );
}

export async function accountsByRef(manager: EntityManager, refs: readonly string[]): Promise<Map<string, Account>> {
  const accounts = await manager.findBy(Account, { ref: In([...new Set(refs)]) });
  return new Map(accounts.map((account) => [account.ref, account]));
}

/**
 * The account, held until the transaction ends, so that one person's submissions are counted one after the other. Nobody else waits, and rows
 * that refer to the account may still be added.
 */
export async function lockedAccount(manager: EntityManager, ref: string): Promise<Account | undefined> {
  return (await manager.findOne(Account, { where: { ref }, lock: { mode: 'for_no_key_update' } })) ?? undefined;
}

/** Credits accepted contributions; in the order of the id, for the same reason as above. */
export async function creditContributions(manager: EntityManager, accountIds: readonly string[], now: Date): Promise<void> {
  for (const id of [...new Set(accountIds)].sort()) {
    const contributions = accountIds.filter((one) => one === id).length;
    await manager.query('UPDATE deliberation.account SET contribution_count = contribution_count + $2, last_active_at = $3 WHERE id = $1', [id, contributions, now]);
  }
}
