/** How the whole house stands, read for metrics: bounded counts over small indexes, in one statement that gives up before it could hurt. */
import type { DataSource } from 'typeorm';
import { inTransaction } from './transaction.js';

export interface HouseSample {
  /** Since the schedule that has been due longest was due; 0 when none is. */
  scheduleLagMs: number;
  /** Runs that are not over, by where they stand: queued, waiting for a time, due or running. */
  depth: { pipeline: string; status: string; count: number }[];
  /** By pipeline: since the step that has been due longest was due. */
  dueLag: { pipeline: string; ms: number }[];
  outbox: { waiting: number; oldestMs: number };
  deadLetters: { reason: string; count: number }[];
  /** Those that are not over, and those that a person should look at. */
  notices: { channel: string; status: string; count: number }[];
  alerts: { kind: string; count: number }[];
  services: { name: string; count: number }[];
}

/** Counts stop here: more than so many is a number that nobody reads exactly. */
const COUNTED_AT_MOST = 100_000;
const LIVING_WITHIN_MS = 15_000;

export async function sampleHouse(dataSource: DataSource, withinMs: number): Promise<HouseSample> {
  return inTransaction(dataSource, async (manager) => {
    await manager.query(`SELECT set_config('statement_timeout', $1, true)`, [String(withinMs)]);
    const [sample] = await manager.query<HouseSample[]>(
      `SELECT
         (SELECT coalesce(greatest(0, extract(epoch FROM engine.clock() - min(next_due_at)) * 1000), 0)::float8 FROM engine.schedule WHERE paused_at IS NULL AND next_due_at IS NOT NULL) AS "scheduleLagMs",
         (SELECT coalesce(json_agg(d), '[]') FROM (SELECT pipeline, status, count(*)::int AS count FROM (SELECT pipeline, status FROM engine.active_run LIMIT $1) a GROUP BY pipeline, status) d) AS depth,
         (SELECT coalesce(json_agg(l), '[]') FROM (SELECT pipeline, (extract(epoch FROM engine.clock() - min(due_at)) * 1000)::float8 AS ms FROM engine.active_run WHERE status = 'due' GROUP BY pipeline) l) AS "dueLag",
         (SELECT json_build_object('waiting', count(*), 'oldestMs', coalesce(greatest(0, extract(epoch FROM engine.clock() - min(available_at)) * 1000), 0))
            FROM (SELECT available_at FROM engine.outbox WHERE available_at <= engine.clock() ORDER BY available_at LIMIT $1) o) AS outbox,
         (SELECT coalesce(json_agg(d), '[]') FROM (SELECT reason, count(*)::int AS count FROM
            (SELECT reason FROM engine.dead_letter WHERE redriven_at IS NULL AND discarded_at IS NULL LIMIT $1) open GROUP BY reason) d) AS "deadLetters",
         (SELECT coalesce(json_agg(n), '[]') FROM (SELECT channel, status, count(*)::int AS count FROM
            (SELECT channel, status FROM notices.notice WHERE status IN ('queued', 'failed') UNION ALL SELECT channel, status FROM notices.notice WHERE status = 'sending'
             UNION ALL SELECT channel, status FROM notices.notice WHERE status IN ('uncertain', 'dead', 'undeliverable') LIMIT $1) open GROUP BY channel, status) n) AS notices,
         (SELECT coalesce(json_agg(a), '[]') FROM (SELECT kind, count(*)::int AS count FROM engine.alert WHERE closed_at IS NULL GROUP BY kind) a) AS alerts,
         (SELECT coalesce(json_agg(s), '[]') FROM (SELECT name, count(*)::int AS count FROM engine.service
            WHERE stopped_at IS NULL AND beat_at > engine.clock() - $2 * interval '1 millisecond' GROUP BY name) s) AS services`,
      [COUNTED_AT_MOST, LIVING_WITHIN_MS],
    );
    if (!sample) throw new Error('the database did not answer the sample of the house');
    return sample;
  });
}
