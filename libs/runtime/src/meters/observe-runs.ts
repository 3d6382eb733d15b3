/** Runs that end without a step that ends them: skipped, cancelled while they waited, given up after their last worker fell silent. */
import type { RunOver } from '@carillon/persistence';
import { traceRunEnd } from '../tracing/tracing.js';
import type { Meters } from './meters.js';

/** Told of runs once their end is committed. */
export type RunObserver = (runs: readonly RunOver[]) => void;

/** For the numbers and the trace, as `observeSteps` does for those whose last step was settled. */
export function observeRuns(meters: Pick<Meters, 'runEnded'>): RunObserver {
  return (runs) => {
    for (const run of runs) {
      meters.runEnded(run.pipeline, run.status);
      traceRunEnd(run, run.pipeline, run.status);
    }
  };
}
