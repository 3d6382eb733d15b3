/**
 * Runs as rows: created once per reason to exist, one at a time where the pipeline says so, and ended with honest counts. Everything here works
 * inside the caller's transaction, so a run, its first step, what was owed and the messages about them are one fact.
 */
import { decideOverlap } from '@carillon/engine';
import type { JsonObject, OverlapPolicy, RunEnd, StepPlan } from '@carillon/engine';
import { RunFinished, StepDue, subjectOf, Tick } from '@carillon/shared';
import type { RunStatus } from '@carillon/shared';
import type { EntityManager } from 'typeorm';
import { newId } from './identifiers.js';
import { promise } from './outbox.js';
import { storableJson, storableText } from './storable.js';
import { databaseNow } from './transaction.js';

export interface NewRun {
  pipeline: string;
  scope: string;
  /** What made it: `threshold`, `every`, `cron`, `manual`. */
  trigger: string;
  /** In words: "12 pendingSubmissions (threshold 10)". */
  reason?: string;
  plan: readonly StepPlan[];
  overlap: OverlapPolicy;
  params?: JsonObject;
  scheduleId?: string;
  scheduledFor?: Date;
  /** The same key of the same pipeline answers the run that it made before. */
  dedupeKey?: string;
}

export interface CreatedRun {
  id: string;
  status: RunStatus;
  reason: string | null;
  /** False when `dedupeKey` found a run that existed already. */
  created: boolean;
}

/** Creates a run and starts, queues or skips it as its overlap policy says; a skipped run is recorded like any other. */
export async function createRun(manager: EntityManager, run: NewRun): Promise<CreatedRun> {
  // The key counts for the whole pipeline, whatever the scope; taken first everywhere, so that no two wait for each other.
  if (run.dedupeKey !== undefined) await lockUntilCommit(manager, `carillon.dedupe ${run.pipeline} ${run.dedupeKey}`);
  if (run.overlap.kind === 'replace') await lockActiveRuns(manager, run.pipeline, run.scope);
  await lockScope(manager, run.pipeline, run.scope);
  const earlier = run.dedupeKey === undefined ? undefined : await findByDedupeKey(manager, run.pipeline, run.dedupeKey);
  if (earlier) return { ...earlier, created: false };
  const active = await activeRuns(manager, run.pipeline, run.scope);
  const running = active.filter((one) => one.status === 'running');
  const decision = decideOverlap(run.overlap, running.length, active.length - running.length);
  const id = newId();
  const status: RunStatus = decision === 'start' ? 'running' : decision === 'skip' ? 'skipped' : 'queued';
  const reason = decision === 'skip' ? `skipped: run ${active[0]?.id} is ${active[0]?.status}` : (run.reason ?? null);
  await insertRun(manager, id, status, reason, run);
  if (decision === 'replace') await cancelRuns(manager, { ids: active.map((one) => one.id) }, `replaced by run ${id}`);
  if (status === 'running') await startSteps(manager, id, run);
  return { id, status, reason, created: true };
}

/**
 * Asks runs to stop. What waits ends now; a step that is being worked on is told through its lease and ends when it has stopped.
 * @returns the ids of the runs that were asked
 */
export async function cancelRuns(manager: EntityManager, which: { ids: readonly string[] } | { pipeline: string; scope: string }, reason: string): Promise<string[]> {
  const filter = 'ids' in which ? 'id = ANY($1)' : 'pipeline = $1 AND scope = $2';
  const values = 'ids' in which ? [which.ids] : [which.pipeline, which.scope];
  const runs = await manager.query<{ id: string; status: RunStatus }[]>(
    `SELECT id, status FROM engine.run WHERE ${filter} AND status IN ('queued', 'running') ORDER BY status, id FOR UPDATE`,
    values,
  );
  // "queued" sorts before "running": what waits ends first, or the end of the running one would start it.
  for (const run of runs) {
    await manager.query('UPDATE engine.run SET cancel_requested_at = coalesce(cancel_requested_at, engine.clock()), reason = $2 WHERE id = $1', [run.id, storableText(reason)]);
    const [, working] = await manager.query<[unknown, number]>(
      `UPDATE engine.step SET status = 'cancelled', reason = $2, finished_at = engine.clock() WHERE run_id = $1 AND status = 'due'`,
      [run.id, storableText(reason)],
    );
    if (run.status === 'queued' || working > 0) await finishRun(manager, run.id, 'cancelled');
  }
  return runs.map((run) => run.id);
}

