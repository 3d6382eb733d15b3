/** The deliberation batch as one readable value: when it rings, and what it does in which order. */
import { databaseNow, managerOf } from '@carillon/persistence';
import { hours, seconds, threshold } from '@carillon/engine';
import type { Condition, Counter, Pipeline } from '@carillon/engine';
import { pipeline } from './services.js';
import type { DeliberationServices } from './services.js';
import type { DeliberationSettings } from './settings.js';
import { agendaNow, buildAgenda } from './steps/build-agenda.js';
import { checkStability } from './steps/check-stability.js';
import { closeExpiredCycles } from './steps/close-expired-cycles.js';
import { cluster } from './steps/cluster.js';
import { embedMissing } from './steps/embed-missing.js';
import { markProcessed } from './steps/mark-processed.js';
import { proposeOptions } from './steps/propose-options.js';
import { recoverPending } from './steps/recover-pending.js';
import { summarize } from './steps/summarize.js';
import { cycleState, expiredCycles } from './store/cycles.js';
import { countWaiting } from './store/processed.js';

/** Rings at so many waiting submissions, at the latest after the interval, and within a poll of a ballot's end or of one that can open. */
export function deliberationPipeline(settings: DeliberationSettings): Pipeline<DeliberationServices> {
  return pipeline('deliberation', {
    does: 'Groups what people submitted, asks what to do about it, and runs the ballots.',
    trigger: threshold({
      count: pendingSubmissions,
      atLeast: settings.batchThreshold,
      orEvery: hours(Math.max(settings.pipelineIntervalHours, settings.pipelineMinIntervalHours)),
      poll: seconds(settings.batchPollSeconds),
      minGap: hours(settings.pipelineMinIntervalHours),
      orWhen: ballotDue,
    }),
    steps: [closeExpiredCycles, recoverPending, embedMissing, cluster, checkStability, summarize, proposeOptions, buildAgenda, markProcessed],
  });
}

/** Submissions that a run could do something for now. */
export const pendingSubmissions: Counter<DeliberationServices> = {
  name: 'pendingSubmissions',
  read: (_services, transaction) => countWaiting(managerOf(transaction)),
};

/**
 * A ballot's time is up, or one can open: no other is active, the cooldown is over, and a concern is ready. The second is the very question that `buildAgenda` answers with
 * opening it, so it does not hold again after a run that got that far; one that did not get that far is held back as a failing run.
 */
export const ballotDue: Condition<DeliberationServices> = {
  name: 'ballotDue',
  holds: async ({ settings }, transaction) => {
    const manager = managerOf(transaction);
    const now = await databaseNow(manager);
    if ((await expiredCycles(manager, now)).length > 0) return true;
    // Most of the time a ballot is open, and the agenda need not be counted.
    if ((await cycleState(manager)).active) return false;
    return (await agendaNow(manager, settings, now)).decision.open;
  },
};
