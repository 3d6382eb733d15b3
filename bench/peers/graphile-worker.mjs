/** graphile-worker for bench/steps.mjs. It has no runs of several steps: one job counts as one step. A finished job's row is deleted, so all are done when the table is empty. */
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import pg from 'pg';
import { installedVersion } from './installed.mjs';

const TASK = 'nothing';
const BATCH = 1_000;
/** Neither side logs what succeeded. */
const logger = new Logger(() => (level, message) => (level === 'error' ? process.stderr.write(`graphile-worker: ${message}\n`) : undefined));

export const stepsPerUnit = 1;
export const version = () => installedVersion('graphile-worker');

export async function connectClient({ databaseUrl }) {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4 }).on('error', () => undefined).on('connect', (client) => client.on('error', () => undefined));
  const utils = await makeWorkerUtils({ pgPool: pool, logger });
  await utils.migrate();
  return {
    request: (params) => utils.addJob(TASK, params),
    requestMany: (units) => addMany(utils, units),
    fill: (units) => addMany(utils, units),
    unfinished: async () => (await pool.query('SELECT EXISTS (SELECT FROM graphile_worker._private_jobs) AS some')).rows[0].some,
    /** A job that failed for good would still be there. */
    verify: async () => undefined,
    close: async () => {
      await utils.release();
      await pool.end();
    },
  };
}

export async function startWorker({ databaseUrl, settings, onStep }) {
  const runner = await run({
    preset: { worker: { connectionString: databaseUrl, logger, gracefulShutdownAbortTimeout: 1_000, ...settings } },
    noHandleSignals: true,
    crontab: '',
    taskList: { [TASK]: (params) => onStep(params, 0) },
  });
  return { request: (params) => runner.addJob(TASK, params), stop: () => runner.stop() };
}

/** As its own performance test fills the queue: many jobs a statement. */
async function addMany(utils, units) {
  for (let left = units; left > 0; left -= BATCH) await utils.addJobs(Array.from({ length: Math.min(left, BATCH) }, () => ({ identifier: TASK, payload: {} })));
}