/** Promises the first step of a run that just became running, and tells the world. */
async function startSteps(manager: EntityManager, runId: string, run: Pick<NewRun, 'pipeline' | 'scope' | 'plan' | 'scheduleId' | 'scheduledFor'>): Promise<void> {
  const [first] = run.plan;
  if (!first) throw new Error(`pipeline "${run.pipeline}" has no steps`);
  const now = await databaseNow(manager);
  const tick: JsonObject = { runId, pipeline: run.pipeline, scope: run.scope, scheduledFor: (run.scheduledFor ?? now).toISOString(), ...(run.scheduleId && { scheduleId: run.scheduleId }) };
  await promise(manager, { subject: subjectOf(Tick, run.pipeline), payload: tick });
  await insertDueStep(manager, { runId, pipeline: run.pipeline, plan: first, position: 0, attempt: 1, dueAt: now });
}

export interface DueStep {
  runId: string;
  pipeline: string;
  plan: StepPlan;
  position: number;
  attempt: number;
  dueAt: Date;
}

/** Inserts one attempt of a step and promises its message for when it is due. */
export async function insertDueStep(manager: EntityManager, step: DueStep): Promise<string> {
  const id = newId();
  await manager.query(
    `INSERT INTO engine.step (id, run_id, name, position, attempt, status, owner, due_at) VALUES ($1, $2, $3, $4, $5, 'due', $6, $7)`,
    [id, step.runId, step.plan.name, step.position, step.attempt, step.plan.owner, step.dueAt],
  );
  await promiseStep(manager, { id, ...step, name: step.plan.name });
  return id;
}

/** Promises the message about a step row. Also how the rescue sweep repeats a nudge that got lost. */
export async function promiseStep(manager: EntityManager, step: { id: string; runId: string; pipeline: string; name: string; attempt: number; dueAt: Date }): Promise<void> {
  await promise(manager, {
    subject: subjectOf(StepDue, step.pipeline, step.name),
    payload: { stepId: step.id, runId: step.runId, pipeline: step.pipeline, step: step.name, attempt: step.attempt },
    availableAt: step.dueAt,
  });
}

/** Ends a run: sums its steps, tells the world, settles its schedule, and lets the next queued run of its scope begin. */
export async function finishRun(manager: EntityManager, runId: string, status: RunEnd): Promise<void> {
  const { counts, errors } = await sumSteps(manager, runId);
  const [run] = await manager
    .query<[RunRow[], number]>(
      `UPDATE engine.run SET status = $2, finished_at = engine.clock(), counts = $3, errors = $4 WHERE id = $1 AND status IN ('queued', 'running')
       RETURNING pipeline, scope, started_at, finished_at`,
      [runId, status, storableJson(counts), storableJson(errors)],
    )
    .then(([rows]) => rows);
  if (!run) return;
  const payload: JsonObject = { runId, pipeline: run.pipeline, scope: run.scope, status, counts, errors, finishedAt: run.finished_at.toISOString() };
  await promise(manager, { subject: subjectOf(RunFinished, run.pipeline), payload });
  await settleSchedule(manager, run, status);
  await startNextQueued(manager, run.pipeline, run.scope);
}

/** Any run of the pipeline and scope counts, also one that was asked for by hand: what matters to the schedule is when the work was last done. */
async function settleSchedule(manager: EntityManager, run: RunRow, status: RunEnd): Promise<void> {
  await manager.query(
    `UPDATE engine.schedule SET
       last_started_at = greatest(last_started_at, $3::timestamptz),
       last_success_started_at = CASE WHEN $4 = 'succeeded' THEN greatest(last_success_started_at, $3::timestamptz) ELSE last_success_started_at END,
       failures_in_row = CASE WHEN $4 = 'succeeded' THEN 0 WHEN $4 = 'cancelled' THEN failures_in_row ELSE failures_in_row + 1 END
     WHERE pipeline = $1 AND scope = $2`,
    [run.pipeline, run.scope, run.started_at, status],
  );
}

