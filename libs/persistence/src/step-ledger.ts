/**
 * A step's life as rows: claimed by compare-and-set with a lease and a fencing number, settled in one transaction with its own last write and
 * with whatever is next. A worker that lost its lease can not write: its number is stale.
 */
import { afterLostAttempt, afterStep } from '@carillon/engine';
import type { AfterStep, Attempt, JsonObject, RunProgress, StepEnd, StepOutcome, StepPlan, StepReport } from '@carillon/engine';
import type { DataSource, EntityManager } from 'typeorm';
import { newId } from './identifiers.js';
import { finishRun, insertDueStep, promiseStep } from './run-ledger.js';
import { storableJson, storableText } from './storable.js';
import { asTransaction, databaseNow, inTransaction, isConnectionLost } from './transaction.js';

/** A step that is ours for now: what a worker needs to run it, and the number that lets it write. */
export interface ClaimedStep {
  id: string;
  fence: string;
  attempt: number;
  name: string;
  plan: StepPlan;
  claimedAt: Date;
  run: { id: string; pipeline: string; scope: string; trigger: string; params: JsonObject };
  outputs: Record<string, JsonObject>;
}

/** The lease ran out or the run was ended by somebody else: whoever holds this number must stop, and nothing of it was written. */
export class StaleLease extends Error {
  override readonly name = 'StaleLease';
}

/** Claims one due step; undefined when somebody else has it, it is settled, not yet due, or its run is over. */
export async function claimStep(dataSource: DataSource, stepId: string, workerId: string, leaseMs: number): Promise<ClaimedStep | undefined> {
  return inTransaction(dataSource, async (manager) => {
    const [claimed] = await manager
      .query<[ClaimRow[], number]>(
        `UPDATE engine.step SET status = 'running', claimed_by = $2, fence = nextval('engine.fence'), started_at = engine.clock(),
           lease_until = engine.clock() + $3 * interval '1 millisecond'
         WHERE id = $1 AND status = 'due' AND due_at <= engine.clock()
         RETURNING id, fence, attempt, name, run_id, started_at`,
        [stepId, workerId, leaseMs],
      )
      .then(([rows]) => rows);
    if (!claimed) return undefined;
    const [run] = await manager.query<ClaimedRunRow[]>('SELECT id, pipeline, scope, trigger, params, plan FROM engine.run WHERE id = $1', [claimed.run_id]);
    const plan = run?.plan.find((one) => one.name === claimed.name);
    if (!run || !plan) throw new Error(`step ${stepId} ("${claimed.name}") is not in the list of run ${claimed.run_id}`);
    const outputs = await outputsOf(manager, run.id);
    await manager.query('UPDATE engine.step SET input = $2 WHERE id = $1', [stepId, JSON.stringify({ params: run.params, outputs })]);
    const { pipeline, scope, trigger, params } = run;
    return { id: claimed.id, fence: claimed.fence, attempt: claimed.attempt, name: claimed.name, plan, claimedAt: claimed.started_at, run: { id: run.id, pipeline, scope, trigger, params }, outputs };
  });
}

/**
 * Settles an attempt: the step's own write, its record, and what is next, in one transaction.
 * @throws StaleLease when the lease was lost meanwhile; then nothing was written
 */
export async function settleStep(dataSource: DataSource, claim: ClaimedStep, outcome: StepOutcome, random: number): Promise<AfterStep> {
  return inTransaction(dataSource, async (manager) => {
    const run = await lockRun(manager, claim.run.id);
    const held = await manager.query<unknown[]>(`SELECT FROM engine.step WHERE id = $1 AND fence = $2 AND status = 'running' FOR UPDATE`, [claim.id, claim.fence]);
    if (!run || held.length === 0) throw new StaleLease(`step "${claim.name}" of run ${claim.run.id} is no longer ours (fence ${claim.fence})`);
    if (outcome.kind === 'done') await outcome.write?.(asTransaction(manager));
    const { progress, attempt } = await progressOf(manager, run, claim.name, outcome.kind === 'done' ? (outcome.errors?.length ?? 0) : 0);
    const now = await databaseNow(manager);
    const next = afterStep(progress, attempt, outcome, now, random);
    await apply(manager, { stepId: claim.id, run, name: claim.name, attempt: claim.attempt }, next, outcome);
    return next;
  });
}

