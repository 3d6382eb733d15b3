/** When each of many things had happened, read from how many there were at each look. */
import { setTimeout as pause } from 'node:timers/promises';

/** Each look counts all of them, which is work for the same database. */
const LOOK_MS = 25;

/**
 * Looks until all have come. @param {() => Promise<number> | number} count @param {number} from epoch milliseconds of the same clock as the looks
 * @returns {Promise<{ perSecond: number, p50: number, p99: number }>} p50 and p99 in milliseconds after `from`, as late as the look that first saw them
 */
export async function arrivals(count, wanted, from, withinMs) {
  const looks = [];
  await pause(Math.max(0, from - Date.now()));
  for (;;) {
    const seen = await count();
    const after = Date.now() - from;
    looks.push({ seen, after });
    if (seen >= wanted) break;
    if (after > withinMs) throw new Error(`only ${seen} of ${wanted} within ${withinMs} ms`);
    await pause(LOOK_MS);
  }
  const when = (share) => looks.find(({ seen }) => seen >= wanted * share).after;
  return { perSecond: wanted / (Math.max(1, when(1)) / 1_000), p50: when(0.5), p99: when(0.99) };
}
