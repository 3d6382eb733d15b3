/**
 * Durable steps per second, the time from a trigger to the first step's first line, and the time to recover from a killed worker: ours beside graphile-worker, pg-boss
 * and DBOS, on one Postgres that waits for the disk, in one run. What exactly is timed, and what the figures mean, is in docs/performance.md.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { say } from '../tools/progress.mjs';
import { ensureInstalled } from '../tools/setup.mjs';
import { root, stopOnSignals } from './lib/bench-folder.mjs';
import { describeMachine } from './lib/machine.mjs';
import { printed } from './lib/result.mjs';
import { contendersCalled } from './lib/steps/contenders.mjs';
import { backlog, dispatch, recovery, sustained } from './lib/steps/measure.mjs';
import { profiled } from './lib/steps/profile.mjs';
import { figuresOf, ratiosOf } from './lib/steps/summary.mjs';
import { withTemporaryServers } from './lib/temporary-servers.mjs';

const OPTIONS = { json: { type: 'boolean' }, quick: { type: 'boolean' }, only: { type: 'string' }, measure: { type: 'string', default: 'steps,dispatch,recovery' }, profile: { type: 'string' }, help: { type: 'boolean' } };
const HELP = `npm run bench -- steps [options]
  --json           one JSON object on stdout
  --quick          few steps, once, to see that it works: no figures to quote
  --only NAMES     ours, graphile (both settings), graphileTuned, pgBoss, dbos, separated by commas
  --measure NAMES  steps, dispatch, recovery, separated by commas; all of them unless told
  --profile DIR    instead of measuring, profile our worker and the statements it sends, into DIR
  --help           this text
`;
/** Three repetitions at least, or one disturbance would be the result. */
const FULL = { repetitions: 3, dispatches: { samples: 110, warmUp: 40 }, stepsOf: ({ steps }) => steps, recovers: () => true };
const QUICK = { repetitions: 1, dispatches: { samples: 10, warmUp: 2 }, stepsOf: () => 500, recovers: ({ key }, { once }) => key === 'ours' && once !== true };

try {
  const { values: flags } = parseArgs({ options: OPTIONS });
  stopOnSignals();
  if (flags.help) process.stdout.write(HELP);
  else if (flags.profile !== undefined) await profiled(folderCalled(flags.profile), contendersCalled('ours')[0]);
  else process.stdout.write(printed(await steps(contendersCalled(flags.only), { ...(flags.quick ? QUICK : FULL), measures: flags.measure.split(',').map((name) => name.trim()) }), { json: flags.json === true }));
} catch (error) {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
}

/** @returns {Promise<import('./lib/result.mjs').BenchResult>} */
async function steps(asked, extent) {
  const contenders = await thatCanRun(asked);
  return withTemporaryServers({}, async (servers) => {
    const measured = Object.fromEntries(contenders.map(({ key }) => [key, { sustained: [], cpu: [], backlog: [], dispatch: { fromAnother: [], inProcess: [] }, recoveries: {} }]));
    // Repetition by repetition, not contender by contender: what disturbs the machine for a while disturbs all of them.
    for (let repetition = 1; repetition <= extent.repetitions; repetition += 1) {
      for (const contender of contenders) await measureOnce({ ...contender, steps: extent.stepsOf(contender) }, { servers }, measured[contender.key], extent, repetition);
    }
    const figures = Object.fromEntries(Object.entries(measured).map(([key, values]) => [key, figuresOf(values)]));
    return {
      bench: 'steps',
      machine: { ...describeMachine(servers.versions), ...servers.durability },
      figures: figures.ours ?? {},
      ratios: ratiosOf(figures),
      exponents: {},
      peers: Object.fromEntries(await Promise.all(contenders.filter(({ key }) => key !== 'ours').map(async ({ key, adapter, settings, note }) => [key, { version: (await import(adapter)).version(), ...figures[key], settings, note }]))),
    };
  });
}

async function measureOnce(contender, stage, into, { measures, dispatches, recovers }, repetition) {
  if (measures.includes('steps')) {
    const { rate, cpu } = await sustained(contender, stage);
    into.sustained.push(rate);
    into.cpu.push(cpu);
    into.backlog.push(await backlog(contender, stage));
  }
  if (measures.includes('dispatch')) {
    const { fromAnother, inProcess } = await dispatch(contender, stage, dispatches);
    into.dispatch.fromAnother.push(...fromAnother);
    into.dispatch.inProcess.push(...inProcess);
  }
  for (const [name, how] of measures.includes('recovery') ? Object.entries(contender.recoveries) : []) {
    if (recovers(contender, how) && (repetition === 1 || how.once !== true)) (into.recoveries[name] ??= []).push(await recovery(contender, how, stage));
  }
  // Medians of what there is so far.
  const soFar = Object.entries(figuresOf(into)).filter(([name]) => /Second$|cpuMicros|P50Ms|recovery/.test(name));
  say(`${repetition} ${contender.key}: ${soFar.map(([name, value]) => `${name} ${value}`).join(', ')}`);
}

/** Peers are installed here and now, apart from the product; without them ours is still measured, and it is said what is missing. */
async function thatCanRun(contenders) {
  if (contenders.every(({ key }) => key === 'ours')) return contenders;
  try {
    await ensureInstalled(join(root, 'bench/peers'));
    return contenders;
  } catch (error) {
    say(`Only ours is measured: the peers in bench/peers can not be installed (${error.message.split('\n')[0]})`);
    return contenders.filter(({ key }) => key === 'ours');
  }
}

function folderCalled(name) {
  const folder = resolve(name);
  mkdirSync(folder, { recursive: true });
  return folder;
}
