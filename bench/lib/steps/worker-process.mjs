/**
 * A process that works on steps, whoever's: ours or a peer's, in a process of its own as in production. It does what the measuring process tells it, and tells what
 * it saw with times of the monotonic clock, which all processes of a machine share.
 */
import { sampleDispatches } from './sample-dispatches.mjs';

/** @typedef {{ adapter: string, holds: boolean, watch: number, cpuProfile?: string }} WorkerOptions `watch`: how many steps done are told of; more with the rest of the adapter's options */

const { adapter, holds, ...options } = JSON.parse(process.argv[2]);
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
  if (watched.has(done)) tell('reached', { steps: done, at: String(now) });
  return undefined;
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
