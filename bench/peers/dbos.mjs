/**
 * DBOS for bench/steps.mjs: a workflow of five steps, each checkpointed. Workflows are started in the process that runs them, which is its fastest way; those that
 * another process asks for go through a durable queue, which is polled.
 */
import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk';
import pg from 'pg';
import { installedVersion } from './installed.mjs';

// What it does with its connections is deprecated by pg; that is not for us to say at every run.
process.noDeprecation = true;

const QUEUE = 'nothing';
const WORKFLOW = 'fiveSteps';
const AT_ONCE_TO_ENQUEUE = 16;
const quiet = { info: () => undefined, debug: () => undefined, warn: () => undefined, error: (entry) => process.stderr.write(`dbos: ${String(entry)}\n`) };

export const stepsPerUnit = 5;
export const version = () => installedVersion('@dbos-inc/dbos-sdk');

export async function connectClient({ databaseUrl, settings }) {
  // Its tables and its queue are made by an application that starts, not by a client.
  await launch(databaseUrl, settings);
  await DBOS.shutdown();
  const client = await DBOSClient.create({ systemDatabaseUrl: databaseUrl, applicationName: 'bench', logger: quiet });
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 }).on('error', () => undefined);
  const request = (params) => client.enqueue({ queueName: QUEUE, workflowName: WORKFLOW }, params);
  const requestMany = (units) => eachOf(units, AT_ONCE_TO_ENQUEUE, () => request({}));
  return {
    request,
    requestMany,
    fill: requestMany,
    unfinished: async () => (await pool.query(`SELECT EXISTS (SELECT FROM dbos.workflow_status WHERE status IN ('PENDING', 'ENQUEUED')) AS some`)).rows[0].some,
    verify: async (units) => {
      const { rows } = await pool.query(`SELECT (SELECT count(*)::int FROM dbos.workflow_status WHERE status = 'SUCCESS') AS workflows, (SELECT count(*)::int FROM dbos.operation_outputs) AS steps`);
      if (rows[0].workflows !== units || rows[0].steps !== units * stepsPerUnit) throw new Error(`DBOS completed ${rows[0].workflows} of ${units} workflows and recorded ${rows[0].steps} steps`);
    },
    close: async () => {
      await pool.end();
      await client.destroy();
    },
  };
}

export async function startWorker({ databaseUrl, settings, onStep, atOnce }) {
  const workflow = DBOS.registerWorkflow(
    async (params) => {
      for (let position = 0; position < stepsPerUnit; position += 1) await DBOS.runStep(async () => void (await onStep(params, position)), { name: `s${position}` });
    },
    { name: WORKFLOW },
  );
  await launch(databaseUrl, settings);
  const start = (params) => DBOS.startWorkflow(workflow)(params);
  return {
    request: start,
    drive: (units) => eachOf(units, atOnce, async () => (await start({})).getResult()),
    stop: () => DBOS.shutdown(),
  };
}

/** The same executor id every time: DBOS recovers the workflows of the executor that starts again, not those of another. */
async function launch(databaseUrl, settings) {
  DBOS.setConfig({ name: 'bench', systemDatabaseUrl: databaseUrl, applicationVersion: '1', executorID: 'bench', logger: quiet, ...settings.instance });
  await DBOS.launch();
  await DBOS.registerQueue(QUEUE, settings.queue);
}

async function eachOf(units, atOnce, work) {
  let left = units;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left > 0) {
        left -= 1;
        await work();
      }
    }),
  );
}
