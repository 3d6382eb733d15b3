/** Takes submissions off the batch's list, one by one as they deserve: only those whose every concern took part in this run's grouping. */
import { done } from '@carillon/engine';
import type { OutputOf, StepContext, StepOutcome } from '@carillon/engine';
import { managerOf } from '@carillon/persistence';
import { appendEvidence } from '../evidence/append-evidence.js';
import { step } from '../services.js';
import type { DeliberationServices } from '../services.js';
import { markProcessed as writeProcessed, submissionsCovered } from '../store/processed.js';
import { cluster } from './cluster.js';

export const markProcessed = step('markProcessed', {
  does: 'Marks the submissions that this run has taken care of.',
  needs: { cluster },
  onFailure: 'continue',
  run,
});

async function run({ services, run: { id: runId, trigger }, now, inputs }: StepContext<DeliberationServices, { cluster: OutputOf<typeof cluster> }>): Promise<StepOutcome> {
  const covered = await submissionsCovered(services.dataSource.manager, runId);
  return done({
    counts: { submissionsProcessed: covered.length },
    write: async (transaction) => {
      const manager = managerOf(transaction);
      await writeProcessed(manager, covered, now);
      // A run that found nothing new leaves nothing in the chain.
      if (covered.length === 0) return;
      const payload = { run_id: runId, trigger, submissions_processed: covered.length, clusterings: inputs.cluster.clusterings };
      await appendEvidence(manager, { eventType: 'pipeline_run', entityType: 'run', entityId: runId, payload });
    },
  });
}
