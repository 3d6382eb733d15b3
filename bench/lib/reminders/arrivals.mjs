/** When each of many things had happened, and what that comes to. */
import { setTimeout as pause } from 'node:timers/promises';

/** @typedef {{ perSecond: number, p50: number, p99: number }} Pace from an instant to the last of them; p50 and p99 in milliseconds after that instant */

/** What is counted here costs nothing. */
const LOOK_MS = 25;
/** Counting rows is work for the same database. When they were committed is asked afterwards. */
const LOOK_AT_ROWS_MS = 250;

/** Looks until all have come. @param {() => number} count @param {number} from epoch milliseconds of the same clock as the looks @returns {Promise<Pace>} as late as the look that first saw them */
export async function arrivals(count, wanted, from, withinMs) {
  const looks = await lookedAt(count, wanted, from, withinMs, LOOK_MS);
  const when = (share) => looks.find(({ seen }) => seen >= wanted * share).after;
  return { perSecond: wanted / (Math.max(1, when(1)) / 1_000), p50: when(0.5), p99: when(0.99) };
}

/**
 * Waits until so many rows more are there, and asks Postgres when each was committed (`track_commit_timestamp`): at the commit's record in the log, a flush before the client hears of it.
 * @param {(sql: string, values?: unknown[]) => Promise<object[]>} query @param {string} rows what follows FROM; rows that are written once @param {number} from epoch milliseconds @returns {Promise<Pace>}
 */
export async function commits(query, rows, wanted, from, withinMs) {
  const count = async () => (await query(`SELECT count(*)::int AS n FROM ${rows}`))[0].n;
  const before = await count();
  await lookedAt(async () => (await count()) - before, wanted, from, withinMs, LOOK_AT_ROWS_MS);
  const [{ seen, ...pace }] = await query(
    `SELECT count(*)::int AS seen, max(after) AS last, percentile_disc(0.5) WITHIN GROUP (ORDER BY after) AS p50, percentile_disc(0.99) WITHIN GROUP (ORDER BY after) AS p99
     FROM (SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 * 1000 - $1::float8 AS after FROM ${rows}) one WHERE after >= 0`,
    [from],
  );
  if (seen !== wanted) throw new Error(`${seen} of ${wanted} were committed after they were due`);
  return { perSecond: wanted / (pace.last / 1_000), p50: pace.p50, p99: pace.p99 };
}

async function lookedAt(count, wanted, from, withinMs, everyMs) {
  const looks = [];
  await pause(Math.max(0, from - Date.now()));
  for (;;) {
    const seen = await count();
    const after = Date.now() - from;
    looks.push({ seen, after });
    if (seen >= wanted) return looks;
    if (after > withinMs) throw new Error(`only ${seen} of ${wanted} within ${withinMs} ms`);
    await pause(everyMs);
  }
}