async function startNextQueued(manager: EntityManager, pipeline: string, scope: string): Promise<void> {
  await lockScope(manager, pipeline, scope);
  const [next] = await manager
    .query<[{ id: string; plan: StepPlan[]; schedule_id: string | null; scheduled_for: Date | null }[], number]>(
      `UPDATE engine.run SET status = 'running', started_at = engine.clock()
       WHERE id = (SELECT id FROM engine.run WHERE pipeline = $1 AND scope = $2 AND status = 'queued' ORDER BY requested_at, id LIMIT 1)
         AND NOT EXISTS (SELECT FROM engine.run WHERE pipeline = $1 AND scope = $2 AND status = 'running' AND exclusive)
       RETURNING id, plan, schedule_id, scheduled_for`,
      [pipeline, scope],
    )
    .then(([rows]) => rows);
  if (!next) return;
  await startSteps(manager, next.id, { pipeline, scope, plan: next.plan, ...(next.schedule_id && { scheduleId: next.schedule_id }), ...(next.scheduled_for && { scheduledFor: next.scheduled_for }) });
}

interface RunRow {
  pipeline: string;
  scope: string;
  started_at: Date | null;
  finished_at: Date;
}

/** The overlap decision of one pipeline and scope is made by one transaction at a time. */
async function lockScope(manager: EntityManager, pipeline: string, scope: string): Promise<void> {
  await lockUntilCommit(manager, `carillon.run ${pipeline} ${scope}`);
}

/** Whoever ends a run locks its row and then the scope; who replaces one does the same, or each would wait for the other until the database notices. */
async function lockActiveRuns(manager: EntityManager, pipeline: string, scope: string): Promise<void> {
  await manager.query(`SELECT FROM engine.run WHERE pipeline = $1 AND scope = $2 AND status IN ('queued', 'running') ORDER BY status, id FOR UPDATE`, [pipeline, scope]);
}

async function lockUntilCommit(manager: EntityManager, what: string): Promise<void> {
  await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [what]);
}

async function findByDedupeKey(manager: EntityManager, pipeline: string, dedupeKey: string): Promise<Omit<CreatedRun, 'created'> | undefined> {
  const [row] = await manager.query<Omit<CreatedRun, 'created'>[]>('SELECT id, status, reason FROM engine.run WHERE pipeline = $1 AND dedupe_key = $2', [pipeline, dedupeKey]);
  return row;
}

/** Runs of the scope that are not over, oldest first. */
export async function activeRuns(manager: EntityManager, pipeline: string, scope: string): Promise<{ id: string; status: 'queued' | 'running' }[]> {
  return manager.query(`SELECT id, status FROM engine.run WHERE pipeline = $1 AND scope = $2 AND status IN ('queued', 'running') ORDER BY requested_at, id`, [pipeline, scope]);
}

async function insertRun(manager: EntityManager, id: string, status: RunStatus, reason: string | null, run: NewRun): Promise<void> {
  await manager.query(
    `INSERT INTO engine.run (id, pipeline, scope, trigger, reason, schedule_id, scheduled_for, dedupe_key, params, plan, status, exclusive, requested_at, started_at, finished_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, engine.clock(),
             CASE WHEN $11 = 'running' THEN engine.clock() END, CASE WHEN $11 = 'skipped' THEN engine.clock() END)`,
    [
      id, run.pipeline, run.scope, run.trigger, reason, run.scheduleId ?? null, run.scheduledFor ?? null, run.dedupeKey ?? null,
      storableJson(run.params ?? {}), JSON.stringify(run.plan), status, run.overlap.kind !== 'allow',
    ],
  );
}

const ERRORS_KEPT = 100;

async function sumSteps(manager: EntityManager, runId: string): Promise<{ counts: Record<string, number>; errors: string[] }> {
  const steps = await manager.query<{ name: string; status: string; counts: Record<string, number>; item_errors: string[]; error: { message: string } | null }[]>(
    'SELECT name, status, counts, item_errors, error FROM engine.step WHERE run_id = $1 ORDER BY position, attempt',
    [runId],
  );
  const counts: Record<string, number> = {};
  const errors: string[] = [];
  for (const step of steps) {
    for (const [key, value] of Object.entries(step.counts)) counts[key] = (counts[key] ?? 0) + value;
    if (step.status === 'failed' && step.error) errors.push(`${step.name}: ${step.error.message}`);
    errors.push(...step.item_errors.map((error) => `${step.name}: ${error}`));
  }
  const more = errors.length - ERRORS_KEPT;
  return { counts, errors: more > 0 ? [...errors.slice(0, ERRORS_KEPT), `… and ${more} more, see the steps`] : errors };
}
