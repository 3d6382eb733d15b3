/** One run of the deliberation batch, asked for as anyone on the bus would ask, timed by the ledger, and checked: a benchmark of a run that did nothing would look splendid. */
import { connectBus } from '@carillon/messaging';
import { createDataSource, listRuns } from '@carillon/persistence';
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { phase } from '../../tools/progress.mjs';
import { fillDeliberation } from './fill-deliberation.mjs';
import { withTemporaryStack } from './temporary-stack.mjs';

/** Nothing but our request starts a run. */
const ONLY_BY_HAND = { BATCH_THRESHOLD: '1000000000', BATCH_POLL_SECONDS: '3600' };
const LOOK_EVERY_MS = 250;
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * @typedef {object} TimedRun
 * @property {number} seconds from the run's start to its end
 * @property {Record<string, number>} steps seconds of each step, in their order
 * @property {{ postgres: string, natsServer: string }} servers
 */

/**
 * Runs the batch over the concerns on a house and a database of its own.
 * @param {{ concerns: import('./concerns.mjs').Concern[], groups: number }} town
 * @returns {Promise<TimedRun>} rejects when the run did not do all of its work
 */
export async function timeDeliberationRun({ concerns, groups }) {
  return withTemporaryStack({ services: ['intake', 'scheduler'], env: ONLY_BY_HAND }, async (state) => {
    const dataSource = await createDataSource({ url: state.databaseUrl, service: 'bench', poolSize: 2, statementTimeoutMs: 300_000 });
    const bus = await connectBus({ url: state.natsUrls.operator, service: 'operator', log });
    try {
      await phase(`  storing ${concerns.length} concerns`, () => fillDeliberation(dataSource, concerns));
      const { runId } = await bus.request('run.deliberation.request', {});
      const run = await phase(`  grouping ${concerns.length} concerns`, () => finished(dataSource, runId));
      await assertAllWasDone(dataSource, run, { concerns: concerns.length, groups });
      const [{ version }] = await dataSource.query("SELECT current_setting('server_version') AS version");
      return { ...timesOf(run), servers: { postgres: version, natsServer: bus.connection.info?.version ?? 'unknown' } };
    } finally {
      await bus.close();
      await dataSource.destroy();
    }
  });
}

async function finished(dataSource, runId) {
  for (;;) {
    const [run] = await listRuns(dataSource, { id: runId });
    if (run.finishedAt !== null) return run;
    await wait(LOOK_EVERY_MS);
  }
}

function timesOf(run) {
  return {
    seconds: (run.finishedAt.getTime() - run.startedAt.getTime()) / 1_000,
    steps: Object.fromEntries(run.steps.map(({ name, durationMs }) => [name, durationMs / 1_000])),
  };
}

async function assertAllWasDone(dataSource, run, { concerns, groups }) {
  const problems = run.steps.filter(({ status }) => status !== 'done').map(({ name, status, reason, error }) => `${name} ${status}: ${error?.message ?? reason}`);
  assert.equal(run.status, 'succeeded', `run ${run.id} is ${run.status}: ${[...run.errors, ...problems].join('; ')}`);
  assert.equal(problems.length, 0, `not every step was done: ${problems.join('; ')}`);
  assert.deepEqual([run.counts.candidates, run.counts.submissionsProcessed], [concerns, concerns], 'every concern is grouped and every submission processed');
  const [stored] = await dataSource.query(
    `SELECT (SELECT count(*)::int FROM deliberation.submission WHERE status <> 'processed') AS waiting, count(*)::int AS clusters,
       count(*) FILTER (WHERE question IS NOT NULL AND stability IS NOT NULL AND EXISTS (SELECT FROM deliberation.policy_option o WHERE o.cluster_id = c.id))::int AS complete,
       (SELECT count(*)::int FROM deliberation.ballot_item) AS balloted
     FROM deliberation.cluster c`,
  );
  assert.equal(stored.waiting, 0, 'no submission waits any more');
  // Half: some of the planted groups touch, and become one.
  assert.ok(stored.clusters >= groups / 2, `${stored.clusters} clusters were found where ${groups} groups were planted`);
  assert.equal(stored.complete, stored.clusters, 'every cluster has a question, options and a stability');
  assert.ok(stored.balloted > 0, 'a ballot was opened');
}
