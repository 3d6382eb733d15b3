/**
 * Makes runs, many at once: the run, where it stands, and the messages about it are one statement. What is in a run's way is decided by the
 * database's own unique index for most policies; those that queue or replace decide one by one, under a lock of their scope.
 */
import { decideOverlap } from '@carillon/engine';
import type { JsonObject, OverlapPolicy, StepPlan } from '@carillon/engine';
import { subjectOf, Tick } from '@carillon/shared';
import type { RunStatus } from '@carillon/shared';
import type { EntityManager } from 'typeorm';
import type { ClaimedStep } from './claims.js';
import { newId } from './identifiers.js';
import { nudgeSubject } from './nudge.js';
import type { PastAttempt } from './past.js';
import { planRow } from './plans.js';
import { activeRuns, cancelRuns } from './run-ledger.js';
import type { RunOver } from './run-over.js';
import { MAKE_RUNS, MAKE_SKIPPED, MAKE_TAKEN, TAKE_KEYS } from './new-runs.sql.js';
import { askIn } from './statements.js';
import type { Ask } from './statements.js';
import { storableJson } from './storable.js';

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
  /** Higher goes first among what waits; 0 unless told. */
  priority?: number;
  /** W3C `traceparent` of whatever asked for it. */
  trace?: string;
  /** The run that this one goes on with, the position in the list at which it begins, and what is kept of the steps before. */
  resumes?: { run: string; at: number; past: PastAttempt[] };
}

export interface CreatedRun {
  id: string;
  status: RunStatus;
  reason: string | null;
  /** False when `dedupeKey` found a run that existed already. */
  created: boolean;
  /** Its first step, when the taker has it already. */
  claimed?: ClaimedStep;
  /** Runs in line that ended to make room for it. */
  replaced?: RunOver[];
}

/** A worker that may begin with the first step right away, without a message. */
export interface Taker {
  worker: string;
  /** How many steps it has room for. */
  room: number;
  fits(run: NewRun, first: StepPlan): boolean;
  /** Added to a step's time limit before it is taken over. */
  graceMs: number;
}

/** Whether these runs can be made on the hot path: one statement decides all. */
export const isSimple = (run: NewRun): boolean => run.dedupeKey === undefined && (run.overlap.kind === 'allow' || run.overlap.kind === 'skip');

/** Creates one run and starts, queues or skips it as its overlap policy says; a skipped run is recorded like any other. */
export async function createRun(manager: EntityManager, run: NewRun, taker?: Taker): Promise<CreatedRun> {
  const [created] = await createRuns(manager, [run], taker);
  if (!created) throw new Error(`the run of "${run.pipeline}" was not made`);
  return created;
}

/** Creates runs; the answers stand in the order of the runs. */
export async function createRuns(manager: EntityManager, runs: readonly NewRun[], taker?: Taker): Promise<CreatedRun[]> {
  const ask = askIn(manager);
  const made = new Map<Row, CreatedRun>();
  const rows = runs.map((run, ord) => rowOf(run, ord));
  const known = await keysTaken(ask, rows);
  const fresh = rows.filter((row) => !known.has(row));
  for (const [row, result] of await makeSimple(ask, fresh.filter(({ run }) => run.overlap.kind === 'allow' || run.overlap.kind === 'skip'), taker)) made.set(row, result);
  const orderly = fresh.filter((row) => !made.has(row)).sort((a, b) => compare(a.run.pipeline, b.run.pipeline) || compare(a.run.scope, b.run.scope) || a.ord - b.ord);
  for (const row of orderly) made.set(row, await makeOrderly(manager, ask, row));
  for (const [row, id] of known) made.set(row, await madeBefore(manager, id));
  return rows.map((row) => made.get(row) as CreatedRun);
}

/** Creates runs that are simple on the hot path. */
export async function createSimpleRuns(ask: Ask, runs: readonly NewRun[], taker?: Taker): Promise<CreatedRun[]> {
  const rows = runs.map((run, ord) => rowOf(run, ord));
  const made = await makeSimple(ask, rows, taker);
  return rows.map((row) => made.get(row) as CreatedRun);
}

