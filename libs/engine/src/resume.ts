/**
 * Where a new run goes on with an ended one. Pure. The ended run stays as it is; the new one keeps what came before its first step, and does the rest.
 */
import { alike } from './alike.js';
import { PermanentError } from './errors.js';
import type { StepEnd } from './progress.js';
import type { StepPlan } from './step.js';

export class ResumeRefused extends PermanentError {
  override readonly name = 'ResumeRefused';
}

export interface ResumableRun {
  id: string;
  status: string;
  plan: readonly StepPlan[];
  /** How its steps ended, and how many of their items went wrong. */
  steps: ReadonlyMap<string, { end: StepEnd; itemErrors: number }>;
}

/**
 * The position of the new run's first step: the named one, or the first that failed, was cancelled, or has items that failed.
 * @throws ResumeRefused when the run is not over, there is no such step, or what comes before it is not done
 */
export function resumeAt(run: ResumableRun, from?: string): number {
  if (run.status === 'queued' || run.status === 'running') throw new ResumeRefused(`run ${run.id} is not over yet (${run.status}): wait for its end, or cancel it first`);
  if (run.status === 'skipped') throw new ResumeRefused(`run ${run.id} was skipped, so there is nothing to go on with: ask for a new run`);
  const at = from === undefined ? firstToDoAgain(run) : positionOf(run, from);
  for (const { name, onFailure } of run.plan.slice(0, at)) {
    const end = run.steps.get(name)?.end;
    const why = end === undefined ? 'never ended' : end === 'cancelled' ? 'was cancelled' : end === 'failed' && onFailure === 'stop' ? 'failed' : undefined;
    if (why !== undefined) throw new ResumeRefused(`run ${run.id} can not go on from "${run.plan[at]?.name}": "${name}" comes before it and ${why}. Start there`);
  }
  return at;
}

function firstToDoAgain({ id, status, plan, steps }: ResumableRun): number {
  const at = plan.findIndex(({ name }) => {
    const step = steps.get(name);
    // A run that was cancelled while it waited has nothing behind it.
    return step === undefined || step.end === 'failed' || step.end === 'cancelled' || step.itemErrors > 0;
  });
  if (at < 0) throw new ResumeRefused(`run ${id} ${status}: no step of it failed. Name the step to start from: ${plan.map(({ name }) => name).join(', ')}`);
  return at;
}

function positionOf({ id, plan }: ResumableRun, from: string): number {
  const at = plan.findIndex(({ name }) => name === from);
  if (at >= 0) return at;
  const names = plan.map(({ name }) => name);
  const close = alike(from, names);
  throw new ResumeRefused(`run ${id} has no step "${from}": ${close === undefined ? '' : `did you mean "${close}"? `}its steps are ${names.join(', ')}`);
}
