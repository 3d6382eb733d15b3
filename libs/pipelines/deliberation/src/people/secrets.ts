/** Sign-in links, linking codes and sessions: random texts that only their holder knows. What is kept is a hash, so that a copy of the database opens nothing. */
import { createHash, randomBytes } from 'node:crypto';
import { newId } from '@carillon/persistence';
import type { EntityManager } from 'typeorm';

export type SecretKind = 'magic_link' | 'linking_code' | 'session';

export interface NewSecret {
  kind: SecretKind;
  accountId?: string;
  email?: string;
  locale?: string;
  lifeMs: number;
  /** Random bytes: 32, or fewer for a code that people type. */
  bytes?: number;
}

export interface HeldSecret {
  id: string;
  accountId: string | null;
  email: string | null;
  locale: string;
}

/** Makes one in the caller's transaction. The text is returned here and nowhere else. */
export async function createSecret(manager: EntityManager, { kind, accountId, email, locale, lifeMs, bytes = 32 }: NewSecret): Promise<{ id: string; secret: string; expiresAt: Date }> {
  const [id, secret] = [newId(), randomBytes(bytes).toString('base64url')];
  const [row] = await manager.query<{ expiresAt: Date }[]>(
    `INSERT INTO deliberation.secret (id, kind, hash, account_id, email, locale, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, engine.clock(), engine.clock() + $7 * interval '1 millisecond') RETURNING expires_at AS "expiresAt"`,
    [id, kind, hashOf(secret), accountId ?? null, email ?? null, locale ?? 'en', lifeMs],
  );
  if (!row) throw new Error('the database kept no secret: try again');
  return { id, secret, expiresAt: row.expiresAt };
}

/** Uses one up: of several who try at once one gets it. Undefined when it is unknown, used or over. */
export async function useSecret(manager: EntityManager, kind: SecretKind, secret: string): Promise<HeldSecret | undefined> {
  const [rows] = await manager.query<[HeldSecret[], number]>(
    `UPDATE deliberation.secret SET used_at = engine.clock() WHERE kind = $1 AND hash = $2 AND used_at IS NULL AND expires_at > engine.clock()
     RETURNING id, account_id AS "accountId", email, locale`,
    [kind, hashOf(secret)],
  );
  return rows[0];
}

/** Whose session this is, while it lasts. */
export async function sessionHolder(manager: EntityManager, session: string): Promise<string | undefined> {
  const [row] = await manager.query<{ accountId: string }[]>(
    `SELECT account_id AS "accountId" FROM deliberation.secret WHERE kind = 'session' AND hash = $1 AND used_at IS NULL AND expires_at > engine.clock()`,
    [hashOf(session)],
  );
  return row?.accountId;
}

/** Ends every secret of an account, or every one of a kind. */
export async function endSecrets(manager: EntityManager, accountId: string, kind?: SecretKind): Promise<void> {
  await manager.query('UPDATE deliberation.secret SET used_at = engine.clock() WHERE account_id = $1 AND used_at IS NULL AND ($2::text IS NULL OR kind = $2)', [accountId, kind ?? null]);
}

/** 64 random bits and more each: one fast hash is enough. */
const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
