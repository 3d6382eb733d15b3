/** The schedules that pipelines define in code, and when the next of all schedules has to be looked at. */
import { nextLook, owedSince } from '@carillon/engine';
import type { Pipeline } from '@carillon/engine';
import type { DataSource, EntityManager } from 'typeorm';
import { refuseCircles } from './chain-circles.js';
import { newId } from './identifiers.js';
import { firstLook, followed, justBefore, moveCursors, recordOccurrences, SCHEDULE_COLUMNS, timed } from './schedule-rows.js';
import type { Hosted, HostedPipeline, ScheduleRow } from './schedule-rows.js';
import { ringOwed } from './schedule-times.js';
import type { CreatedRun } from './new-runs.js';
import { databaseNow, inTransaction } from './transaction.js';

/**
 * Writes the hosted pipelines' own schedules. What an edited one owed until now is decided by its old version; from then on it counts anew. Whether
 * it is paused is the operators' affair and stays as it was. @throws DefinitionError when they would follow each other in a circle
 */
export async function syncSchedules(dataSource: DataSource, hosted: readonly HostedPipeline[]): Promise<void> {
  await dataSource.query(`SELECT engine.make_occurrence_month(month::date) FROM generate_series(date_trunc('month', engine.clock() AT TIME ZONE 'UTC'), (engine.clock() AT TIME ZONE 'UTC') + interval '2 months', interval '1 month') month`);
  // All of them as this version has them: on the way from the version before, the old and the new may look like a circle.
  const own = hosted.map(({ pipeline: { name, trigger } }) => ({ name, pipeline: name, scope: '', trigger }));
  for (const one of own) await inTransaction(dataSource, (manager) => refuseCircles(manager, one, own));
  for (const host of hosted) await inTransaction(dataSource, (manager) => syncSchedule(manager, host));
}

async function syncSchedule(manager: EntityManager, host: HostedPipeline): Promise<void> {
  const { pipeline } = host;
  const [row] = await manager.query<ScheduleRow[]>(`SELECT ${SCHEDULE_COLUMNS} FROM engine.schedule s WHERE s.name = $1 FOR NO KEY UPDATE`, [pipeline.name]);
  if (!row) return createOwn(manager, pipeline);
  const [{ same } = { same: false }] = await manager.query<{ same: boolean }[]>(
    `SELECT (trigger, misfire, overlap, daylight, jitter_ms, deadline_ms, priority, source) IS NOT DISTINCT FROM ($2::jsonb, $3::jsonb, $4::jsonb, $5::jsonb, $6::int, $7::float8, $8::int, 'code'::text) AS same FROM engine.schedule WHERE id = $1`,
    [row.id, ...definitionOf(pipeline), pipeline.priority],
  );
  if (!same) await changeDefinition(manager, row, host, { ...pipeline, source: 'code', scope: row.scope, params: row.params });
}

/** A pipeline that only rings by hand needs no schedule until it had one. */
async function createOwn(manager: EntityManager, pipeline: Pipeline<never>): Promise<void> {
  if (pipeline.trigger.kind === 'manual') return;
  await insertSchedule(manager, { ...pipeline, pipeline: pipeline.name, source: 'code', scope: '', params: {} }, 'ON CONFLICT (name) DO NOTHING');
}

/** What makes a schedule ring as it does. */
export type Definition = Pick<ScheduleRow, 'trigger' | 'misfire' | 'overlap' | 'daylight' | 'jitterMs' | 'deadlineMs' | 'source' | 'scope' | 'params' | 'priority'>;

const definitionOf = (one: Pick<Definition, 'trigger' | 'misfire' | 'overlap' | 'daylight' | 'jitterMs' | 'deadlineMs'>): unknown[] => [
  JSON.stringify(one.trigger), JSON.stringify(one.misfire), JSON.stringify(one.overlap), JSON.stringify(one.daylight), one.jitterMs, one.deadlineMs,
];

/** @returns false when the name is taken and that was to be borne */
export async function insertSchedule(manager: EntityManager, one: Definition & { name: string; pipeline: string }, onConflict = ''): Promise<boolean> {
  const now = await databaseNow(manager);
  const id = newId();
  const { pipeline, scope } = followed(one.trigger);
  const made = await manager.query<unknown[]>(
    `INSERT INTO engine.schedule (id, name, pipeline, scope, source, trigger, misfire, overlap, daylight, jitter_ms, deadline_ms, params, priority, after_pipeline, after_scope, anchor_at, evaluated_through, next_due_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) ${onConflict} RETURNING id`,
    [
      id, one.name, one.pipeline, one.scope, one.source, ...definitionOf(one), JSON.stringify(one.params), one.priority,
      pipeline, scope && one.scope, now, justBefore(now), firstLook({ ...one, id }, now),
    ],
  );
  return made.length > 0;
}

