/**
 * Settles attempts, many at once: the record of each, and what follows it, are one statement. So a busy process commits once for many steps that
 * ended meanwhile, and an idle one at once. A step's own last write shares the transaction of its record.
 *
 * What follows is decided first. Nearly all attempts hand the run on to the same worker or end it; there is a light statement for each of these two, so
 * those of one lane are settled together.
 */
import type { AfterStep, StepOutcome, StepPlan } from '@carillon/engine';
import type { DataSource, EntityManager } from 'typeorm';
import type { ClaimedStep } from './claims.js';
import { newId } from './identifiers.js';
import { endFields, moveAfter, rowOf } from './moves.js';
import type { Move } from './moves.js';
import type { PastAttempt } from './past.js';
import { startQueuedNow } from './queue.js';
import type { ActiveRow } from './run-ledger.js';
import { endRunsColumns, handOnColumns, isEnding, isHandedOn } from './settlement-columns.js';
import { CANCELLED_MEANWHILE, END_RUNS, HAND_ON, SETTLE } from './settlements.sql.js';
import { askIn, askOnce } from './statements.js';
import type { Ask } from './statements.js';
import { storableJson } from './storable.js';
import { asTransaction, inTransaction } from './transaction.js';

/** The lease ran out or the run was ended by somebody else: whoever holds this number must stop, and nothing of it was written. */
export class StaleLease extends Error {
  override readonly name = 'StaleLease';
}

/** One attempt that is to be settled. */
export interface Settlement {
  claim: ClaimedStep;
  outcome: StepOutcome;
  /** Milliseconds since the claim. */
  elapsedMs: number;
  /** Uniform in [0, 1), for the jitter of retries. */
  random: number;
  /** Whether the same worker goes on with this step of the run at once. */
  goesOn(next: StepPlan): boolean;
}

export interface Settled {
  next: AfterStep;
  /** The next step of the run, when the same worker has it already. */
  claim?: ClaimedStep;
}

/** Settles one attempt with its last write. @throws StaleLease when the lease was lost meanwhile; then nothing was written */
export async function settleStep(dataSource: DataSource, claim: ClaimedStep, outcome: StepOutcome, random: number, options: Partial<Pick<Settlement, 'elapsedMs' | 'goesOn'>> = {}): Promise<AfterStep> {
  return (await settleOne(dataSource, { claim, outcome, random, elapsedMs: 0, goesOn: () => false, ...options })).next;
}

/** Which statement settles it. */
export type Lane = 'handOn' | 'end' | 'other';

/** A settlement of which is known what follows. */
export interface Decided {
  settlement: Settlement;
  move: Move;
  lane: Lane;
}

/** Decides what follows an attempt. @throws PermanentError when its output is too large */
export function decided(settlement: Settlement, knowsCancel = false): Decided {
  const { claim, outcome, elapsedMs, random, goesOn } = settlement;
  const move = moveAfter(claim, outcome, knowsCancel || claim.cancelRequested, new Date(claim.claimedAt.getTime() + elapsedMs), random, goesOn);
  return { settlement, move, lane: isHandedOn(move) ? 'handOn' : isEnding(move) ? 'end' : 'other' };
}

/** Settles one attempt and its last write in one transaction. @throws StaleLease */
export async function settleOne(dataSource: DataSource, settlement: Settlement): Promise<Settled> {
  const { outcome } = settlement;
  const write = outcome.kind === 'done' ? outcome.write : undefined;
  if (!write) {
    const [settled] = await settleMany(dataSource, [decided(settlement)]);
    if (settled instanceof Error) throw settled;
    return settled as Settled;
  }
  const answered = await inTransaction(dataSource, async (manager) => {
    await holdRun(manager, settlement.claim);
    await write(asTransaction(manager));
    const answers = await settleIn(askIn(manager), [decided(settlement)]);
    if (answers[0]?.result instanceof Error) throw answers[0].result;
    return answers;
  });
  await startNext(dataSource, answered);
  return answered[0]?.result as Settled;
}

/**
 * Settles attempts of one worker and one lane that have no last write of their own. The answers stand in order; one that lost its lease is a StaleLease, and the others are
 * settled. When it throws, none is.
 */
export async function settleMany(dataSource: DataSource, together: readonly Decided[]): Promise<(Settled | StaleLease)[]> {
  const answered = await settleIn(askOnce(dataSource), together);
  await startNext(dataSource, answered);
  return answered.map(({ result }) => result);
}

