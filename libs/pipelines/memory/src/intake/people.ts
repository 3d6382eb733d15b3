/** People as an operator vouches for them, what they sign in with, and their settings. */
import { checkTimeZone } from '@carillon/calendar';
import { inTransaction, newId } from '@carillon/persistence';
import { createHash, randomBytes } from 'node:crypto';
import { InvalidField, NotFound } from '../errors.js';
import type { MemoryServices } from '../services.js';
import { recordAudit } from '../store/audit.js';
import { acting } from './acting.js';

export interface PersonView {
  user_id: string;
  display_name: string;
  is_allowed: boolean;
}

export interface SettingsView {
  time_zone: string;
  language: string;
  quiet_from: string | null;
  quiet_to: string | null;
  event_lead_minutes: number;
}

export type SettingsChange = Partial<SettingsView>;

/** Makes the person, or changes what is given; one that is not allowed can do nothing. */
export async function registerPerson({ dataSource }: MemoryServices, id: string, { displayName, allowed }: { displayName?: string; allowed?: boolean }): Promise<PersonView> {
  if (!/^[A-Za-z0-9_.:-]{1,64}$/.test(id)) throw new InvalidField('user_id', 'is 1 to 64 letters, digits or . _ : -');
  return inTransaction(dataSource, async (manager) => {
    const [row] = await manager.query<(PersonView & { created: boolean })[]>(
      `INSERT INTO memory.person AS p (id, display_name, is_allowed) VALUES ($1, coalesce($2, $1), coalesce($3, true))
       ON CONFLICT (id) DO UPDATE SET display_name = coalesce($2, p.display_name), is_allowed = coalesce($3, p.is_allowed) RETURNING id AS user_id, display_name, is_allowed, xmax = 0 AS created`,
      [id, displayName ?? null, allowed ?? null],
    );
    await manager.query('INSERT INTO memory.setting (user_id) VALUES ($1) ON CONFLICT DO NOTHING', [id]);
    const { created, ...person } = row as PersonView & { created: boolean };
    await recordAudit(manager, `user:${id}`, [{ ownerId: id, entityType: 'user', entityId: id, action: created ? 'created' : 'updated' }]);
    return person;
  });
}

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');

/** A key for this person's own programs, shown once. @throws NotFound */
export async function issueAccessKey({ dataSource }: MemoryServices, userId: string): Promise<string> {
  const key = `mem_${randomBytes(32).toString('base64url')}`;
  const [row] = await dataSource.manager.query<unknown[]>('INSERT INTO memory.access_key (id, user_id, hash) SELECT $1, id, $3 FROM memory.person WHERE id = $2 RETURNING id', [newId(), userId, hashOf(key)]);
  if (!row) throw new NotFound(`there is no user "${userId}"`);
  return key;
}

export async function revokeAccessKeys({ dataSource }: MemoryServices, userId: string): Promise<number> {
  const [, count] = await dataSource.manager.query<[unknown[], number]>('UPDATE memory.access_key SET revoked_at = engine.clock() WHERE user_id = $1 AND revoked_at IS NULL', [userId]);
  return count;
}

/** Whose key it is; undefined for one that is not known, was revoked, or whose person is not allowed. */
export async function personOfKey({ dataSource }: MemoryServices, key: string): Promise<string | undefined> {
  if (!/^mem_[\w-]{43}$/.test(key)) return undefined;
  const [row] = await dataSource.manager.query<{ id: string }[]>('SELECT p.id FROM memory.access_key k JOIN memory.person p ON p.id = k.user_id WHERE k.hash = $1 AND k.revoked_at IS NULL AND p.is_allowed', [hashOf(key)]);
  return row?.id;
}

const COLUMNS = 'time_zone, language, quiet_from, quiet_to, event_lead_minutes';

export async function readSettingsOf(services: MemoryServices, userId: string): Promise<SettingsView> {
  return acting(services, userId, async ({ manager }) => {
    const [row] = await manager.query<SettingsView[]>(`SELECT ${COLUMNS} FROM memory.setting WHERE user_id = $1`, [userId]);
    return row ?? { time_zone: 'UTC', language: 'en', quiet_from: null, quiet_to: null, event_lead_minutes: 60 };
  });
}

/** Changes what is given; null takes quiet hours back. @throws InvalidField */
export async function changeSettings(services: MemoryServices, userId: string, change: SettingsChange): Promise<SettingsView> {
  if (change.time_zone !== undefined) {
    try {
      checkTimeZone(change.time_zone);
    } catch (error) {
      throw new InvalidField('time_zone', (error as Error).message, { cause: error });
    }
  }
  if ((change.quiet_from === undefined) !== (change.quiet_to === undefined) || (change.quiet_from === null) !== (change.quiet_to === null)) throw new InvalidField('quiet_to', 'and quiet_from go together: send both, or null for both');
  return acting(services, userId, async ({ manager, audit }) => {
    const [row] = await manager.query<SettingsView[]>(
      `INSERT INTO memory.setting AS s (user_id, time_zone, language, quiet_from, quiet_to, event_lead_minutes) VALUES ($1, coalesce($2, 'UTC'), coalesce($3, 'en'), $4, $5, coalesce($6, 60))
       ON CONFLICT (user_id) DO UPDATE SET time_zone = coalesce($2, s.time_zone), language = coalesce($3, s.language), quiet_from = CASE WHEN $7 THEN $4 ELSE s.quiet_from END,
         quiet_to = CASE WHEN $7 THEN $5 ELSE s.quiet_to END, event_lead_minutes = coalesce($6, s.event_lead_minutes), updated_at = engine.clock() RETURNING ${COLUMNS}`,
      [userId, change.time_zone ?? null, change.language ?? null, change.quiet_from ?? null, change.quiet_to ?? null, change.event_lead_minutes ?? null, change.quiet_from !== undefined],
    );
    audit({ entityType: 'user_settings', entityId: userId, action: 'updated', detail: { changed: Object.keys(change) } });
    return row as SettingsView;
  });
}
