/** What the worker's own eyes see of each attempt, for the numbers and the trace. */
import type { ClaimedStep, Settled } from '@carillon/persistence';
import { traceRunEnd } from '../tracing/tracing.js';
import type { Meters } from './meters.js';

/** For StepWorker's option `onSettled`. */
export function observeSteps(meters: Meters): (claim: ClaimedStep, settled: Settled | undefined, tookMs: number) => void {
  return ({ run, name, claimedAt, dueAt }, settled, tookMs) => {
    meters.stepStarted(run, claimedAt.getTime() - dueAt.getTime());
    const next = settled?.next;
    meters.stepSettled({ pipeline: run.pipeline, step: name }, next === undefined ? 'lost' : next.kind === 'again' ? 'again' : next.end, tookMs);
    if (next?.kind !== 'finish') return;
    meters.runEnded(run.pipeline, next.status);
    traceRunEnd(run, run.pipeline, next.status);
  };
}