interface Row {
  ord: number;
  id: string;
  stepId: string;
  run: NewRun;
  first: StepPlan;
  planId: string;
}

function rowOf(run: NewRun, ord: number): Row {
  const first = run.plan[run.resumes?.at ?? 0];
  if (!first) throw new Error(`pipeline "${run.pipeline}" has no steps`);
  return { ord, id: newId(), stepId: newId(), run, first, planId: planRow(run.pipeline, run.plan).id };
}

async function makeSimple(ask: Ask, rows: readonly Row[], taker: Taker | undefined): Promise<ReadonlyMap<Row, CreatedRun>> {
  const made = new Map<Row, CreatedRun>();
  if (rows.length === 0) return made;
  let room = taker?.room ?? 0;
  const taken = new Set(rows.filter((row) => taker?.fits(row.run, row.first) === true && (room -= 1) >= 0));
  const { now, only } = await make(ask, rows, taken, taker);
  const skipped: Row[] = [];
  for (const row of rows) {
    if (only && !only.has(row.id)) skipped.push(row);
    else made.set(row, { id: row.id, status: 'running', reason: row.run.reason ?? null, created: true, ...(taken.has(row) && { claimed: claimedOf(row, now, taker?.worker ?? null) }) });
  }
  for (const [row, result] of await makeSkipped(ask, skipped)) made.set(row, result);
  return made;
}

/** Inserts runs and where they stand. @returns the database's time, and the ids of those that were made when another was in the way of some */
async function make(ask: Ask, rows: readonly Row[], taken: ReadonlySet<Row>, taker: Taker | undefined, queued = false): Promise<{ now: Date; only: ReadonlySet<string> | undefined }> {
  const plans = new Map(rows.map((row) => [row.planId, planRow(row.run.pipeline, row.run.plan)]));
  const [answer] = await ask<{ now: Date; only: string[] | null }>(taken.size === rows.length ? MAKE_TAKEN : MAKE_RUNS, [
    storableJson(rows.map((row) => Object.assign(fieldsOf(row), { taken: taken.has(row), queued, deadline_ms: row.first.timeoutMs + (taker?.graceMs ?? 0) }))),
    storableJson([...plans.values()]),
    taker?.worker ?? null,
    newId(),
  ]);
  if (!answer) throw new Error('the database did not say which runs were made');
  return { now: answer.now, only: answer.only === null ? undefined : new Set(answer.only) };
}

/** What is null is left out: hundreds of these are one text. */
function fieldsOf({ ord, id, stepId, run, first, planId }: Row): JsonObject {
  const { reason, scheduleId, scheduledFor, dedupeKey, resumes, trace } = run;
  const row: JsonObject = {
    ord, id, step_id: stepId, pipeline: run.pipeline, scope: run.scope, trigger: run.trigger, params: run.params ?? {}, plan_id: planId, exclusive: run.overlap.kind !== 'allow', priority: run.priority ?? 0,
    owner: first.owner, step: first.name, position: resumes?.at ?? 0, nudge_id: newId(), nudge_subject: nudgeSubject(run.pipeline, first), tick_subject: subjectOf(Tick, run.pipeline),
  };
  if (reason !== undefined) row['reason'] = reason;
  if (scheduleId !== undefined) row['schedule_id'] = scheduleId;
  if (scheduledFor !== undefined) row['scheduled_for'] = scheduledFor.toISOString();
  if (dedupeKey !== undefined) row['dedupe_key'] = dedupeKey;
  if (resumes !== undefined) row['resumed_from'] = resumes.run;
  if (trace !== undefined) row['trace'] = trace;
  return row;
}

