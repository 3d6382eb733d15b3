/**
 * Settles attempts, many at once: the record of each, and what follows it, are one statement. So a busy process commits once for all the steps that
 * ended meanwhile, and an idle one at once. A step's own last write shares the transaction of its record.
 */
import type { AfterStep, StepOutcome, StepPlan } from '@carillon/engine';
import type { DataSource, EntityManager } from 'typeorm';
import type { ClaimedStep } from './claims.js';
import { newId } from './identifiers.js';
import { endFields, moveAfter } from './moves.js';
import type { Move } from './moves.js';
import type { PastAttempt } from './past.js';
import { startQueuedNow } from './queue.js';
import type { ActiveRow } from './run-ledger.js';
import { CANCELLED_MEANWHILE, SETTLE } from './settlements.sql.js';
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

/** Settles one attempt and its last write in one transaction. @throws StaleLease */
export async function settleOne(dataSource: DataSource, settlement: Settlement): Promise<Settled> {
  const { outcome } = settlement;
  const write = outcome.kind === 'done' ? outcome.write : undefined;
  if (!write) {
    const [settled] = await settleMany(dataSource, [settlement]);
    if (settled instanceof Error) throw settled;
    return settled as Settled;
  }
  const moves = await inTransaction(dataSource, async (manager) => {
    await holdRun(manager, settlement.claim);
    await write(asTransaction(manager));
    const decided = await settleIn(askIn(manager), [settlement]);
    if (decided[0]?.result instanceof Error) throw decided[0].result;
    return decided;
  });
  await startNext(dataSource, moves);
  return moves[0]?.result as Settled;
}

/** Settles attempts that have no last write of their own. The answers stand in order; one that lost its lease is a StaleLease, and the others are settled. */
export async function settleMany(dataSource: DataSource, settlements: readonly Settlement[]): Promise<(Settled | StaleLease)[]> {
  const moves = await settleIn(askOnce(dataSource), settlements);
  await startNext(dataSource, moves);
  return moves.map((move) => move.result);
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

async function settleIn(ask: Ask, settlements: readonly Settlement[], cancelled: ReadonlySet<Settlement> = new Set()): Promise<Answered[]> {
  const moves = settlements.map((settlement) => ({ settlement, ...moveOf(settlement, cancelled.has(settlement)) }));
  const answers = await ask<Answer>(SETTLE, [storableJson(moves.map(({ row }) => row)), newId(), settlements[0]?.claim.worker ?? null]);
  const answerOf = new Map(answers.map((answer) => [answer.stepId, answer]));
  const missing = settlements.filter(({ claim }) => !answerOf.has(claim.id));
  const answered = moves.map(({ settlement, next, follow }): Answered => {
    const answer = answerOf.get(settlement.claim.id);
    if (!answer) return { settlement, result: staleLease(settlement.claim), freed: false };
    return { settlement, freed: answer.freed, result: { next, ...(follow && { claim: { ...follow, claimedAt: answer.now, dueAt: answer.now } }) } };
  });
  // A run that was cancelled since it was looked at is decided again, knowing it.
  const again = await cancelledMeanwhile(ask, missing.filter((settlement) => !cancelled.has(settlement)));
  if (again.length === 0) return answered;
  const second = new Map((await settleIn(ask, again, new Set(again))).map((one) => [one.settlement, one]));
  return answered.map((one) => second.get(one.settlement) ?? one);
}

function moveOf({ claim, outcome, elapsedMs, random, goesOn }: Settlement, knowsCancel: boolean): Move {
  return moveAfter(claim, outcome, knowsCancel || claim.cancelRequested, new Date(claim.claimedAt.getTime() + elapsedMs), random, goesOn);
}

interface Answer {
  stepId: string;
  freed: boolean;
  now: Date;
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
