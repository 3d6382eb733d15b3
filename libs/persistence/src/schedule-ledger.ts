/**
 * Schedules as rows: what is owed since the cursor, decided and recorded in one short transaction per schedule. Any number of schedulers may
 * look; the row lock says whose it is, and one schedule's error never touches another.
 */
import { decideMisfires, decideThreshold, nextDue, owedSince } from '@carillon/engine';
import type { MisfirePolicy, OccurrenceDecision, OverlapPolicy, Pipeline, ThresholdTrigger, TimeTrigger, Trigger } from '@carillon/engine';
import type { DataSource, EntityManager } from 'typeorm';
import { newId } from './identifiers.js';
import { createRun } from './new-runs.js';
import type { CreatedRun } from './new-runs.js';
import { activeRuns } from './run-ledger.js';
import { storableText } from './storable.js';
import { asTransaction, databaseNow, inTransaction, isConnectionLost } from './transaction.js';

/** A pipeline and the services that its counters need, as a scheduler hosts it. */
export interface HostedPipeline {
  // A pipeline's counters only ever meet the services they were registered with.
  pipeline: Pipeline<never>;
  services: never;
}

/** Puts a pipeline beside the services that its steps, counters and conditions need; the compiler sees to it that they fit. */
export function hostPipeline<Services>(pipeline: Pipeline<Services>, services: NoInfer<Services>): HostedPipeline {
  return { pipeline, services } as unknown as HostedPipeline;
}

/** What one look at one schedule came to. */
export interface Rung {
  pipeline: string;
  scope: string;
  runs: CreatedRun[];
  /** Why this schedule could not be looked at; it was set aside for half a minute, with the reason in its row. */
  error?: unknown;
}

/** Writes the hosted pipelines' own schedules. An edited trigger raises the version and owes nothing from before the edit. */
export async function syncSchedules(dataSource: DataSource, hosted: readonly HostedPipeline[]): Promise<void> {
  for (const { pipeline } of hosted) {
    const write = pipeline.trigger.kind === 'manual' ? silenceSchedule : syncSchedule;
    await inTransaction(dataSource, (manager) => write(manager, pipeline));
  }
}

/** A pipeline that became manual keeps its schedule's history and rings no more. */
async function silenceSchedule(manager: EntityManager, { name, trigger }: Pipeline<never>): Promise<void> {
  await manager.query(
    `UPDATE engine.schedule SET trigger = $2, version = version + 1, next_due_at = NULL, waiting_for = NULL, updated_at = engine.clock()
     WHERE pipeline = $1 AND scope = '' AND trigger <> $2::jsonb`,
    [name, JSON.stringify(trigger)],
  );
}

async function syncSchedule(manager: EntityManager, { name, trigger, misfire, overlap }: Pipeline<never>): Promise<void> {
  const now = await databaseNow(manager);
  const due = trigger.kind === 'threshold' ? new Date(now.getTime() + trigger.pollMs) : nextDue(trigger as TimeTrigger, justBefore(now), now);
  await manager.query(
    `INSERT INTO engine.schedule AS s (id, pipeline, scope, trigger, misfire, overlap, anchor_at, evaluated_through, next_due_at)
     VALUES ($1, $2, '', $3, $4, $5, $6, $7, $8)
     ON CONFLICT (pipeline, scope) DO UPDATE SET
       trigger = excluded.trigger, misfire = excluded.misfire, overlap = excluded.overlap, updated_at = engine.clock(),
       version = s.version + 1, anchor_at = excluded.anchor_at, evaluated_through = excluded.evaluated_through, next_due_at = excluded.next_due_at
     WHERE (s.trigger, s.misfire, s.overlap) IS DISTINCT FROM (excluded.trigger, excluded.misfire, excluded.overlap)`,
    [newId(), name, JSON.stringify(trigger), JSON.stringify(misfire), JSON.stringify(overlap), now, justBefore(now), due],
  );
}

/**
 * Looks at the one schedule that has been due longest, of those that are hosted here and nobody else is looking at.
 * @returns undefined when nothing is due; with `error` when that schedule, and only that one, is broken
 */
