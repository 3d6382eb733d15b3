/** pg-boss for bench/steps.mjs. It has no runs of several steps: one job counts as one step. Workers are woken by NOTIFY, not by polling alone. */
import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { installedVersion } from './installed.mjs';

const QUEUE = 'nothing';
const BATCH = 1_000;

export const stepsPerUnit = 1;
export const version = () => installedVersion('pg-boss');

export async function connectClient({ databaseUrl, settings }) {
  const boss = await started(databaseUrl, { supervise: false, schedule: false });
  await boss.createQueue(QUEUE, { notify: true, ...settings.queue });
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 }).on('error', () => undefined);
  const count = async (condition) => (await pool.query(`SELECT count(*)::int AS jobs FROM pgboss.job WHERE name = $1 AND ${condition}`, [QUEUE])).rows[0].jobs;
  return {
    request: (params) => boss.send(QUEUE, params),
    requestMany: (units) => insertMany(boss, units),
    fill: (units) => insertMany(boss, units),
    unfinished: async () => (await count(`state < 'completed'`)) > 0,
    verify: async (units) => {
      const completed = await count(`state = 'completed'`);
      if (completed !== units) throw new Error(`pg-boss completed ${completed} of ${units} jobs`);
    },
    close: async () => {
      await pool.end();
      await boss.stop({ graceful: false });
    },
  };
}

export async function startWorker({ databaseUrl, settings, onStep }) {
  const boss = await started(databaseUrl, { useListenNotify: true, ...settings.instance });
  await boss.work(QUEUE, settings.work, (jobs) => Promise.all(jobs.map(({ data }) => onStep(data ?? {}, 0))));
  return { request: (params) => boss.send(QUEUE, params), stop: () => boss.stop({ graceful: true, timeout: 1_000 }) };
}

async function started(connectionString, options) {
  const boss = new PgBoss({ connectionString, ...options });
  boss.on('error', (error) => process.stderr.write(`pg-boss: ${error.message}\n`));
  await boss.start();
  return boss;
}

async function insertMany(boss, units) {
  for (let left = units; left > 0; left -= BATCH) await boss.insert(QUEUE, Array.from({ length: Math.min(left, BATCH) }, () => ({ data: {} })));
}
