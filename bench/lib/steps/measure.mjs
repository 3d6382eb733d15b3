/**
 * What is measured, the same way for everyone: each on a new database of the same server, with the worker in a process of its own, and checked afterwards, because a
 * system that drops work would look splendid.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { cpuSecondsOf } from '../cpu-time.mjs';
import { sampleDispatches } from './sample-dispatches.mjs';
import { startWorkerProcess } from './worker-handle.mjs';

const AT_ONCE = 32;
const LOOK_EVERY_MS = 2;
/** Code is compiled and caches are filled in the first moments; they are not counted. */
const WARM_UP_SHARE = 0.1;

/**
 * @typedef {object} Contender one system with one set of settings
 * @property {string} key
 * @property {string} adapter the module with `connectClient`, `startWorker`, `stepsPerUnit` and `version`
 * @property {object} settings the adapter's
 * @property {number} steps how many are timed
 * @property {boolean} [needsBus] and our schema
 * @property {readonly string[]} [nodeOptions] of the worker's process, where it is run with some; Node's defaults unless told
 * @property {boolean} [drives] the worker's process asks for the work itself
 * @property {Record<string, { settings: object, how: 'standby' | 'restart', once?: boolean }>} recoveries figures by name; none when work does not come back in a time that can be waited for
 * @property {string} [note]
 *
 * @typedef {object} Stage what a measurement runs on
 * @property {import('../temporary-servers.mjs').TemporaryServers} servers
 * @property {string} [cpuProfile] the folder for a profile of the worker
 */

/**
 * Steps per second from the first request to the last one's end, asked for in bulk while the workers work, and what a step cost in microseconds of processor time.
 * @returns {Promise<{ rate: number, cpu: { worker: number, postgres: number, bus: number, client: number } }>}
 */
export async function sustained(contender, stage) {
  return onNewDatabase(contender, stage, async ({ adapter, client, options }) => {
    const units = Math.ceil(contender.steps / adapter.stepsPerUnit);
    const warmUp = Math.ceil(units * WARM_UP_SHARE);
    const worker = await startWorkerProcess(options);
    try {
      const ask = async (count) => {
        worker.tell('watch', { steps: [count * adapter.stepsPerUnit] });
        const began = process.hrtime.bigint();
        if (contender.drives) worker.tell('drive', { units: count });
        else await client.requestMany(count);
        return began;
      };
      await ask(warmUp);
      await worker.reached(warmUp * adapter.stepsPerUnit);
      await allOver(client);
      const before = cpuSeconds(worker, stage);
      const began = await ask(units);
      await worker.reached((warmUp + units) * adapter.stepsPerUnit);
      await allOver(client);
      const seconds = secondsSince(began);
      const after = cpuSeconds(worker, stage);
      await client.verify(warmUp + units);
      const steps = units * adapter.stepsPerUnit;
      return { rate: steps / seconds, cpu: Object.fromEntries(Object.entries(after).map(([who, spent]) => [who, ((spent - before[who]) * 1e6) / steps])) };
    } finally {
      await worker.stop();
    }
  });
}

/** Steps per second while a worker burns down a backlog that was there before it started. */
export async function backlog(contender, stage) {
  return onNewDatabase(contender, stage, async ({ adapter, client, options }) => {
    const units = Math.ceil(contender.steps / adapter.stepsPerUnit);
    const warmUp = Math.ceil(units * WARM_UP_SHARE);
    await client.fill(warmUp + units);
    const first = warmUp * adapter.stepsPerUnit;
    const last = first + units * adapter.stepsPerUnit;
    const worker = await startWorkerProcess({ ...options, watch: [first, last] });
    try {
      const began = await worker.reached(first);
      await worker.reached(last);
      await allOver(client);
      const seconds = secondsSince(began);
      await client.verify(warmUp + units);
      return (units * adapter.stepsPerUnit) / seconds;
    } finally {
      await worker.stop();
    }
  });
}

/**
 * Milliseconds from asking to the first step's first line, asked for by another process and in the worker's own.
 * @returns {Promise<{ fromAnother: number[], inProcess: number[] }>}
 */
export async function dispatch(contender, stage, { samples, warmUp }) {
  return onNewDatabase(contender, stage, async ({ client, options }) => {
    const worker = await startWorkerProcess(options);
    try {
      worker.tell('sample', { samples, warmUp });
      const { latencies: inProcess } = await worker.hear('sampled');
      worker.tell('report');
      const nextEnded = async () => (await worker.hear('ended')).latency;
      return { inProcess, fromAnother: await sampleDispatches({ samples, warmUp, request: client.request, nextEnded }) };
    } finally {
      await worker.stop();
    }
  });
}

/**
 * Seconds from SIGKILL to a worker that holds as many units as it may, to the end of all of them in another worker: one that runs already, or the same started again
 * where only that recovers.
 */
export async function recovery(contender, { settings, how }, stage) {
  return onNewDatabase({ ...contender, settings: { ...contender.settings, ...settings } }, stage, async ({ adapter, client, options }) => {
    const steps = AT_ONCE * adapter.stepsPerUnit;
    const first = await startWorkerProcess({ ...options, holds: true });
    let second;
    try {
      const start = async () => (second = await startWorkerProcess({ ...options, watch: [steps] }));
      await client.requestMany(AT_ONCE);
      for (let held = 0; held < AT_ONCE; held += 1) await first.hear('holding', 60_000);
      if (how === 'standby') await start();
      const killed = process.hrtime.bigint();
      await first.kill();
      if (how === 'restart') await start();
      await second.reached(steps);
      await allOver(client);
      const seconds = secondsSince(killed);
      await client.verify(AT_ONCE);
      return seconds;
    } finally {
      await first.kill();
      await second?.stop();
    }
  });
}

async function onNewDatabase(contender, { servers, cpuProfile }, work) {
  const adapter = await import(contender.adapter);
  const ours = contender.needsBus === true;
  const databaseUrl = await servers.freshDatabase('measured', { migrated: ours });
  const bus = ours ? await servers.freshBus() : undefined;
  const place = { databaseUrl, settings: contender.settings, ...(bus && { natsUrls: { operator: bus.url('operator'), scheduler: bus.url('scheduler') } }) };
  const client = await adapter.connectClient(place);
  try {
    return await work({ adapter, client, options: { ...place, adapter: contender.adapter, nodeOptions: contender.nodeOptions, atOnce: AT_ONCE, cpuProfile } });
  } finally {
    await client.close();
  }
}

async function allOver(client) {
  while (await client.unfinished()) await wait(LOOK_EVERY_MS);
}

const cpuSeconds = (worker, { servers }) => ({ worker: cpuSecondsOf(worker.pid), ...servers.cpuSeconds(), client: (process.cpuUsage().user + process.cpuUsage().system) / 1e6 });

const secondsSince = (began) => Number(process.hrtime.bigint() - began) / 1e9;
