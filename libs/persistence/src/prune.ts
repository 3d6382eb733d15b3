/** Small tables that only grow: what is over and old is deleted in batches, so that no sweep holds locks for long or fills the log at once. */
import type { DataSource } from 'typeorm';

const AT_ONCE = 2_000;
/** A sweep ends here; the next one goes on. */
const BATCHES = 50;

export interface Pruned {
  notices: number;
  deadLetters: number;
  alerts: number;
  services: number;
}

/** @param months what is older is deleted */
export async function pruneOld(dataSource: DataSource, months: number): Promise<Pruned> {
  return {
    notices: await inBatches(dataSource, `DELETE FROM notices.notice WHERE id IN (SELECT id FROM notices.notice WHERE created_at < ${before} AND status IN ('sent', 'dry-run', 'uncertain', 'dead', 'undeliverable') LIMIT ${AT_ONCE})`, [months]),
    deadLetters: await inBatches(dataSource, `DELETE FROM engine.dead_letter WHERE id IN (SELECT id FROM engine.dead_letter WHERE (redriven_at IS NOT NULL OR discarded_at IS NOT NULL) AND greatest(redriven_at, discarded_at) < ${before} LIMIT ${AT_ONCE})`, [months]),
    alerts: await inBatches(dataSource, `DELETE FROM engine.alert WHERE id IN (SELECT id FROM engine.alert WHERE opened_at < ${before} AND closed_at < ${before} ORDER BY opened_at LIMIT ${AT_ONCE})`, [months]),
    // The last of each name stays: it says since when a service is missed.
    services: await inBatches(
      dataSource,
      `DELETE FROM engine.service WHERE id IN (SELECT id FROM engine.service s WHERE beat_at < ${before}
         AND EXISTS (SELECT FROM engine.service later WHERE later.name = s.name AND later.beat_at > s.beat_at) AND NOT EXISTS (SELECT FROM engine.active_run a WHERE a.claimed_by = s.id) LIMIT ${AT_ONCE})`,
      [months],
    ),
  };
}

const before = `engine.clock() - $1 * interval '1 month'`;

async function inBatches(dataSource: DataSource, sql: string, values: unknown[]): Promise<number> {
  let total = 0;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const [, deleted] = await dataSource.manager.query<[unknown, number]>(sql, values);
    total += deleted;
    if (deleted < AT_ONCE) return total;
  }
  return total;
}
