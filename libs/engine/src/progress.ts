/**
 * What is next, once a step of a run has been tried. Pure: the ledger hands in what it knows, and commits what this decides together with the
 * step's own record.
 *
 *     due ─claim→ running ─settle→ done | skipped | failed | cancelled      → next step, or the end of the run
 *                    │                └ retry, snooze: a new attempt, due later
 *                    └ lease ran out: lost → a new attempt, due now
 */
import { backoff } from './backoff.js';
import type { RecordedError } from './errors.js';
import type { StepOutcome } from './outcome.js';
import type { StepPlan } from './step.js';

/** How a step of a run ended for good. */
export type StepEnd = 'done' | 'skipped' | 'failed' | 'cancelled';
export type RunEnd = 'succeeded' | 'partial' | 'failed' | 'cancelled';

/** A worker that dies this often in one step takes the step with it: something in it kills workers. */
export const MAX_LOST_ATTEMPTS = 20;

export interface RunProgress {
  plan: readonly StepPlan[];
  /** Steps that ended before the one that is being settled. */
  ended: ReadonlyMap<string, StepEnd>;
  /** Item errors of ended steps and of this one: any makes the run `partial`. */
  itemErrors: number;
  cancelRequested: boolean;
}

export interface Attempt {
  step: string;
  /** Attempts of this step that the step itself ended, this one included. */
  tried: number;
  /** Attempts whose worker died. */
  lost: number;
}

export type AfterStep =
  | { kind: 'again'; dueAt: Date; reason: string }
  | { kind: 'step'; end: StepEnd; next: StepPlan; skipped: SkippedStep[]; error?: RecordedError }
  | { kind: 'finish'; end: StepEnd; status: RunEnd; skipped: SkippedStep[]; error?: RecordedError };

export interface SkippedStep {
  name: string;
  reason: string;
}

/** Decides what follows the outcome of one attempt. `random` is uniform in [0, 1). */
export function afterStep(run: RunProgress, attempt: Attempt, outcome: StepOutcome, now: Date, random: number): AfterStep {
  const plan = planOf(run, attempt.step);
  const again = run.cancelRequested ? undefined : anotherTry(plan, attempt, outcome, now, random);
  if (again) return again;
  const { end, error } = endOf(outcome, run.cancelRequested);
  return { ...proceed(run, plan, end), ...(error && { error }) };
}

/** Decides what follows an attempt whose worker died. */
export function afterLostAttempt(run: RunProgress, attempt: Attempt, now: Date): AfterStep {
  const plan = planOf(run, attempt.step);
  if (run.cancelRequested) return proceed(run, plan, 'cancelled');
  if (attempt.lost < MAX_LOST_ATTEMPTS) return { kind: 'again', dueAt: now, reason: 'its worker died; taken over' };
  const error = { name: 'WorkerLost', message: `the worker of "${plan.name}" died ${attempt.lost} times in it`, permanent: true };
  return { ...proceed(run, plan, 'failed'), error };
}

function anotherTry(plan: StepPlan, attempt: Attempt, outcome: StepOutcome, now: Date, random: number): AfterStep | undefined {
  if (outcome.kind === 'snooze') return { kind: 'again', dueAt: outcome.until > now ? outcome.until : now, reason: outcome.reason };
  if (attempt.tried >= plan.retry.maxAttempts) return undefined;
  if (outcome.kind === 'retry') return { kind: 'again', dueAt: later(now, outcome.afterMs), reason: outcome.reason };
  if (outcome.kind !== 'fail' || outcome.error.permanent) return undefined;
  return { kind: 'again', dueAt: later(now, backoff(plan.retry, attempt.tried, random)), reason: outcome.error.message };
}

function endOf(outcome: StepOutcome, cancelRequested: boolean): { end: StepEnd; error?: RecordedError } {
  switch (outcome.kind) {
    case 'done':
      return { end: 'done' };
    case 'skip':
      return { end: 'skipped' };
    case 'cancelled':
      return { end: 'cancelled' };
    case 'fail':
      return { end: cancelRequested ? 'cancelled' : 'failed', error: outcome.error };
    case 'retry':
      return cancelRequested ? { end: 'cancelled' } : { end: 'failed', error: { name: 'RetriesExhausted', message: outcome.reason, permanent: true } };
    case 'snooze':
      return { end: 'cancelled' };
  }
}

function proceed(run: RunProgress, plan: StepPlan, end: StepEnd): Exclude<AfterStep, { kind: 'again' }> {
  const ended = new Map(run.ended).set(plan.name, end);
  const rest = run.plan.slice(run.plan.indexOf(plan) + 1);
  if (run.cancelRequested || end === 'cancelled') return { kind: 'finish', end, status: 'cancelled', skipped: because(rest, 'the run was cancelled') };
  if (end === 'failed' && plan.onFailure === 'stop') return { kind: 'finish', end, status: 'failed', skipped: because(rest, `"${plan.name}" failed`) };
  const skipped: SkippedStep[] = [];
  for (const candidate of rest) {
    const reason = whyNot(run.plan, ended, candidate);
    if (reason === undefined) return { kind: 'step', end, next: candidate, skipped };
    skipped.push({ name: candidate.name, reason });
    ended.set(candidate.name, 'skipped');
  }
  return { kind: 'finish', end, status: statusOf(run, ended), skipped };
}

function whyNot(plan: readonly StepPlan[], ended: ReadonlyMap<string, StepEnd>, { needs, takes = [] }: StepPlan): string | undefined {
  const missing = needs.find((need) => lacks(plan, ended, need));
  if (missing !== undefined) return `needs "${missing}", which did not succeed`;
  const absent = takes.find((need) => ended.get(need) !== 'done');
  return absent === undefined ? undefined : `needs the output of "${absent}", which ${ended.get(absent) === 'failed' ? 'failed' : 'was skipped'}`;
}

/** A step that failed with `skipDependents`, or was skipped because of one, can not be built upon; a skip by its own choice can. */
function lacks(plan: readonly StepPlan[], ended: ReadonlyMap<string, StepEnd>, need: string): boolean {
  const end = ended.get(need);
  if (end === 'failed') return plan.find((one) => one.name === need)?.onFailure === 'skipDependents';
  if (end !== 'skipped') return false;
  return plan.find((one) => one.name === need)?.needs.some((deeper) => lacks(plan, ended, deeper)) ?? false;
}

function statusOf(run: RunProgress, ended: ReadonlyMap<string, StepEnd>): RunEnd {
  const ends = [...ended.values()];
  if (!ends.includes('failed')) return run.itemErrors > 0 ? 'partial' : 'succeeded';
  return ends.includes('done') ? 'partial' : 'failed';
}

function planOf(run: RunProgress, name: string): StepPlan {
  const plan = run.plan.find((one) => one.name === name);
  if (!plan) throw new Error(`step "${name}" is not in this run's list (${run.plan.map((one) => one.name).join(', ')})`);
  return plan;
}

const because = (plans: readonly StepPlan[], reason: string): SkippedStep[] => plans.map(({ name }) => ({ name, reason }));
const later = (now: Date, ms: number): Date => new Date(now.getTime() + ms);
