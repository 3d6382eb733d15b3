/** API keys: random, shown once, kept only as a hash. */
import { createHash, randomBytes } from 'node:crypto';
import { IsNull } from 'typeorm';
import type { DataSource } from 'typeorm';
import { ApiKey } from './entities-house.js';
import { newId } from './identifiers.js';

/** What a key may do: send submissions, import in bulk, operate runs and people, read what is not public. */
export const RIGHTS = ['submit', 'import', 'operate', 'read'] as const;
export type Right = (typeof RIGHTS)[number];

export interface KeyHolder {
  id: string;
  name: string;
  rights: Right[];
}

/** Makes a key. The text is returned here and nowhere else. A name that exists already answers undefined. */
export async function createApiKey(dataSource: DataSource, name: string, rights: readonly Right[]): Promise<string | undefined> {
  const key = `car_${randomBytes(32).toString('base64url')}`;
  const rows = await dataSource.manager.query<unknown[]>(
    'INSERT INTO engine.api_key (id, name, hash, rights) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING RETURNING id',
    [newId(), name, hashOf(key), rights],
  );
  return rows.length === 1 ? key : undefined;
}

/** A database without any key gets its first, with every right; undefined when there are keys already. */
export async function createFirstApiKey(dataSource: DataSource, name: string): Promise<string | undefined> {
  const [row] = await dataSource.manager.query<{ any: boolean }[]>('SELECT EXISTS (SELECT FROM engine.api_key) AS any');
  return row?.any === true ? undefined : createApiKey(dataSource, name, RIGHTS);
}

/** Who holds this key; undefined when nobody does or it was revoked. */
export async function holderOf(dataSource: DataSource, key: string): Promise<KeyHolder | undefined> {
  const holder = await dataSource.manager.findOne(ApiKey, { select: { id: true, name: true, rights: true }, where: { hash: hashOf(key), revokedAt: IsNull() } });
  return holder ?? undefined;
}

/** Replaces the key of a name, for an operator who lost it; the old one stops working. Its rights stay unless others are given. */
export async function rotateApiKey(dataSource: DataSource, name: string, rights?: readonly Right[]): Promise<string | undefined> {
  const key = `car_${randomBytes(32).toString('base64url')}`;
  const [, changed] = await dataSource.manager.query<[unknown, number]>('UPDATE engine.api_key SET hash = $2, revoked_at = NULL, rights = coalesce($3, rights) WHERE name = $1', [name, hashOf(key), rights ?? null]);
  return changed === 1 ? key : undefined;
}

/** Ends a key at once. False when no key of this name is in force. */
export async function revokeApiKey(dataSource: DataSource, name: string): Promise<boolean> {
  const [, changed] = await dataSource.manager.query<[unknown, number]>('UPDATE engine.api_key SET revoked_at = engine.clock() WHERE name = $1 AND revoked_at IS NULL', [name]);
  return changed === 1;
}

/** Keys carry 256 random bits, so one fast hash is enough; nothing can be guessed from it. */
const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');
