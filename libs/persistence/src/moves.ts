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
  next: AfterStep;
  /** The next step of the run, when the same worker goes on with it. Its times are the database's, once it has answered. */
  follow: Omit<ClaimedStep, 'claimedAt' | 'dueAt'> | undefined;
  row: JsonObject;
}

/** What follows an outcome. `now` is the database's time, as far as the worker knows it; `random` is uniform in [0, 1). */
export function moveAfter(claim: ClaimedStep, outcome: StepOutcome, cancelRequested: boolean, now: Date, random: number, goesOn: (next: StepPlan) => boolean): Move {
  const report: StepReport = outcome.kind === 'done' ? outcome : {};
  const next = afterStep(progressOf(claim.steps, claim.past, cancelRequested, report.errors?.length ?? 0), attemptOf(claim.name, claim.past, false), outcome, now, random);
  const status = next.kind !== 'again' ? next.end : outcome.kind === 'snooze' ? 'snoozed' : 'retried';
  const reason = next.kind === 'again' ? next.reason : 'reason' in outcome ? outcome.reason : null;
  const error = next.kind !== 'again' && next.error ? next.error : outcome.kind === 'fail' ? outcome.error : null;
  // An attempt that is followed by another has counted nothing for good.
  const counts = next.kind !== 'again' && 'counts' in outcome ? (outcome.counts ?? {}) : {};
  const output = report.output === undefined ? null : boundedOutput(`step "${claim.name}"`, report.output);
  const ended: PastAttempt = { name: claim.name, status, counts, itemErrors: report.errors ?? [], error, output };
  return moveOf(claim, { ...recordOf(claim, ended, reason), ...(cancelRequested && { knows_cancel: true }) }, next, ended, now, goesOn);
}

/** What follows an attempt whose worker fell silent. */
export function moveAfterLoss(claim: ClaimedStep, now: Date): Move {
  const next = afterLostAttempt(progressOf(claim.steps, claim.past, claim.cancelRequested, 0), attemptOf(claim.name, claim.past, true), now);
  const failed = next.kind !== 'again' && next.end === 'failed';
  const ended: PastAttempt = { name: claim.name, status: failed ? 'failed' : 'lost', counts: {}, itemErrors: [], error: failed ? (next.error ?? null) : null, output: null };
  return moveOf(claim, { ...recordOf(claim, ended, 'its worker fell silent'), knows_cancel: true }, next, ended, now, () => false);
}

/** How a run ends: its status, and what its steps sum up to. */
export function endFields({ pipeline, scope }: { pipeline: string; scope: string }, status: string, past: readonly PastAttempt[]): JsonObject {
  const { counts, errors } = sumOf(past);
  return { pipeline, scope, run_status: status, run_counts: counts, run_errors: errors, finished_subject: subjectOf(RunFinished, pipeline) };
}

function recordOf(claim: ClaimedStep, ended: PastAttempt, reason: string | null): JsonObject {
  // What is as usual is left out: thousands of these a second go through one socket.
  const row: JsonObject = {
    run_id: claim.run.id, step_id: claim.id, fence: claim.fence, name: claim.name, position: claim.position, attempt: claim.attempt, owner: claim.plan.owner, status: ended.status, started_at: claim.claimedAt.toISOString(),
  };
  if (claim.dueAt !== claim.claimedAt) row['due_at'] = claim.dueAt.toISOString();
  if (ended.output) row['output'] = ended.output;
  if (Object.keys(ended.counts).length > 0) row['counts'] = ended.counts;
  if (ended.itemErrors.length > 0) row['item_errors'] = ended.itemErrors;
  if (ended.error) row['error'] = ended.error as unknown as JsonValue;
  if (reason !== null) row['reason'] = reason;
  return row;
}

function moveOf(claim: ClaimedStep, row: JsonObject, next: AfterStep, ended: PastAttempt, now: Date, goesOn: (next: StepPlan) => boolean): Move {
  const { run, steps } = claim;
  if (next.kind === 'again') {
    const waitMs = next.dueAt.getTime() - now.getTime();
    // A snooze names an instant; a retry a time from now, whatever the clock has done meanwhile.
    const due = ended.status === 'snoozed' ? { next_at: next.dueAt.toISOString() } : { next_in_ms: Math.max(0, waitMs) };
    return { next, follow: undefined, row: Object.assign(row, { next: waitMs > 0 ? 'waiting' : 'due' }, due, nextFields(claim.plan, claim.position, newId()), { next_attempt: claim.attempt + 1 }, nudgeFields(run, claim.plan)) };
  }
  const skipped = next.skipped.map(({ name, reason }) => ({ id: newId(), name, position: positionOf(steps, name), owner: steps[positionOf(steps, name)]?.owner ?? '', reason }));
  const past = [...claim.past, ended, ...next.skipped.map(({ name }): PastAttempt => ({ name, status: 'skipped', counts: {}, itemErrors: [], error: null, output: null }))];
  if (skipped.length > 0) row['skipped'] = skipped;
  if (next.kind === 'finish') return { next, follow: undefined, row: Object.assign(row, { next: 'finish' }, endFields(run, next.status, past)) };
  const position = positionOf(steps, next.next.name);
  const id = newId();
  const follow = goesOn(next.next) ? { ...claim, id, attempt: 1, name: next.next.name, plan: next.next, position, past } : undefined;
  const fields = nextFields(next.next, position, id);
  if (follow) return { next, follow, row: Object.assign(row, { next: 'hand', deadline_ms: next.next.timeoutMs + SETTLE_GRACE_MS }, fields) };
  return { next, follow, row: Object.assign(row, { next: 'due', next_owner: next.next.owner }, fields, nudgeFields(run, next.next)) };
}

const nextFields = (plan: StepPlan, position: number, id: string): JsonObject => ({ next_id: id, next_step: plan.name, next_position: position });

const nudgeFields = ({ pipeline }: ClaimedStep['run'], plan: StepPlan): JsonObject => ({ pipeline, nudge_id: newId(), nudge_subject: nudgeSubject(pipeline, plan) });

const positionOf = (steps: readonly StepPlan[], name: string): number => steps.findIndex((one) => one.name === name);
