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
  const ended = new Map<string, StepEnd>();
  let itemErrors = newItemErrors;
  for (const one of past) {
    if (ENDS.has(one.status)) ended.set(one.name, one.status as StepEnd);
    itemErrors += one.itemErrors.length;
  }
  return { plan, ended, itemErrors, cancelRequested };
}

/** How often the step that is being settled was tried, this time included, and how often its worker died. */
export function attemptOf(name: string, past: readonly PastAttempt[], died: boolean): Attempt {
  let tried = died ? 0 : 1;
  let lost = died ? 1 : 0;
  for (const one of past) {
    if (one.name !== name) continue;
    if (one.status === 'retried') tried += 1;
    else if (one.status === 'lost') lost += 1;
  }
  return { step: name, tried, lost };
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
