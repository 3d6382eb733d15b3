/**
 * A process that works on steps, whoever's: ours or a peer's, in a process of its own as in production. It does what the measuring process tells it, and tells what
 * it saw with times of the monotonic clock, which all processes of a machine share.
 */
import { Session } from 'node:inspector';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampleDispatches } from './sample-dispatches.mjs';

/**
 * @typedef {object} WorkerOptions with the adapter's own
 * @property {string} adapter @property {boolean} holds every step is begun and never ended
 * @property {number[]} watch how many steps done are told of
 * @property {string} [cpuProfile] the folder for a profile of what is timed: from the first number told of, the end of the warm-up, to the second
 */

const { adapter, holds, cpuProfile, ...options } = JSON.parse(process.argv[2]);
const { startWorker, stepsPerUnit } = await import(adapter);

const tell = (what, facts = {}) => process.send?.({ what, ...facts });
let done = 0;
let watched = new Set(options.watch);
let ended = () => undefined;
let latency;

/** The first line of every step that does nothing. */
function onStep(params, position) {
  const now = process.hrtime.bigint();
  if (params.asked !== undefined) {
    if (position === 0) latency = Number(now - BigInt(params.asked)) / 1e6;
    if (position === stepsPerUnit - 1) ended(latency);
    return undefined;
  }
  if (holds) {
    tell('holding');
    return new Promise(() => undefined);
  }
  done += 1;
  if (watched.has(done)) {
    tell('reached', { steps: done, at: String(now) });
    profile?.();
  }
  return undefined;
}

/** Called first it begins, called again it ends; by the inspector, because a profile of the whole life of the process shows most of all how modules are loaded. */
let profile = cpuProfile && beginProfile;
function beginProfile() {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: 500 });
  session.post('Profiler.start');
  profile = () => {
    profile = undefined;
    session.post('Profiler.stop', (_error, answer) => writeFileSync(join(cpuProfile, `worker-${process.pid}.cpuprofile`), JSON.stringify(answer.profile)));
    session.disconnect();
  };
}

const worker = await startWorker({ ...options, onStep });
const commands = {
  watch: ({ steps }) => void (watched = new Set(steps.map((more) => done + more))),
  drive: async ({ units }) => tell('driven', await worker.drive(units)),
  sample: async ({ samples, warmUp }) => tell('sampled', { latencies: await sampleDispatches({ samples, warmUp, request: worker.request, nextEnded: () => new Promise((resolve) => (ended = resolve)) }) }),
  /** The samples are taken by the measuring process. */
  report: () => void (ended = (measured) => tell('ended', { latency: measured })),
};
process.on('message', (message) => void commands[message.what](message));
// A measuring process that is gone needs no worker.
process.on('disconnect', () => process.exit(1));
if (worker.stop !== undefined) process.once('SIGTERM', () => worker.stop().then(() => process.exit(0), () => process.exit(1)));
tell('ready');