export async function ringNextDue(dataSource: DataSource, hosted: ReadonlyMap<string, HostedPipeline>): Promise<Rung | undefined> {
  let at: Pick<ScheduleRow, 'id' | 'pipeline' | 'scope'> | undefined;
  try {
    return await inTransaction(dataSource, async (manager) => {
      const [schedule] = await manager.query<ScheduleRow[]>(
        `SELECT id, pipeline, scope, trigger, misfire, overlap, anchor_at, evaluated_through, last_started_at, last_success_started_at, failures_in_row, created_at
         FROM engine.schedule WHERE paused_at IS NULL AND next_due_at <= engine.clock() AND pipeline = ANY($1)
         ORDER BY next_due_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
        [[...hosted.keys()]],
      );
      const host = schedule && hosted.get(schedule.pipeline);
      if (!schedule || !host) return undefined;
      at = schedule;
      const runs = schedule.trigger.kind === 'threshold' ? await ringThreshold(manager, schedule, schedule.trigger, host) : await ringTimes(manager, schedule, schedule.trigger as TimeTrigger, host);
      return { pipeline: schedule.pipeline, scope: schedule.scope, runs };
    });
  } catch (error) {
    // Without a database no schedule is to blame.
    if (!at || isConnectionLost(error)) throw error;
    await setAside(dataSource, at.id, error);
    return { pipeline: at.pipeline, scope: at.scope, runs: [], error };
  }
}

/** When the next schedule of these pipelines falls due, as a wait from now; Infinity when none will. */
export async function msUntilNextDue(dataSource: DataSource, pipelines: readonly string[]): Promise<number> {
  const [row] = await dataSource.manager.query<{ wait: number | null }[]>(
    `SELECT extract(epoch FROM min(next_due_at) - engine.clock())::float8 * 1000 AS wait FROM engine.schedule
     WHERE paused_at IS NULL AND next_due_at IS NOT NULL AND pipeline = ANY($1)`,
    [pipelines],
  );
  return row?.wait == null ? Infinity : Math.max(0, row.wait);
}

export interface ScheduleView {
  pipeline: string;
  scope: string;
  trigger: Trigger;
  misfire: MisfirePolicy;
  overlap: OverlapPolicy;
  version: number;
  nextDueAt: Date | null;
  pausedAt: Date | null;
  lastStartedAt: Date | null;
  lastSuccessStartedAt: Date | null;
  failuresInRow: number;
  /** What a threshold still waits for, in words. */
  waitingFor: string | null;
  lastError: string | null;
}

export async function listSchedules(dataSource: DataSource): Promise<ScheduleView[]> {
  return dataSource.manager.query(
    `SELECT pipeline, scope, trigger, misfire, overlap, version, next_due_at AS "nextDueAt", paused_at AS "pausedAt", last_started_at AS "lastStartedAt",
            last_success_started_at AS "lastSuccessStartedAt", failures_in_row AS "failuresInRow", waiting_for AS "waitingFor", last_error AS "lastError"
     FROM engine.schedule ORDER BY pipeline, scope`,
  );
}

async function ringTimes(manager: EntityManager, schedule: ScheduleRow, trigger: TimeTrigger, { pipeline }: HostedPipeline): Promise<CreatedRun[]> {
  const now = await databaseNow(manager);
  const runs: CreatedRun[] = [];
  let through = schedule.evaluated_through;
  for (let part = { continued: false, more: true }; part.more; part.continued = true) {
    const { owed, more } = owedSince(trigger, through, now, schedule.anchor_at);
    part.more = more;
    const decisions = decideMisfires(schedule.misfire, owed, now, part);
    await recordMissed(manager, schedule.id, decisions);
    for (const { fire, scheduledFor } of decisions) if (fire) runs.push(await ring(manager, schedule, pipeline, scheduledFor, lateness(scheduledFor, now)));
    through = decisions.at(-1)?.scheduledFor ?? through;
  }
  await moveCursor(manager, schedule.id, through, nextDue(trigger, through, schedule.anchor_at), null);
  return runs;
}

async function ringThreshold(manager: EntityManager, schedule: ScheduleRow, trigger: ThresholdTrigger, { pipeline, services }: HostedPipeline): Promise<CreatedRun[]> {
  const now = await databaseNow(manager);
  const transaction = asTransaction(manager);
  const active = (await activeRuns(manager, schedule.pipeline, schedule.scope)).length > 0;
  const decision = decideThreshold(trigger, {
    now,
    active,
    count: active ? 0 : ((await pipeline.counter?.read(services, transaction)) ?? 0),
    conditionHolds: active ? false : ((await pipeline.condition?.holds(services, transaction)) ?? false),
    lastStartedAt: schedule.last_started_at,
    lastSuccessStartedAt: schedule.last_success_started_at ?? schedule.created_at,
    failuresInRow: schedule.failures_in_row,
  });
  if (!decision.ring) {
    await moveCursor(manager, schedule.id, now, decision.nextPollAt, decision.reason);
    return [];
  }
  const run = await ring(manager, schedule, pipeline, now, decision.reason);
  await moveCursor(manager, schedule.id, now, new Date(now.getTime() + trigger.pollMs), null);
  return [run];
}

/** One owed instant becomes one run, and the ledger says so. */
async function ring(manager: EntityManager, schedule: ScheduleRow, pipeline: Pipeline<never>, scheduledFor: Date, reason: string): Promise<CreatedRun> {
  const run = await createRun(manager, {
    pipeline: schedule.pipeline,
    scope: schedule.scope,
    trigger: schedule.trigger.kind,
    reason,
    plan: pipeline.steps.map((step) => step.plan),
    overlap: schedule.overlap,
    scheduleId: schedule.id,
    scheduledFor,
  });
  await manager.query('INSERT INTO engine.occurrence (schedule_id, scheduled_for, outcome, reason, run_id) VALUES ($1, $2, $3, $4, $5)', [schedule.id, scheduledFor, run.status === 'skipped' ? 'skipped' : 'ran', run.reason, run.id]);
  if (run.status !== 'skipped') await manager.query('UPDATE engine.schedule SET last_started_at = engine.clock() WHERE id = $1', [schedule.id]);
  return run;
}

/** A scheduler that comes back after a week has thousands of these, so they are one statement. */
async function recordMissed(manager: EntityManager, scheduleId: string, decisions: readonly OccurrenceDecision[]): Promise<void> {
  const missed = decisions.filter((decision) => !decision.fire);
  if (missed.length === 0) return;
  await manager.query(
    'INSERT INTO engine.occurrence (schedule_id, scheduled_for, outcome, reason) SELECT $1::uuid, * FROM unnest($2::timestamptz[], $3::text[], $4::text[])',
    [scheduleId, missed.map((one) => one.scheduledFor), missed.map((one) => one.outcome), missed.map((one) => one.reason)],
  );
}

async function moveCursor(manager: EntityManager, scheduleId: string, through: Date, next: Date | null, waitingFor: string | null): Promise<void> {
  await manager.query('UPDATE engine.schedule SET evaluated_through = $2, next_due_at = $3, waiting_for = $4, last_error = NULL WHERE id = $1', [scheduleId, through, next, waitingFor]);
}

/** A schedule whose look failed waits half a minute before the next one, so that it can not hold up the others. */
async function setAside(dataSource: DataSource, scheduleId: string, error: unknown): Promise<void> {
  await dataSource.manager.query(`UPDATE engine.schedule SET next_due_at = engine.clock() + interval '30 seconds', last_error = $2 WHERE id = $1`, [scheduleId, storableText(String(error)).slice(0, 500)]);
}

function lateness(scheduledFor: Date, now: Date): string {
  const late = now.getTime() - scheduledFor.getTime();
  return late < 60_000 ? 'due' : `due ${Math.round(late / 1000)} s ago`;
}

/** So that an instant that falls exactly on the moment of creation is still owed. */
const justBefore = (now: Date): Date => new Date(now.getTime() - 1);

interface ScheduleRow {
  id: string;
  pipeline: string;
  scope: string;
  trigger: Trigger;
  misfire: MisfirePolicy;
  overlap: OverlapPolicy;
  anchor_at: Date;
  evaluated_through: Date;
  last_started_at: Date | null;
  last_success_started_at: Date | null;
  failures_in_row: number;
  created_at: Date;
}