/** Takes over steps whose worker fell silent past its lease. @returns one line for each, for the log */
export async function takeOverLostSteps(dataSource: DataSource, limit: number): Promise<string[]> {
  const lost = await dataSource.manager.query<{ id: string; run_id: string; fence: string }[]>(
    `SELECT id, run_id, fence FROM engine.step WHERE status = 'running' AND lease_until < engine.clock() ORDER BY lease_until LIMIT $1`,
    [limit],
  );
  const taken: string[] = [];
  for (const { id, run_id: runId, fence } of lost) {
    try {
      const line = await inTransaction(dataSource, (manager) => takeOver(manager, id, runId, fence));
      if (line !== undefined) taken.push(line);
    } catch (error) {
      // One step that can not be taken over must not keep the others from it.
      if (isConnectionLost(error)) throw error;
      taken.push(`step ${id} of run ${runId} could not be taken over, it is tried again: ${String(error)}`);
    }
  }
  return taken;
}

async function takeOver(manager: EntityManager, stepId: string, runId: string, fence: string): Promise<string | undefined> {
  // Whoever holds the run is settling it, perhaps with a long last write: then there is nothing to take over yet, and nothing to wait for.
  const run = await lockRun(manager, runId, 'SKIP LOCKED');
  const [step] = await manager.query<{ name: string; attempt: number }[]>(
    `SELECT name, attempt FROM engine.step WHERE id = $1 AND fence = $2 AND status = 'running' AND lease_until < engine.clock() FOR UPDATE SKIP LOCKED`,
    [stepId, fence],
  );
  if (!run || !step) return undefined;
  await manager.query(`UPDATE engine.step SET status = 'lost', finished_at = engine.clock(), reason = 'its worker fell silent' WHERE id = $1`, [stepId]);
  const { progress, attempt } = await progressOf(manager, run, step.name, 0);
  const next = afterLostAttempt(progress, attempt, await databaseNow(manager));
  if (next.kind === 'again') await insertAgain(manager, run, step.name, step.attempt, next.dueAt);
  else await proceed(manager, run, step.name, next);
  return `step "${step.name}" of run ${runId} taken over after its worker fell silent`;
}

/**
 * Repeats the nudge of steps that have been due for a while without anyone claiming them: the bus may lose anything. The longer one waits the more
 * seldom, at least once a minute: most were not lost but wait for a busy worker, and would pile up on the bus.
 */
export async function renudgeWaitingSteps(dataSource: DataSource, waitingMs: number, limit: number): Promise<number> {
  return inTransaction(dataSource, async (manager) => {
    const waiting = await manager.query<{ id: string; runId: string; pipeline: string; name: string; attempt: number; dueAt: Date }[]>(
      `SELECT s.id, s.run_id AS "runId", r.pipeline, s.name, s.attempt, engine.clock() AS "dueAt"
       FROM engine.step s JOIN engine.run r ON r.id = s.run_id
       WHERE s.status = 'due' AND s.due_at < engine.clock() - $1 * interval '1 millisecond'
         AND (s.nudged_at IS NULL OR s.nudged_at < engine.clock() - greatest($1 * interval '1 millisecond', least(interval '1 minute', (engine.clock() - s.due_at) / 2)))
         AND NOT EXISTS (SELECT FROM engine.outbox o WHERE o.payload->>'stepId' = s.id::text)
       ORDER BY s.due_at LIMIT $2 FOR UPDATE OF s SKIP LOCKED`,
      [waitingMs, limit],
    );
    for (const step of waiting) await promiseStep(manager, step);
    await manager.query('UPDATE engine.step SET nudged_at = engine.clock() WHERE id = ANY($1)', [waiting.map((step) => step.id)]);
    return waiting.length;
  });
}

interface LockedRun {
  id: string;
  pipeline: string;
  plan: StepPlan[];
  cancelRequested: boolean;
}

interface Place {
  stepId: string;
  run: LockedRun;
  name: string;
  attempt: number;
}

async function apply(manager: EntityManager, place: Place, next: AfterStep, outcome: StepOutcome): Promise<void> {
  const report: StepReport = outcome.kind === 'done' ? outcome : {};
  const output = report.output ?? null;
  const reason = next.kind === 'again' ? next.reason : 'reason' in outcome ? outcome.reason : null;
  const error = next.kind !== 'again' && next.error ? next.error : outcome.kind === 'fail' ? outcome.error : null;
  await manager.query(
    `UPDATE engine.step SET status = $2, output = $3, counts = $4, item_errors = $5, error = $6, reason = $7, finished_at = engine.clock() WHERE id = $1`,
    [
      place.stepId, next.kind !== 'again' ? next.end : outcome.kind === 'snooze' ? 'snoozed' : 'retried', output && storableJson(boundedOutput(place.name, output)),
      storableJson(report.counts ?? {}), storableJson(report.errors ?? []), error && storableJson(error), reason === null ? null : storableText(reason),
    ],
  );
  if (next.kind === 'again') await insertAgain(manager, place.run, place.name, place.attempt, next.dueAt);
  else await proceed(manager, place.run, place.name, next);
}