/** Ends runs that nobody is working on: cancelled while they waited. In the caller's transaction, which holds their rows. */
export async function endNow(ask: Ask, runs: readonly (ActiveRow & { past: readonly PastAttempt[]; reason: string })[]): Promise<void> {
  const rows = runs.map(({ runId, stepId, fence, pipeline, scope, status, step, position, attempt, owner, dueAt, past, reason }) => ({
    run_id: runId, step_id: stepId, fence, knows_cancel: true, unrecorded: status === 'queued', name: step, position, attempt, owner, status: 'cancelled', due_at: dueAt.toISOString(),
    reason, next: 'finish', ...endFields({ pipeline, scope }, 'cancelled', past),
  }));
  await ask(SETTLE, [storableJson(rows), newId(), null]);
}

/** The row is ours for this transaction before the step writes: a take-over waits for the commit, and a zombie writes nothing. @throws StaleLease */
async function holdRun(manager: EntityManager, claim: ClaimedStep): Promise<void> {
  const held = await manager.query<unknown[]>('SELECT FROM engine.active_run WHERE run_id = $1 AND step_id = $2 AND fence = $3 FOR UPDATE', [claim.run.id, claim.id, claim.fence]);
  if (held.length === 0) throw staleLease(claim);
}

interface Answered {
  settlement: Settlement;
  result: Settled | StaleLease;
  /** The run ended, and had its scope for itself. */
  freed: boolean;
}

async function settleIn(ask: Ask, together: readonly Decided[]): Promise<Answered[]> {
  const { now, settled, freed } = await carryOut(ask, together.map(({ move }) => move), together[0]?.lane ?? 'other');
  const answered = together.map(({ settlement, move: { claim, next, follow } }): Answered => {
    if (settled && !settled.has(claim.id)) return { settlement, result: staleLease(claim), freed: false };
    return { settlement, freed: freed.has(claim.id), result: follow ? { next, claim: { ...follow, claimedAt: now, dueAt: now } } : { next } };
  });
  if (!settled) return answered;
  // A run that was cancelled since it was looked at is decided again, knowing it.
  const again = await cancelledMeanwhile(ask, together.filter(({ move }) => !move.knowsCancel && !settled.has(move.claim.id)).map(({ settlement }) => settlement));
  if (again.length === 0) return answered;
  const second = new Map((await settleIn(ask, again.map((settlement) => decided(settlement, true)))).map((one) => [one.settlement, one]));
  return answered.map((one) => second.get(one.settlement) ?? one);
}

interface CarriedOut {
  now: Date;
  /** Ids of the attempts that were settled; undefined when all of them were. */
  settled: ReadonlySet<string> | undefined;
  /** Ids of the attempts whose run ended and had its scope for itself. */
  freed: ReadonlySet<string>;
}

async function carryOut(ask: Ask, moves: readonly Move[], lane: Lane): Promise<CarriedOut> {
  if (lane === 'other') return carryOutAny(ask, moves);
  const asked = lane === 'handOn' ? ask<Answer>(HAND_ON, handOnColumns(moves.filter(isHandedOn))) : ask<Answer>(END_RUNS, endRunsColumns(moves.filter(isEnding), newId()));
  const [answer] = await asked;
  if (!answer) throw new Error('the database did not say what was settled');
  return { now: answer.now, settled: answer.settled === moves.length ? undefined : new Set(answer.only ?? []), freed: new Set(answer.freed ?? []) };
}

/** Of the light statements: one row for all. */
interface Answer {
  settled: number;
  only: string[] | null;
  freed?: string[] | null;
  now: Date;
}

async function carryOutAny(ask: Ask, moves: readonly Move[]): Promise<CarriedOut> {
  const rows = await ask<{ stepId: string; freed: boolean; now: Date }>(SETTLE, [storableJson(moves.map(rowOf)), newId(), moves[0]?.claim.worker ?? null]);
  const idsOf = (some: typeof rows): Set<string> => new Set(some.map(({ stepId }) => stepId));
  return { now: rows[0]?.now ?? new Date(Number.NaN), settled: rows.length === moves.length ? undefined : idsOf(rows), freed: idsOf(rows.filter(({ freed }) => freed)) };
}

async function cancelledMeanwhile(ask: Ask, missing: readonly Settlement[]): Promise<Settlement[]> {
  if (missing.length === 0) return [];
  const rows = await ask<{ stepId: string }>(CANCELLED_MEANWHILE, [missing.map(({ claim }) => claim.run.id), missing.map(({ claim }) => claim.id)]);
  const found = new Set(rows.map((row) => row.stepId));
  return missing.filter(({ claim }) => found.has(claim.id));
}

async function startNext(dataSource: DataSource, moves: readonly Answered[]): Promise<void> {
  const scopes = moves.filter((move) => move.freed).map(({ settlement }) => settlement.claim.run);
  if (scopes.length > 0) await startQueuedNow(dataSource, scopes);
}

export const staleLease = (claim: Pick<ClaimedStep, 'name' | 'fence'> & { run: { id: string } }): StaleLease => new StaleLease(`step "${claim.name}" of run ${claim.run.id} is no longer ours (fence ${claim.fence})`);