async function makeSkipped(ask: Ask, rows: readonly Row[]): Promise<ReadonlyMap<Row, CreatedRun>> {
  if (rows.length === 0) return new Map();
  const plans = new Map(rows.map((row) => [row.planId, planRow(row.run.pipeline, row.run.plan)]));
  const answers = await ask<{ ord: number; reason: string }>(MAKE_SKIPPED, [storableJson(rows.map(fieldsOf)), storableJson([...plans.values()])]);
  const reasons = new Map(answers.map(({ ord, reason }) => [ord, reason]));
  return new Map(rows.map((row) => [row, { id: row.id, status: 'skipped', reason: reasons.get(row.ord) ?? null, created: true }]));
}

/** A run whose policy queues or replaces: decided by one transaction at a time for its scope, and never while one of the scope is just ending. */
async function makeOrderly(manager: EntityManager, ask: Ask, row: Row): Promise<CreatedRun> {
  const { pipeline, scope, overlap, reason = null } = row.run;
  await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`carillon.run ${pipeline} ${scope}`]);
  await manager.query('SELECT FROM engine.active_run WHERE pipeline = $1 AND scope = $2 ORDER BY run_id FOR UPDATE', [pipeline, scope]);
  const active = await activeRuns(manager, pipeline, scope);
  const running = active.filter((one) => one.status === 'running');
  const decision = decideOverlap(overlap, running.length, active.length - running.length);
  if (decision === 'skip') return (await makeSkipped(ask, [row])).get(row) as CreatedRun;
  const queued = decision !== 'start';
  // A run of another policy may have begun meanwhile: then everything is decided again.
  if ((await make(ask, [row], new Set(), undefined, queued)).only) return makeOrderly(manager, ask, row);
  const replaced = decision === 'replace' ? (await cancelRuns(manager, { ids: active.map((one) => one.id) }, `replaced by run ${row.id}`)).over : [];
  const [now] = await manager.query<{ status: RunStatus }[]>('SELECT status FROM engine.run WHERE id = $1', [row.id]);
  return { id: row.id, status: now?.status ?? 'queued', reason, created: true, ...(replaced.length > 0 && { replaced }) };
}

/** Reserves the keys. @returns the rows whose key made a run before, with that run's id */
async function keysTaken(ask: Ask, rows: readonly Row[]): Promise<Map<Row, string>> {
  const keyed = rows.filter((row) => row.run.dedupeKey !== undefined);
  if (keyed.length === 0) return new Map();
  const values = [keyed.map((row) => row.run.pipeline), keyed.map((row) => row.run.dedupeKey), keyed.map((row) => row.id)];
  const holders = await ask<{ pipeline: string; dedupe_key: string; run_id: string }>(TAKE_KEYS.take, values).then(() => ask<{ pipeline: string; dedupe_key: string; run_id: string }>(TAKE_KEYS.read, values.slice(0, 2)));
  const idOf = new Map(holders.map((holder) => [`${holder.pipeline} ${holder.dedupe_key}`, holder.run_id]));
  return new Map(
    keyed.flatMap((row) => {
      const id = idOf.get(`${row.run.pipeline} ${row.run.dedupeKey}`);
      return id === undefined || id === row.id ? [] : [[row, id] as const];
    }),
  );
}

async function madeBefore(manager: EntityManager, id: string): Promise<CreatedRun> {
  const [run] = await manager.query<{ status: RunStatus; reason: string | null }[]>('SELECT status, reason FROM engine.run WHERE id = $1', [id]);
  return { id, status: run?.status ?? 'skipped', reason: run ? run.reason : 'this key made a run before; its history was dropped', created: false };
}

function claimedOf({ id, stepId, run, first }: Row, now: Date, worker: string | null): ClaimedStep {
  const { pipeline, scope, trigger, params = {}, trace, resumes } = run;
  return {
    id: stepId, fence: '1', worker, attempt: 1, name: first.name, plan: first, position: resumes?.at ?? 0, steps: run.plan, claimedAt: now, dueAt: now, past: resumes?.past ?? [], cancelRequested: false,
    run: { id, pipeline, scope, trigger, params, ...(trace !== undefined && { trace }) },
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
