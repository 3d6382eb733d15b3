/**
 * Carillon for bench/steps.mjs: the scheduler as it runs in production, with one pipeline of five steps that do nothing, and a client that asks for runs over the bus
 * as anyone may.
 */
import { allowOverlap, done, manual, pipeline, step } from '@carillon/engine';
import { connectBus } from '@carillon/messaging';
import { createDataSource, createRuns, inTransaction, listRuns } from '@carillon/persistence';
import { RunDesk, runService } from '@carillon/runtime';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../bench-folder.mjs';

const PIPELINE = 'bench';
/** Runs that one message asks for, and messages that wait for their answer at once. The peers' bulk calls bring 1,000 jobs. */
const RUNS_A_MESSAGE = 1_000;
const MESSAGES_AT_ONCE = 2;
const RUNS_A_TRANSACTION = 500;
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

export const stepsPerUnit = 5;
export const version = () => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;

export async function connectClient({ databaseUrl, natsUrls }) {
  const dataSource = await createDataSource({ url: databaseUrl, service: 'bench', poolSize: 2 });
  const bus = await connectBus({ url: natsUrls.operator, service: 'operator', log });
  const request = (params) => bus.request(`run.${PIPELINE}.request`, { params });
  const counted = async (table, statuses) => (await dataSource.query(`SELECT count(*)::int AS rows FROM engine.${table} WHERE status = ANY($1)`, [statuses]))[0].rows;
  return {
    request,
    requestMany: async (units) => {
      let left = units;
      const askForMany = async () => {
        for (; left > 0; ) {
          const count = Math.min(left, RUNS_A_MESSAGE);
          left -= count;
          await bus.request(`run.${PIPELINE}.requestMany`, { runs: Array.from({ length: count }, () => ({})) }, 60_000);
        }
      };
      await Promise.all(Array.from({ length: MESSAGES_AT_ONCE }, askForMany));
    },
    /** What a scheduler writes that is killed before it worked on anything. */
    fill: async (units) => {
      for (let left = units; left > 0; left -= RUNS_A_TRANSACTION) {
        await inTransaction(dataSource, (manager) => createRuns(manager, Array.from({ length: Math.min(left, RUNS_A_TRANSACTION) }, newRun)));
      }
    },
    unfinished: async () => (await Promise.all(['queued', 'running'].map((status) => listRuns(dataSource, { status, limit: 1 })))).some((runs) => runs.length > 0),
    verify: async (units) => {
      const [runs, steps] = [await counted('run', ['succeeded']), await counted('step', ['done'])];
      if (runs !== units || steps !== units * stepsPerUnit) throw new Error(`Carillon completed ${runs} of ${units} runs and recorded ${steps} steps`);
    },
    close: async () => {
      await bus.close();
      await dataSource.destroy();
    },
  };
}

/** The process's own signal handler ends it, as in production. */
export async function startWorker({ databaseUrl, natsUrls, settings, onStep }) {
  Object.assign(process.env, settings, { DATABASE_URL: databaseUrl, NATS_URL: natsUrls.scheduler });
  const { furnish, tables } = await import('../../../apps/scheduler/dist/scheduler.js');
  let desk;
  await runService({
    name: 'scheduler',
    describes: 'One pipeline of five steps that do nothing.',
    tables,
    furnish: async (house) => {
      const rooms = await furnish(house, { pipelines: [{ pipeline: fiveSteps(onStep), services: undefined }], close: async () => undefined });
      desk = rooms.module.providers.find(({ provide }) => provide === RunDesk).useValue;
      return rooms;
    },
  });
  return { request: (params) => desk.request(PIPELINE, { params }) };
}

const newRun = () => ({ pipeline: PIPELINE, scope: '', trigger: 'manual', plan: fiveSteps().steps.map(({ plan }) => plan), overlap: allowOverlap });

function fiveSteps(onStep = () => undefined) {
  const doesNothing = (position) =>
    step(`s${position}`, {
      does: 'nothing',
      run: async ({ run }) => {
        await onStep(run.params, position);
        return done();
      },
    });
  return pipeline(PIPELINE, { does: 'nothing, five times', trigger: manual(), overlap: allowOverlap, steps: Array.from({ length: stepsPerUnit }, (_none, position) => doesNothing(position)) });
}
