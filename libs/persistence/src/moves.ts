/** From an outcome to the row that the settling statement takes: the engine decides what follows, this puts it into columns. No I/O. */
import { afterLostAttempt, afterStep, boundedOutput } from '@carillon/engine';
import type { AfterStep, JsonObject, JsonValue, StepOutcome, StepPlan, StepReport } from '@carillon/engine';
import { RunFinished, subjectOf } from '@carillon/shared';
import type { ClaimedStep } from './claims.js';
import { SETTLE_GRACE_MS } from './claims.js';
import { newId } from './identifiers.js';
import { nudgeSubject } from './nudge.js';
import { attemptOf, progressOf, sumOf } from './past.js';
import type { PastAttempt } from './past.js';

export interface Move {
  claim: ClaimedStep;
  next: AfterStep;
  /** The next step of the run, when the same worker goes on with it. Its times are the database's, once it has answered. */
  follow: Omit<ClaimedStep, 'claimedAt' | 'dueAt'> | undefined;
  /** The attempt, as the run will remember it. */
  ended: PastAttempt;
  reason: string | null;
  knowsCancel: boolean;
  /** The database's time, as far as the worker knows it. */
  now: Date;
}

/** What follows an outcome. `now` is the database's time, as far as the worker knows it; `random` is uniform in [0, 1). */
export function moveAfter(claim: ClaimedStep, outcome: StepOutcome, knowsCancel: boolean, now: Date, random: number, goesOn: (next: StepPlan) => boolean): Move {
  const report: StepReport = outcome.kind === 'done' ? outcome : {};
  const next = afterStep(progressOf(claim.steps, claim.past, knowsCancel, report.errors?.length ?? 0), attemptOf(claim.name, claim.past, false), outcome, now, random);
  const status = next.kind !== 'again' ? next.end : outcome.kind === 'snooze' ? 'snoozed' : 'retried';
  const reason = next.kind === 'again' ? next.reason : 'reason' in outcome ? outcome.reason : null;
  const error = next.kind !== 'again' && next.error ? next.error : outcome.kind === 'fail' ? outcome.error : null;
  // An attempt that is followed by another has counted nothing for good.
  const counts = next.kind !== 'again' && 'counts' in outcome ? (outcome.counts ?? NOTHING) : NOTHING;
  const output = report.output === undefined ? null : boundedOutput(`step "${claim.name}"`, report.output);
  const ended: PastAttempt = { name: claim.name, status, counts, itemErrors: report.errors ?? NONE, error, output };
  return { claim, next, follow: followOf(claim, next, ended, goesOn), ended, reason, knowsCancel, now };
}

/** What follows an attempt whose worker fell silent. */
export function moveAfterLoss(claim: ClaimedStep, now: Date): Move {
  const next = afterLostAttempt(progressOf(claim.steps, claim.past, claim.cancelRequested, 0), attemptOf(claim.name, claim.past, true), now);
  const failed = next.kind !== 'again' && next.end === 'failed';
  const ended: PastAttempt = { name: claim.name, status: failed ? 'failed' : 'lost', counts: {}, itemErrors: [], error: failed ? (next.error ?? null) : null, output: null };
  return { claim, next, follow: undefined, ended, reason: 'its worker fell silent', knowsCancel: true, now };
}

/** The attempts that are over once this one is. */
export function pastWith(claim: ClaimedStep, next: AfterStep, ended: PastAttempt): PastAttempt[] {
  const past = [...claim.past, ended];
  if (next.kind !== 'again') for (const { name } of next.skipped) past.push({ name, status: 'skipped', counts: NOTHING, itemErrors: NONE, error: null, output: null });
  return past;
}

/** How a run ends: its status, and what its steps sum up to. */
export function endFields({ pipeline, scope }: { pipeline: string; scope: string }, status: string, past: readonly PastAttempt[]): JsonObject {
  const { counts, errors } = sumOf(past);
  return { pipeline, scope, run_status: status, run_counts: counts, run_errors: errors, finished_subject: subjectOf(RunFinished, pipeline) };
}

