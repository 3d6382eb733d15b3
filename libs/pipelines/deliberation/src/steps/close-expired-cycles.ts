/** Ends the ballots whose time is up: counts them, publishes the results, and archives what was voted on. The first step, so that nobody votes on a closed ballot for long. */
import { done } from '@carillon/engine';
import type { JsonObject, StepContext, StepOutcome } from '@carillon/engine';
import { inTransaction, managerOf, queueNotice } from '@carillon/persistence';
import type { EntityManager } from 'typeorm';
import { appendEvidence } from '../evidence/append-evidence.js';
import type { CycleResults } from '../rules/tally.js';
import { tally } from '../rules/tally.js';
import { step } from '../services.js';
import type { DeliberationServices } from '../services.js';
import type { ExpiredCycle } from '../store/cycles.js';
import { ballotOf, closeCycle, expiredCycles } from '../store/cycles.js';
import { eligibleVoters, finalVotes } from '../store/votes.js';

interface TalliedCycle {
  id: string;
  results: CycleResults;
}

export const closeExpiredCycles = step('closeExpiredCycles', {
  does: 'Closes ballots whose time is up and counts the votes.',
  onFailure: 'continue',
  run,
});

async function run(context: StepContext<DeliberationServices>): Promise<StepOutcome> {
  const { services, now } = context;
  const tallied: TalliedCycle[] = [];
  for (const cycle of await expiredCycles(services.dataSource.manager, now)) tallied.push(await tallyCycle(cycle, services));
  return done({
    counts: { cyclesClosed: tallied.length, noticesQueued: tallied.length },
    write: async (transaction) => {
      for (const cycle of tallied) await publish(managerOf(transaction), cycle, context);
    },
  });
}

/** Reads in a transaction of its own that waits for votes on their way; after it none can come, because the deadline has passed. */
async function tallyCycle({ id, endsAt }: ExpiredCycle, { dataSource, settings }: DeliberationServices): Promise<TalliedCycle> {
  return inTransaction(dataSource, async (manager) => {
    const votes = await finalVotes(manager, id);
    const eligible = await eligibleVoters(manager, endsAt, { minAccountAgeHours: settings.minAccountAgeHours, requireContribution: settings.requireContributionForVote });
    return { id, results: tally(await ballotOf(manager, id), votes, eligible) };
  });
}

async function publish(manager: EntityManager, { id, results }: TalliedCycle, { services: { settings }, run: { id: runId }, now }: StepContext<DeliberationServices>): Promise<void> {
  const { items, ...totals } = results;
  const plain: JsonObject = { ...totals, items: items.map((item) => ({ ...item, options: item.options.map((option) => ({ ...option })) })) };
  if (!(await closeCycle(manager, { cycleId: id, runId, results: plain, voters: totals.voters, now }))) return;
  await appendEvidence(manager, { eventType: 'cycle_closed', entityType: 'voting_cycle', entityId: id, payload: { cycle_id: id, total_voters: totals.voters, results: plain } });
  await queueNotice(manager, {
    ...{ channel: 'telegram', recipient: settings.deliberationChannel, messageType: 'results', dedupeKey: `deliberation.results.${id}`, runId },
    content: { cycle_id: id, ...totals, size: items.length },
  });
}