/** Ends the step and begins the next one, or ends the run. A lost step that ends here is marked by its decision. */
async function proceed(manager: EntityManager, run: LockedRun, name: string, next: Exclude<AfterStep, { kind: 'again' }>): Promise<void> {
  if (next.error && next.end === 'failed') {
    await manager.query(`UPDATE engine.step SET status = 'failed', error = $3 WHERE run_id = $1 AND name = $2 AND status = 'lost' AND attempt = (SELECT max(attempt) FROM engine.step WHERE run_id = $1 AND name = $2)`, [run.id, name, storableJson(next.error)]);
  }
  for (const skipped of next.skipped) {
    await manager.query(
      `INSERT INTO engine.step (id, run_id, name, position, attempt, status, owner, due_at, finished_at, reason)
       VALUES ($1, $2, $3, $4, 1, 'skipped', $5, engine.clock(), engine.clock(), $6)`,
      [newId(), run.id, skipped.name, positionOf(run, skipped.name), planOf(run, skipped.name).owner, skipped.reason],
    );
  }
  if (next.kind === 'finish') return finishRun(manager, run.id, next.status);
  await insertDueStep(manager, { runId: run.id, pipeline: run.pipeline, plan: next.next, position: positionOf(run, next.next.name), attempt: 1, dueAt: await databaseNow(manager) });
}

async function insertAgain(manager: EntityManager, run: LockedRun, name: string, attempt: number, dueAt: Date): Promise<void> {
  await insertDueStep(manager, { runId: run.id, pipeline: run.pipeline, plan: planOf(run, name), position: positionOf(run, name), attempt: attempt + 1, dueAt });
}

async function lockRun(manager: EntityManager, runId: string, whenHeld: 'SKIP LOCKED' | '' = ''): Promise<LockedRun | undefined> {
  const [run] = await manager.query<LockedRun[]>(
    `SELECT id, pipeline, plan, cancel_requested_at IS NOT NULL AS "cancelRequested" FROM engine.run WHERE id = $1 AND status = 'running' FOR UPDATE ${whenHeld}`,
    [runId],
  );
  return run;
}

/** What the decision needs to know. The row that is being settled still counts as running, so it is added by hand. */
async function progressOf(manager: EntityManager, run: LockedRun, name: string, newItemErrors: number): Promise<{ progress: RunProgress; attempt: Attempt }> {
  const rows = await manager.query<{ name: string; status: string; attempts: number; errors: number }[]>(
    `SELECT name, status, count(*)::int AS attempts, sum(jsonb_array_length(item_errors))::int AS errors FROM engine.step WHERE run_id = $1 GROUP BY name, status`,
    [run.id],
  );
  const count = (statuses: string[]): number => rows.filter((row) => row.name === name && statuses.includes(row.status)).reduce((sum, row) => sum + row.attempts, 0);
  const ended = new Map(rows.filter((row) => ENDS.has(row.status)).map((row) => [row.name, row.status as StepEnd]));
  const itemErrors = rows.reduce((sum, row) => sum + row.errors, newItemErrors);
  const attempt = { step: name, tried: count(['retried', 'running']), lost: count(['lost']) };
  return { progress: { plan: run.plan, ended, itemErrors, cancelRequested: run.cancelRequested }, attempt };
}

const ENDS = new Set(['done', 'skipped', 'failed', 'cancelled']);

async function outputsOf(manager: EntityManager, runId: string): Promise<Record<string, JsonObject>> {
  const rows = await manager.query<{ name: string; output: JsonObject }[]>(`SELECT name, output FROM engine.step WHERE run_id = $1 AND status = 'done' AND output IS NOT NULL`, [runId]);
  return Object.fromEntries(rows.map(({ name, output }) => [name, output]));
}

const MAX_OUTPUT_BYTES = 64 * 1024;

function boundedOutput(step: string, output: JsonObject): JsonObject {
  const bytes = Buffer.byteLength(JSON.stringify(output));
  if (bytes > MAX_OUTPUT_BYTES) throw new Error(`the output of step "${step}" is ${bytes} bytes; at most ${MAX_OUTPUT_BYTES} are handed on. Keep the data in a table and its id in the output`);
  return output;
}

const positionOf = (run: LockedRun, name: string): number => run.plan.findIndex((one) => one.name === name);

function planOf(run: LockedRun, name: string): StepPlan {
  const plan = run.plan.find((one) => one.name === name);
  if (!plan) throw new Error(`step "${name}" is not in the list of run ${run.id}`);
  return plan;
}

interface ClaimRow {
  id: string;
  fence: string;
  attempt: number;
  name: string;
  run_id: string;
  started_at: Date;
}

interface ClaimedRunRow {
  id: string;
  pipeline: string;
  scope: string;
  trigger: string;
  params: JsonObject;
  plan: StepPlan[];
}