/** What is not as usual about an ended attempt, by column: most steps leave nothing. */
export function contentOf({ ended, reason }: Pick<Move, 'ended' | 'reason'>): JsonObject {
  const content: JsonObject = {};
  if (ended.output) content['output'] = ended.output;
  if (Object.keys(ended.counts).length > 0) content['counts'] = ended.counts;
  if (ended.itemErrors.length > 0) content['item_errors'] = ended.itemErrors;
  if (ended.error) content['error'] = ended.error as unknown as JsonValue;
  if (reason !== null) content['reason'] = reason;
  return content;
}

/** The row for the statement that settles anything. What is as usual is left out. */
export function rowOf(move: Move): JsonObject {
  const { claim, next, ended, now } = move;
  const { run, steps, plan } = claim;
  const row: JsonObject = {
    run_id: run.id, step_id: claim.id, fence: claim.fence, name: claim.name, position: claim.position, attempt: claim.attempt, owner: plan.owner, status: ended.status, started_at: claim.claimedAt.toISOString(),
    ...(claim.dueAt !== claim.claimedAt && { due_at: claim.dueAt.toISOString() }), ...contentOf(move), ...(move.knowsCancel && { knows_cancel: true }),
  };
  if (next.kind === 'again') {
    const waitMs = next.dueAt.getTime() - now.getTime();
    // A snooze names an instant; a retry a time from now, whatever the clock has done meanwhile.
    const due = ended.status === 'snoozed' ? { next_at: next.dueAt.toISOString() } : { next_in_ms: Math.max(0, waitMs) };
    return Object.assign(row, { next: waitMs > 0 ? 'waiting' : 'due' }, due, nextFields(plan, claim.position, newId()), { next_attempt: claim.attempt + 1 }, nudgeFields(run, plan));
  }
  if (next.skipped.length > 0) row['skipped'] = next.skipped.map(({ name, reason }) => ({ id: newId(), name, position: positionOf(steps, name), owner: steps[positionOf(steps, name)]?.owner ?? '', reason }));
  if (next.kind === 'finish') return Object.assign(row, { next: 'finish' }, endFields(run, next.status, pastWith(claim, next, ended)));
  const position = positionOf(steps, next.next.name);
  if (move.follow) return Object.assign(row, { next: 'hand', deadline_ms: deadlineMsOf(next.next) }, nextFields(next.next, position, move.follow.id));
  return Object.assign(row, { next: 'due', next_owner: next.next.owner }, nextFields(next.next, position, newId()), nudgeFields(run, next.next));
}

/** From its begin until somebody else may take the step over. */
export const deadlineMsOf = (plan: StepPlan): number => plan.timeoutMs + SETTLE_GRACE_MS;

function followOf(claim: ClaimedStep, next: AfterStep, ended: PastAttempt, goesOn: (next: StepPlan) => boolean): Move['follow'] {
  if (next.kind !== 'step' || !goesOn(next.next)) return undefined;
  const { fence, worker, steps, cancelRequested, run } = claim;
  return { id: newId(), fence, worker, attempt: 1, name: next.next.name, plan: next.next, position: positionOf(steps, next.next.name), steps, past: pastWith(claim, next, ended), cancelRequested, run };
}

const NOTHING: Record<string, number> = {};
const NONE: string[] = [];

const nextFields = (plan: StepPlan, position: number, id: string): JsonObject => ({ next_id: id, next_step: plan.name, next_position: position });

const nudgeFields = ({ pipeline }: ClaimedStep['run'], plan: StepPlan): JsonObject => ({ pipeline, nudge_id: newId(), nudge_subject: nudgeSubject(pipeline, plan) });

const positionOf = (steps: readonly StepPlan[], name: string): number => steps.findIndex((one) => one.name === name);
