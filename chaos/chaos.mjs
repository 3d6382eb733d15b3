/** One run of chaos: opens the servers, does one fault after another on them, prints what each came to. */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { seededRandom } from '../bench/lib/random.mjs';
import { didYouMean } from '../tools/options.mjs';
import { say, seconds } from '../tools/progress.mjs';
import { bundledPrograms } from './lib/bundle.mjs';
import { atTheEnd, endEverything, endOnSignals, isEnding } from './lib/endings.mjs';
import { FAULTS } from './lib/faults.mjs';
import { failureText, faultLine, percentile } from './lib/report.mjs';
import { endRingers } from './lib/ringer.mjs';
import { Scene } from './lib/scene.mjs';
import { openServers, ownFolder } from './lib/servers.mjs';

/** @param {import('./lib/options.mjs').Options} options @returns {Promise<number>} the exit code */
export async function chaos(options) {
  const faults = chosen(options.only);
  if (options.list) {
    process.stdout.write(`${faults.map(({ name }) => name).join('\n')}\n`);
    return 0;
  }
  endOnSignals();
  const seed = options.seed ?? randomInt(1, 1_000_000);
  say(`chaos, seed ${seed}`);
  try {
    return await allOf(faults, seed, options);
  } catch (error) {
    // Whoever ended us also ended what we were waiting for; that is no news, and the process ends in a moment.
    if (isEnding()) await new Promise(() => undefined);
    say(`chaos itself failed, seed ${seed}: ${error.stack}`);
    return 2;
  } finally {
    await endEverything();
  }
}

/** In the quick run two faults go on side by side, each on servers of its own: most of their time is waiting. Reports come in the order of the list. */
async function allOf(faults, seed, options) {
  const folder = await ownFolder();
  // Before the servers that they work on: what is ended last was begun first.
  atTheEnd(endRingers);
  const lanes = options.quick && faults.length > 1 ? ['first', 'second'] : ['only'];
  const code = bundledPrograms(join(folder, 'code'));
  // Nearly every fault starts it.
  const [program, , ...sets] = await Promise.all([code, code.then((made) => made('ringer')), ...lanes.map((name) => openServers(join(folder, name)))]);
  const waiting = faults.map((fault, place) => ({ fault, place }));
  const done = [];
  const tell = inOrder((report) => options.json || process.stdout.write(`${faultLine(report)}\n`));
  const lane = async (servers) => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { report, failure } = await one(next.fault, { servers, program, folder, seed, options });
      if (failure !== undefined) say(failure);
      done.push({ place: next.place, report, failure });
      tell(next.place, report);
    }
  };
  await Promise.all(sets.map(lane));
  const reports = done.sort((a, b) => a.place - b.place).map(({ report: { note: _forPeople, ...report } }) => report);
  if (options.json) process.stdout.write(`${JSON.stringify({ seed, faults: reports })}\n`);
  return done.some(({ failure }) => failure !== undefined) ? 1 : 0;
}

/** Passes on what comes by place, each when all before it have come. */
function inOrder(pass) {
  const held = new Map();
  let next = 0;
  return (place, report) => {
    held.set(place, report);
    for (; held.has(next); next += 1) pass(held.get(next));
  };
}

/** A fault draws from a seed of its own, so that alone it draws the same as among the others. */
async function one(fault, { servers, program, folder, seed, options }) {
  const { name, attempts } = fault;
  const random = chance(seed);
  const began = Date.now();
  const context = {
    ...{ servers, random, folder, program, quick: options.quick, attempts: options.attempts ?? (options.quick ? attempts.quick : attempts.full), sum },
    say: (progress) => say(`  ${name}: ${progress}`),
    scene: async (scene) => Scene.open(servers, { random, program: await program('ringer') }, scene),
  };
  say(`${name} …`);
  const { recoveries, lost, doubled, strikes: _kept, ...rest } = await fault.run(context);
  say(`${name}: ${seconds(Date.now() - began)}`);
  const report = { name, attempts: rest.attempts, recoverP50Ms: percentile(recoveries, 0.5), recoverMaxMs: percentile(recoveries, 1), lost: lost.length, doubled: doubled.length, ...rest };
  return { report, failure: lost.length + doubled.length === 0 ? undefined : failureText({ name, lost, doubled, seed, quick: options.quick, attempts: options.attempts }) };
}

function chance(seed) {
  const random = seededRandom(seed);
  return { ...random, shuffled: (items) => items.map((item) => ({ item, place: random.uniform() })).sort((a, b) => a.place - b.place).map(({ item }) => item) };
}

/** Several scenes of one fault are one report. */
function sum(verdicts) {
  const all = (what) => verdicts.flatMap((verdict) => verdict[what]);
  return { attempts: verdicts.reduce((total, { attempts }) => total + attempts, 0), recoveries: all('recoveries'), strikes: all('strikes'), lost: all('lost'), doubled: all('doubled') };
}

function chosen(only) {
  if (only === undefined) return FAULTS;
  const names = FAULTS.map(({ name }) => name);
  const found = FAULTS.filter(({ name }) => name === only);
  if (found.length === 0) throw new Error(`There is no fault "${only}"${didYouMean(only, names)}`);
  return found;
}
