/** Whether a past of a million runs slows a tick: two databases that differ in nothing else, ticked in turn. */
import { createDataSource, ringTimes } from '@carillon/persistence';
import { phase } from '../../../tools/progress.mjs';
import { median } from '../statistics.mjs';
import { bell, PIPELINE } from './bell.mjs';
import { makeOldRuns, makeSchedules } from './seed.mjs';

/** Schedules that one tick rings: enough that the tick is more than its round trips. */
const A_TICK = 100;
const WARM_UP = 5;

/**
 * @param {import('../temporary-servers.mjs').TemporaryServers} servers
 * @param {{ oldRuns: number, ticks: number }} extent
 * @returns {Promise<{ without: number, with: number }>} milliseconds of a tick, medians
 */
export async function tickBesideThePast(servers, { oldRuns, ticks }) {
  const houses = {};
  for (const name of ['without', 'with']) {
    const url = await servers.freshDatabase(`ticks_${name}`, { migrated: true });
    houses[name] = { dataSource: await createDataSource({ url, service: 'bench', poolSize: 2, statementTimeoutMs: 600_000 }), times: [] };
    await makeSchedules(houses[name].dataSource, A_TICK * 100, { kind: 'allow' });
  }
  try {
    await phase(`  ${oldRuns} old runs and occurrences`, () => makeOldRuns(houses.with.dataSource, oldRuns));
    await servers.query('CHECKPOINT');
    for (let tick = 0; tick < WARM_UP + ticks; tick += 1) {
      // Whoever comes second finds the processor's caches warm, so they take turns.
      const order = tick % 2 === 0 ? ['without', 'with'] : ['with', 'without'];
      for (const name of order) {
        const milliseconds = await timed(houses[name].dataSource, tick);
        if (tick >= WARM_UP) houses[name].times.push(milliseconds);
      }
    }
    return { without: median(houses.without.times), with: median(houses.with.times) };
  } finally {
    for (const { dataSource } of Object.values(houses)) await dataSource.destroy();
  }
}

const hosted = new Map([[PIPELINE, { pipeline: bell, services: undefined }]]);

async function timed(dataSource, tick) {
  const first = (tick % 100) * A_TICK;
  await dataSource.query(
    `UPDATE engine.schedule SET next_due_at = engine.clock(), evaluated_through = engine.clock() - interval '30 minutes', trigger = '{"kind": "every", "everyMs": 3600000, "runAtOnce": false}', anchor_at = date_trunc('second', engine.clock()) - interval '1 hour'
     WHERE name = ANY (SELECT 'bench/' || n FROM generate_series($1::int + 1, $1::int + $2::int) n)`,
    [first, A_TICK],
  );
  const started = performance.now();
  const rungs = await ringTimes(dataSource, hosted);
  const milliseconds = performance.now() - started;
  const runs = rungs.reduce((sum, rung) => sum + rung.runs.length, 0);
  if (runs !== A_TICK) throw new Error(`a tick rang ${runs} of ${A_TICK} schedules: ${rungs.find(({ error }) => error !== undefined)?.error ?? 'nobody knows why'}`);
  return milliseconds;
}
