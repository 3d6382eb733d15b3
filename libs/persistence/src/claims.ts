/**
 * Claims: a worker takes the best of what is due, by compare-and-set, with a number that fences every later write. A message is a hint that there is
 * work; which work is taken is decided here, by priority, then fairly between scopes, then by age.
 */
import type { JsonObject, StepPlan } from '@carillon/engine';
import type { DataSource, EntityManager } from 'typeorm';
import { CLAIM_BEST, CLAIM_ONE, PAST } from './claims.sql.js';
import type { PastAttempt } from './past.js';
import { plansOf } from './plans.js';
import { once } from './statements.js';

/** A step that is ours for now: what a worker needs to run it, and the number that lets it write. */
export interface ClaimedStep {
  /** Of this attempt. */
  id: string;
  fence: string;
  /** Who has it: a process's row in engine.service, or a worker from outside. */
  worker: string | null;
  attempt: number;
  name: string;
  plan: StepPlan;
  position: number;
  /** The list that the run began with. */
  steps: readonly StepPlan[];
  claimedAt: Date;
  dueAt: Date;
  /** The attempts of this run that are over. */
  past: readonly PastAttempt[];
  /** The run was asked to stop before the claim: nothing of the step may be done. */
  cancelRequested: boolean;
  run: { id: string; pipeline: string; scope: string; trigger: string; params: JsonObject; trace?: string };
}

/** Added to a step's time limit before somebody else may take it over: it must stop, and its outcome must reach the ledger. */
export const SETTLE_GRACE_MS = 10_000;

/** Claims one step; undefined when somebody else has it, it is settled, not yet due, or its run is over. */
export async function claimStep(dataSource: DataSource, stepId: string, workerId: string, leaseMs?: number): Promise<ClaimedStep | undefined> {
  const rows = await once<ClaimRow>(dataSource, CLAIM_ONE, [stepId, workerId, SETTLE_GRACE_MS, leaseMs ?? null]);
  const [claim] = await claimsOf(dataSource, rows);
  return claim;
}

export interface ClaimRequest {
  worker: string;
  owner: string;
  pipelines: readonly string[];
  /** Steps that this worker has code for, as `pipeline.step`: a run may have begun on another version's list. */
  steps: readonly string[];
  room: number;
}

/** Claims up to `room` of what is due, the best first. Fewer than `room` means that nothing more is due. */
export async function claimDueSteps(dataSource: DataSource, { worker, owner, pipelines, steps, room }: ClaimRequest): Promise<ClaimedStep[]> {
  const rows = await once<ClaimRow>(dataSource, CLAIM_BEST, [owner, pipelines, steps, room, worker, SETTLE_GRACE_MS]);
  return claimsOf(dataSource, rows);
}

/** The ended attempts of runs, by run, in order. */
export async function pastOf(database: EntityManager, runIds: readonly string[]): Promise<ReadonlyMap<string, PastAttempt[]>> {
  const rows = await database.query<(PastAttempt & { runId: string })[]>(PAST, [runIds]);
  const byRun = new Map<string, PastAttempt[]>(runIds.map((id) => [id, []]));
  for (const { runId, ...attempt } of rows) byRun.get(runId)?.push(attempt);
  return byRun;
}

export interface ClaimRow {
  runId: string;
  stepId: string;
  fence: string;
  worker: string | null;
  attempt: number;
  name: string;
  position: number;
  planId: string;
  pipeline: string;
  scope: string;
  trigger: string;
  params: JsonObject;
  trace: string | null;
  claimedAt: Date;
  dueAt: Date;
  cancelRequested: boolean;
  past: PastAttempt[] | null;
}

export async function claimsOf(database: DataSource | EntityManager, rows: readonly ClaimRow[]): Promise<ClaimedStep[]> {
  if (rows.length === 0) return [];
  const plans = await plansOf(database, rows.map((row) => row.planId));
  return rows.map((row) => {
    const { stepId: id, fence, worker, attempt, name, position, claimedAt, dueAt, cancelRequested, pipeline, scope, trigger, params, trace } = row;
    const steps = plans.get(row.planId) ?? [];
    const plan = steps.find((one) => one.name === name);
    if (!plan) throw new Error(`step ${id} ("${name}") is not in the list of run ${row.runId}`);
    return { id, fence, worker, attempt, name, plan, position, steps, claimedAt, dueAt, past: row.past ?? [], cancelRequested, run: { id: row.runId, pipeline, scope, trigger, params, ...(trace !== null && { trace }) } };
  });
}
