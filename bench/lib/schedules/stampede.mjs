/** Very many schedules, of which very many fall due in the same second: how late each is rung, and whether any is rung twice or not at all. */
import { createDataSource } from '@carillon/persistence';
import { connectBus } from '@carillon/messaging';
import { setTimeout as wait } from 'node:timers/promises';
import { phase } from '../../../tools/progress.mjs';
import { cpuPercent, descendants } from '../processes.mjs';
import { quantile } from '../statistics.mjs';
import { letFallDue, makeSchedules } from './seed.mjs';
import { withSchedulers } from './schedulers.mjs';

const FALL_DUE_IN_SECONDS = 5;
const LOOK_EVERY_MS = 500;
const GIVE_UP_AFTER_MS = 180_000;
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * @param {import('../temporary-servers.mjs').TemporaryServers} servers
 * @param {{ schedules: number, due: number, schedulers: number, idleSeconds: number }} extent
 */
export async function stampede(servers, { schedules, due, schedulers, idleSeconds }) {
  const databaseUrl = await servers.freshDatabase('stampede', { migrated: true });
  const nats = await servers.freshBus();
  const dataSource = await createDataSource({ url: databaseUrl, service: 'bench', poolSize: 2, statementTimeoutMs: 300_000 });
  const bus = await connectBus({ url: nats.url('scheduler'), service: 'scheduler', log });
  try {
    await phase(`  ${schedules} schedules`, () => makeSchedules(dataSource, schedules));
    return await withSchedulers({ count: schedulers, databaseUrl, natsUrl: nats.url('scheduler') }, async () => {
      const databaseIdlePercent = await phase(`  nothing due with ${schedulers} of us`, () => databaseCpu(idleSeconds));
      const at = await letFallDue(dataSource, due, FALL_DUE_IN_SECONDS);
      bus.announce('schedule.changed');
      await phase(`  ${due} due in one second, ${schedulers} of us`, () => allDone(dataSource, due, at));
      return { ...(await lags(dataSource, due, at)), databaseIdlePercent };
    });
  } finally {
    await bus.close();
    await dataSource.destroy();
  }
}

async function databaseCpu(seconds) {
  const ofDatabase = () => descendants().filter(({ command }) => /postgres/.test(command));
  const before = ofDatabase();
  const started = performance.now();
  await wait(seconds * 1_000);
  return cpuPercent(before, ofDatabase(), (performance.now() - started) / 1_000);
}

async function allDone(dataSource, due, at) {
  for (const until = Date.now() + GIVE_UP_AFTER_MS; Date.now() < until; await wait(LOOK_EVERY_MS)) {
    const [{ over }] = await dataSource.query(`SELECT count(*)::int AS over FROM engine.run WHERE scheduled_for = $1 AND status = 'succeeded'`, [at]);
    if (over >= due) return;
  }
  throw new Error(`not all of ${due} schedules had run ${GIVE_UP_AFTER_MS / 1_000} s after they fell due`);
}

/** By sets of schedules, not by counts: a double and a missing one would add up. */
async function lags(dataSource, due, at) {
  const runs = await dataSource.query(
    `SELECT r.schedule_id AS id, extract(epoch FROM r.requested_at - r.scheduled_for)::float8 * 1000 AS rung, extract(epoch FROM s.started_at - r.scheduled_for)::float8 * 1000 AS begun
     FROM engine.run r JOIN engine.step s ON s.run_id = r.id WHERE r.scheduled_for = $1`,
    [at],
  );
  const ids = new Set(runs.map(({ id }) => id));
  const [{ recorded }] = await dataSource.query(`SELECT count(*)::int AS recorded FROM engine.occurrence WHERE scheduled_for = $1 AND outcome = 'ran'`, [at]);
  if (ids.size !== due || recorded !== due) throw new Error(`${due} schedules fell due, ${ids.size} were rung and ${recorded} recorded`);
  const early = runs.filter(({ rung }) => rung < 0).length;
  if (early > 0) throw new Error(`${early} schedules rang before they were due`);
  return { rung: runs.map(({ rung }) => rung), begun: runs.map(({ begun }) => begun), doubles: runs.length - ids.size };
}

export const summed = (values) => ({ p50: quantile(values, 0.5), p95: quantile(values, 0.95), max: quantile(values, 1) });
