/**
 * How late schedules ring when ten thousand of a hundred thousand fall due in the same second, with one scheduler and with four; what the house costs when nothing is
 * due; and whether a past of a million runs slows a tick. Real processes on a database that waits for the disk; what is timed is in docs/performance.md.
 */
import { parseArgs } from 'node:util';
import { stopOnSignals } from './lib/bench-folder.mjs';
import { describeMachine } from './lib/machine.mjs';
import { printed, rounded } from './lib/result.mjs';
import { idleHouse } from './lib/schedules/idle.mjs';
import { tickBesideThePast } from './lib/schedules/old-runs.mjs';
import { stampede, summed } from './lib/schedules/stampede.mjs';
import { withTemporaryServers } from './lib/temporary-servers.mjs';

const OPTIONS = { json: { type: 'boolean' }, quick: { type: 'boolean' }, measure: { type: 'string', default: 'stampede,ticks,idle' }, help: { type: 'boolean' } };
const HELP = `npm run bench -- schedules [options]
  --json           one JSON object on stdout
  --quick          small sizes, to see that it works: no figures to quote
  --measure NAMES  stampede, ticks, idle, separated by commas; all of them unless told
  --help           this text
`;
const FULL = { schedules: 100_000, due: 10_000, oldRuns: 1_000_000, ticks: 60, idleSeconds: 30 };
const QUICK = { schedules: 5_000, due: 500, oldRuns: 20_000, ticks: 10, idleSeconds: 3 };

try {
  const { values: flags } = parseArgs({ options: OPTIONS });
  stopOnSignals();
  if (flags.help) process.stdout.write(HELP);
  else process.stdout.write(printed(await schedules({ ...(flags.quick ? QUICK : FULL), measures: flags.measure.split(',').map((name) => name.trim()) }), { json: flags.json === true }));
} catch (error) {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
}

/** @returns {Promise<import('./lib/result.mjs').BenchResult>} */
async function schedules({ measures, ...extent }) {
  const wanted = (name, measure) => (measures.includes(name) ? measure() : undefined);
  const measured = await withTemporaryServers({}, async (servers) => ({
    one: await wanted('stampede', () => stampede(servers, { ...extent, schedulers: 1 })),
    four: await wanted('stampede', () => stampede(servers, { ...extent, schedulers: 4 })),
    ticks: await wanted('ticks', () => tickBesideThePast(servers, extent)),
    machine: { ...describeMachine(servers.versions), ...servers.durability },
  }));
  const idle = await wanted('idle', () => idleHouse(extent));
  const { one, four, ticks, machine } = measured;
  return {
    bench: 'schedules',
    machine,
    figures: { ...(one && four && lateness(one, four)), ...(idle && costOf(idle)), ...(ticks && { tickMs: rounded(ticks.without, 2), tickMsWithMillionRuns: rounded(ticks.with, 2) }) },
    ratios: ticks ? { tickWithMillionRuns: rounded(ticks.with / ticks.without, 2) } : {},
    exponents: {},
    peers: {},
  };
}

function lateness(one, four) {
  const [lag, lagFour, begun, begunFour] = [one.rung, four.rung, one.begun, four.begun].map(summed);
  const ms = (value) => rounded(value, 1);
  return {
    ...{ lagP50Ms: ms(lag.p50), lagP95Ms: ms(lag.p95), lagMaxMs: ms(lag.max), doubles: one.doubles + four.doubles },
    ...{ lagP50MsFour: ms(lagFour.p50), lagP95MsFour: ms(lagFour.p95), lagMaxMsFour: ms(lagFour.max) },
    ...{ firstStepP95Ms: ms(begun.p95), firstStepP95MsFour: ms(begunFour.p95) },
    ...{ databaseIdleCpuPercent: rounded(one.databaseIdlePercent, 2), databaseIdleCpuPercentFour: rounded(four.databaseIdlePercent, 2) },
  };
}

function costOf({ cpuPercent, rssBytes, queriesPerMinute }) {
  return { idleCpuPercent: rounded(cpuPercent, 2), idleRssMb: Math.round(rssBytes / 1e6), idleQueriesPerMinute: Math.round(queriesPerMinute) };
}
