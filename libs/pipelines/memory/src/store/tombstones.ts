/** Files whose rows are gone. One is removed only after the commit that took its row, so a file that somebody can still see is never missing. */
import type { EntityManager } from 'typeorm';

export interface DueTombstone {
  path: string;
  tries: number;
}

export async function claimTombstones(manager: EntityManager, now: Date, limit: number): Promise<DueTombstone[]> {
  return manager.query('SELECT path, tries FROM memory.tombstone WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED', [now, limit]);
}

export async function clearTombstones(manager: EntityManager, paths: readonly string[]): Promise<void> {
  if (paths.length > 0) await manager.query('DELETE FROM memory.tombstone WHERE path = ANY($1)', [paths]);
}

/** A file that would not go is tried again after an hour, then later each time, a week at most. */
export async function postponeTombstone(manager: EntityManager, path: string, now: Date, error: string): Promise<void> {
  await manager.query(`UPDATE memory.tombstone SET tries = tries + 1, error = $3, due_at = $2::timestamptz + least(interval '7 days', interval '1 hour' * 2 ^ least(tries, 10)) WHERE path = $1`, [path, now, error.slice(0, 2_000)]);
}
