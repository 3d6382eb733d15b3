/** How long it takes from asking to the first line of what was asked for: one at a time, on a system that is otherwise idle. */
import { setTimeout as wait } from 'node:timers/promises';
import { seededRandom } from '../random.mjs';

/** Between two samples, so that what follows a step is over; drawn, so that no loop's period can fall in with it. */
const REST_MS = 5;
const REST_SPREAD_MS = 15;

/**
 * @param {object} options
 * @param {(params: { asked: string }) => Promise<unknown>} options.request carries when it was asked, in nanoseconds of the monotonic clock
 * @param {() => Promise<number>} options.nextEnded resolves to the latency when the unit asked for next has done its last step
 * @param {number} options.samples @param {number} options.warmUp left out
 * @returns {Promise<number[]>} milliseconds
 */
export async function sampleDispatches({ request, nextEnded, samples, warmUp }) {
  const random = seededRandom(1);
  const latencies = [];
  while (latencies.length < warmUp + samples) {
    const ended = nextEnded();
    await request({ asked: String(process.hrtime.bigint()) });
    latencies.push(await ended);
    await wait(REST_MS + REST_SPREAD_MS * random.uniform());
  }
  return latencies.slice(warmUp);
}
