/** What a run has behind it, read off its ended attempts: what the engine's decisions need to know, and what the run's end sums up. */
import type { Attempt, JsonObject, RecordedError, RunProgress, StepEnd, StepPlan } from '@carillon/engine';

export interface PastAttempt {
  name: string;
  status: StepEnd | 'retried' | 'snoozed' | 'lost';
  counts: Record<string, number>;
  itemErrors: string[];
  error: RecordedError | null;
  output: JsonObject | null;
}

const ENDS: ReadonlySet<string> = new Set<StepEnd>(['done', 'skipped', 'failed', 'cancelled']);
/** A run keeps this many error lines; its steps have the others. */
const ERRORS_KEPT = 100;

/** @param newItemErrors of the attempt that is being settled, which is not among the past ones */
export function progressOf(plan: readonly StepPlan[], past: readonly PastAttempt[], cancelRequested: boolean, newItemErrors: number): RunProgress {
  const ended = new Map(past.flatMap(({ name, status }) => (ENDS.has(status) ? [[name, status as StepEnd] as const] : [])));
  return { plan, ended, itemErrors: past.reduce((sum, one) => sum + one.itemErrors.length, newItemErrors), cancelRequested };
}

/** How often the step that is being settled was tried, this time included, and how often its worker died. */
export function attemptOf(name: string, past: readonly PastAttempt[], died: boolean): Attempt {
  const times = (status: PastAttempt['status']): number => past.filter((one) => one.name === name && one.status === status).length;
  return { step: name, tried: times('retried') + (died ? 0 : 1), lost: times('lost') + (died ? 1 : 0) };
}

export function outputsOf(past: readonly PastAttempt[]): Record<string, JsonObject> {
  return Object.fromEntries(past.flatMap(({ name, status, output }) => (status === 'done' && output ? [[name, output]] : [])));
}

/** Counts summed over steps, and error lines in order. */
export function sumOf(past: readonly PastAttempt[]): { counts: Record<string, number>; errors: string[] } {
  const counts: Record<string, number> = {};
  const errors: string[] = [];
  for (const { name, status, counts: own, itemErrors, error } of past) {
    for (const [key, value] of Object.entries(own)) counts[key] = (counts[key] ?? 0) + value;
    if (status === 'failed' && error) errors.push(`${name}: ${error.message}`);
    errors.push(...itemErrors.map((line) => `${name}: ${line}`));
  }
  const more = errors.length - ERRORS_KEPT;
  return { counts, errors: more > 0 ? [...errors.slice(0, ERRORS_KEPT), `… and ${more} more, see the steps`] : errors };
}
