/** What a person does is one transaction: the change, its line in the audit, and the nudge when something falls due sooner than anybody looks. */
import { databaseNow, hasten, inTransaction } from '@carillon/persistence';
import type { EntityManager } from 'typeorm';
import { InvalidField, NotFound } from '../errors.js';
import type { MemoryServices } from '../services.js';
import { recordAudit } from '../store/audit.js';
import type { AuditLine } from '../store/audit.js';

/** One person's transaction. */
export interface Act {
  userId: string;
  manager: EntityManager;
  now: Date;
  timeZone: string;
  /** Lines of the audit, written as the transaction ends. */
  audit(line: Omit<AuditLine, 'ownerId'>): void;
  /** Something is to be done at that instant. */
  due(at: Date): void;
}

export interface Pager {
  limit?: number;
  offset?: number;
}

/** @throws NotFound when there is no such person, or they may not use it any more */
export async function acting<T>({ dataSource, committed }: MemoryServices, userId: string, work: (act: Act) => Promise<T>): Promise<T> {
  let promised = false;
  const done = await inTransaction(dataSource, async (manager) => {
    const [person] = await manager.query<{ timeZone: string | null }[]>('SELECT s.time_zone AS "timeZone" FROM memory.person p LEFT JOIN memory.setting s ON s.user_id = p.id WHERE p.id = $1 AND p.is_allowed', [userId]);
    if (!person) throw new NotFound(`there is no user "${userId}"`);
    const lines: AuditLine[] = [];
    let first: Date | undefined;
    const act: Act = {
      ...{ userId, manager, now: await databaseNow(manager), timeZone: person.timeZone ?? 'UTC' },
      audit: (line) => void lines.push({ ...line, ownerId: userId }),
      due: (at) => void (first = first && first <= at ? first : at),
    };
    const result = await work(act);
    await recordAudit(manager, `user:${userId}`, lines);
    // Last, because it holds the schedule's row until the commit.
    if (first) await hasten(manager, 'memory', first);
    promised = first !== undefined;
    return result;
  });
  if (promised) committed?.();
  return done;
}

/** The one row. @throws NotFound when there is none, or it is another person's */
export function found<Row>(rows: readonly Row[], what: string, id: string): Row {
  const [row] = rows;
  if (!row) throw new NotFound(`there is no ${what} ${id}`);
  return row;
}

/** Postgres refuses NUL and half surrogate pairs; a text of spaces says nothing. @throws InvalidField */
export function checkText(field: string, text: string, longest: number): string {
  const trimmed = text.trim();
  if (trimmed === '') throw new InvalidField(field, 'is empty: write something');
  if (trimmed.length > longest) throw new InvalidField(field, `has ${trimmed.length} characters: ${longest} at most`);
  if (/\0|\p{Surrogate}/u.test(trimmed)) throw new InvalidField(field, 'holds a NUL or half of a surrogate pair: remove it');
  return trimmed;
}

/** What refers to a memory must be that person's own memory. @throws NotFound */
export async function checkMemory({ manager, userId }: Act, memoryId: string | null | undefined): Promise<string | null> {
  if (memoryId == null) return null;
  found(await manager.query('SELECT id FROM memory.memory WHERE id = $1 AND owner_id = $2 FOR KEY SHARE', [memoryId, userId]), 'memory', memoryId);
  return memoryId;
}
