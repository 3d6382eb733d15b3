/**
 * Ten thousand of a million stored reminders fall due at one instant: how many become committed notices a second, how many arrive at the Bot API, how late they are; whether a tick costs more
 * the more are stored; and the same in the queues that others take for it. Real processes on a database that waits for the disk. Each has several such instants, and the median counts: what has just been
 * started is slower, and stays up for months.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { say } from '../tools/progress.mjs';
import { ensureInstalled } from '../tools/setup.mjs';
import { root, stopOnSignals } from './lib/bench-folder.mjs';
import { describeMachine } from './lib/machine.mjs';
import { costOfFiring } from './lib/reminders/cost.mjs';
import { fireInTheHouse } from './lib/reminders/house.mjs';
import { tickBySize } from './lib/reminders/table-size.mjs';
import { printed, rounded } from './lib/result.mjs';
import { median } from './lib/statistics.mjs';
import { withTemporaryServers } from './lib/temporary-servers.mjs';

const OPTIONS = { json: { type: 'boolean' }, quick: { type: 'boolean' }, measure: { type: 'string', default: 'house,scattered,size,peers' }, help: { type: 'boolean' } };
const HELP = `npm run bench -- reminders [options]
  --json           one JSON object on stdout
  --quick          small sizes, to see that it works: no figures to quote
  --measure NAMES  house, scattered, size, peers, separated by commas; all of these unless told. cost: the processor time of firing, and which statements it goes to
  --help           this text
`;
const FULL = { stored: 1_000_000, waiting: 100_000, few: 10_000, due: 10_000, delivering: 2, firing: 5, ticks: 40, rounds: 5 };
const QUICK = { stored: 20_000, waiting: 5_000, few: 5_000, due: 500, delivering: 1, firing: 2, ticks: 5, rounds: 2 };

try {
  const { values: flags } = parseArgs({ options: OPTIONS });
  stopOnSignals();
  if (flags.help) process.stdout.write(HELP);
  else process.stdout.write(printed(await reminders(flags.quick ? QUICK : FULL, flags.measure.split(',')), { json: flags.json === true }));
} catch (error) {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
}

/** @returns {Promise<import('./lib/result.mjs').BenchResult>} */
async function reminders(extent, measures) {
  const wanted = (name, measure) => (measures.includes(name) ? measure() : undefined);
  const others = await wanted('peers', installedPeers);
  const postgresSettings = { track_commit_timestamp: 'on', ...(measures.includes('cost') && { shared_preload_libraries: 'pg_stat_statements' }) };
  return withTemporaryServers({ postgresSettings }, async (servers) => {
    const cost = await wanted('cost', () => costOfFiring(servers, extent));
    const peers = await wanted('peers', async () => others && middles({ pgBoss: { bursts: await others.firePgBoss(servers, extent) }, graphileWorker: { bursts: await others.fireGraphile(servers, extent) }, ...(await bullMq(others, servers, extent)) }));
    const size = await wanted('size', () => tickBySize(servers, extent));
    const scattered = await wanted('scattered', () => fireInTheHouse(servers, { ...extent, waiting: extent.stored, delivering: 0 }));
    const house = await wanted('house', () => fireInTheHouse(servers, extent));
    const best = peers && Math.max(...Object.values(peers).map(({ perSecond }) => perSecond));
    const fired = house && middle(house.firing.map((burst) => burst.fired));
    return {
      bench: 'reminders',
      machine: { ...describeMachine(servers.versions), ...servers.durability },
      figures: {
        ...(house && {
          ...{ firedPerSecond: Math.round(fired.perSecond), latenessP50Ms: Math.round(fired.p50), latenessP99Ms: Math.round(fired.p99) },
          ...{ deliveredPerSecond: perSecond(house.delivering, 'delivered'), firedBesideDeliveringPerSecond: perSecond(house.delivering, 'fired'), doubles: house.doubles },
          // Such as `firingPostgresMicros`.
          ...Object.fromEntries(['firing', 'delivering'].flatMap((phase) => Object.entries(middle(house[phase].map(({ micros }) => micros))).map(([who, micros]) => [`${phase}${who[0].toUpperCase()}${who.slice(1)}Micros`, Math.round(micros)]))),
        }),
        ...(scattered && { firedScatteredPerSecond: perSecond(scattered.firing, 'fired') }),
        ...(size && { tickMs: rounded(size.few, 2), tickMsWithMillionStored: rounded(size.many, 2) }),
        ...(cost && { postgresMicros: Math.round(cost.postgresMicros), schedulerMicros: Math.round(cost.schedulerMicros), logBytes: Math.round(cost.logBytes) }),
      },
      ratios: { ...(size && { tableSize: rounded(size.many / size.few, 2) }), ...(house && best && { vsBestPeer: rounded(fired.perSecond / best, 2) }) },
      exponents: {},
      peers: Object.fromEntries(Object.entries(peers ?? {}).map(([name, { perSecond, p50, p99, ...more }]) => [name, { firedPerSecond: Math.round(perSecond), latenessP50Ms: Math.round(p50), latenessP99Ms: Math.round(p99), ...more }])),
    };
  });
}

/** Of each number in them the median. @param {Record<string, number>[]} all @returns {Record<string, number>} */
function middle(all) {
  return Object.fromEntries(Object.keys(all[0]).map((key) => [key, median(all.map((one) => one[key]))]));
}

function perSecond(bursts, what) {
  return Math.round(median(bursts.map((burst) => burst[what].perSecond)));
}

function middles(peers) {
  return Object.fromEntries(Object.entries(peers).map(([name, { bursts, ...more }]) => [name, { ...middle(bursts), ...more }]));
}

/** BullMQ needs a Redis, which this benchmark does not bring. */
async function bullMq({ fireBullMq }, servers, extent) {
  const { redisVersion } = await import('./peers/redis.mjs');
  const version = redisVersion();
  if (version !== undefined) return { bullMq: { bursts: await fireBullMq(servers, extent), redis: version } };
  say('BullMQ is not measured: there is no redis-server on the path, and REDIS_SERVER_BIN names none');
  return {};
}

/** What others keep their delayed jobs in; undefined where it can not be installed. */
async function installedPeers() {
  try {
    await ensureInstalled(join(root, 'bench/peers'));
    return await import('./peers/reminders.mjs');
  } catch (error) {
    say(`Only ours is measured: the peers in bench/peers can not be installed (${error.message.split('\n')[0]})`);
    return undefined;
  }
}