/**
 * Gives a schedule another definition. Its row is held by the caller. What it owed by now is decided as it was until now, so nothing is lost and nothing of
 * the past is owed again; the version rises and the cursor moves to now.
 */
export async function changeDefinition(manager: EntityManager, row: ScheduleRow, host: HostedPipeline, to: Definition): Promise<CreatedRun[]> {
  const runs = await settleOwed(manager, row, host, `the schedule was changed before this was decided`);
  const { now } = row;
  const { pipeline, scope } = followed(to.trigger);
  await manager.query(
    `UPDATE engine.schedule SET trigger = $2, misfire = $3, overlap = $4, daylight = $5, jitter_ms = $6, deadline_ms = $7, source = $8, scope = $9, params = $10, priority = $11,
       after_pipeline = $12, after_scope = $13, version = version + 1, anchor_at = $14, evaluated_through = $15, next_due_at = $16, waiting_for = NULL, waiting_list = '[]', last_error = NULL, updated_at = engine.clock()
     WHERE id = $1`,
    [row.id, ...definitionOf(to), to.source, to.scope, JSON.stringify(to.params), to.priority, pipeline, scope && to.scope, now, justBefore(now), firstLook({ ...to, id: row.id }, now)],
  );
  await manager.query('DELETE FROM engine.chain_due WHERE schedule_id = $1', [row.id]);
  return runs;
}

/** Decides what a schedule owes right now, before it becomes something else. An instant that a sensor is still waited for ends there, with the reason. */
export async function settleOwed(manager: EntityManager, row: ScheduleRow, host: HostedPipeline, reason: string): Promise<CreatedRun[]> {
  const { trigger } = row;
  if (row.pausedAt !== null || trigger.kind === 'whenReady') {
    await recordOwed(manager, row, row.pausedAt === null ? 'expired' : 'paused', row.pausedAt === null ? reason : pausedReason(row.pausedAt));
    return [];
  }
  if (trigger.kind !== 'every' && trigger.kind !== 'cron' && trigger.kind !== 'once') return [];
  const { runs, through } = await ringOwed(manager, row, host);
  await moveCursors(manager, [{ id: row.id, through, nextDueAt: nextLook(timed(row), through), started: runs.some((run) => run.status !== 'skipped') }]);
  return runs;
}

export const pausedReason = (since: Date): string => `paused since ${since.toISOString()}`;

/** Records everything that is owed by now with one outcome. @returns how far it came */
export async function recordOwed(manager: EntityManager, row: ScheduleRow, outcome: 'paused' | 'expired', reason: string): Promise<number> {
  const { trigger } = row;
  const from = trigger.kind === 'whenReady' ? trigger.from : trigger;
  if (from.kind !== 'every' && from.kind !== 'cron' && from.kind !== 'once') return 0;
  let count = 0;
  let through = row.through;
  for (let more = true; more; ) {
    const look = owedSince(from, through, row.now, row.anchor, row.daylight);
    more = look.more;
    await recordOccurrences(manager, look.owed.map((scheduledFor) => ({ scheduleId: row.id, scheduledFor, outcome, reason })), 'ON CONFLICT DO NOTHING');
    through = look.owed.at(-1) ?? through;
    count += look.owed.length;
  }
  return count;
}

/** What a scheduler that has rung everything has to wait for. */
export interface NextWake {
  /** Milliseconds until the next schedule of times, or that has to be asked, falls due; Infinity when none will. */
  times: number;
  looks: number;
  /** Runs have ended that somebody follows. */
  chains: boolean;
  /** The pipelines whose runs are followed. */
  followed: string[];
}

export async function nextWake(dataSource: DataSource, hosted: Hosted): Promise<NextWake> {
  const wait = (byCode: string): string =>
    `(SELECT extract(epoch FROM next_due_at - engine.clock())::float8 * 1000 FROM engine.schedule WHERE paused_at IS NULL AND next_due_at IS NOT NULL AND ${byCode} AND pipeline = ANY($1) ORDER BY next_due_at LIMIT 1)`;
  const [row] = await dataSource.manager.query<{ times: number | null; looks: number | null; chains: boolean; followed: string[] | null }[]>(
    `SELECT ${wait('NOT by_code')} AS times, ${wait('by_code')} AS looks, EXISTS (SELECT FROM engine.chain_due c JOIN engine.schedule s ON s.id = c.schedule_id WHERE s.paused_at IS NULL AND s.pipeline = ANY($1)) AS chains,
       (SELECT array_agg(DISTINCT after_pipeline) FROM engine.schedule WHERE after_pipeline IS NOT NULL) AS followed`,
    [[...hosted.keys()]],
  );
  const until = (milliseconds: number | null | undefined): number => (milliseconds == null ? Infinity : Math.max(0, milliseconds));
  return { times: until(row?.times), looks: until(row?.looks), chains: row?.chains ?? false, followed: row?.followed ?? [] };
}
