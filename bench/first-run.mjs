/**
 * How long the first run of the deliberation batch takes in a town of 1,000, 5,000 and 20,000 concerns, and how that grows. Real processes on a real bus and a database
 * that waits for the disk; the local providers of language, so no network and no model server.
 */
import { parseFlags } from '../tools/options.mjs';
import { say } from '../tools/progress.mjs';
import { syntheticConcerns } from './lib/concerns.mjs';
import { timeDeliberationRun } from './lib/deliberation-run.mjs';
import { growthExponent, SHORTEST_TRUSTED_SECONDS } from './lib/exponent.mjs';
import { describeMachine } from './lib/machine.mjs';
import { printed, rounded } from './lib/result.mjs';
import { stopOnSignals } from './lib/temporary-stack.mjs';

const FLAGS = { json: 'one JSON object on stdout', quick: 'small sizes, to see that it works: no figures to quote', help: 'this text' };
/** The two steps that compare concerns with each other, which no exact method does in linear time. */
const CLUSTERING = ['cluster', 'checkStability'];

try {
  const flags = parseFlags(process.argv.slice(2), FLAGS);
  if (flags.help) process.stdout.write(help());
  else process.stdout.write(printed(await firstRun(flags.quick ? [200, 400, 800] : [1_000, 5_000, 20_000]), flags));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function help() {
  return `npm run bench -- first-run [options]\n${Object.entries(FLAGS).map(([name, text]) => `  --${name.padEnd(6)} ${text}\n`).join('')}`;
}

/** @param {number[]} sizes ascending @returns {Promise<import('./lib/result.mjs').BenchResult>} */
async function firstRun(sizes) {
  stopOnSignals();
  const runs = [];
  for (const size of sizes) {
    runs.push({ size, ...(await timeDeliberationRun(syntheticConcerns(size))) });
    const { seconds, steps } = runs.at(-1);
    say(`${size} concerns: ${seconds.toFixed(2)} s (${Object.entries(steps).map(([name, time]) => `${name} ${time.toFixed(2)}`).join(', ')})`);
  }
  const [largest] = runs.slice(-1);
  const stepNames = Object.keys(largest.steps);
  const exponent = (secondsOf) => rounded(growthExponent(runs.map((run) => ({ size: run.size, seconds: secondsOf(run) }))), 3);
  const withoutClustering = ({ seconds, steps }) => seconds - CLUSTERING.reduce((sum, name) => sum + steps[name], 0);
  say(`withoutClustering leaves out ${CLUSTERING.join(' and ')}; for exponents, times below ${SHORTEST_TRUSTED_SECONDS * 1_000} ms count as that`);
  return {
    bench: 'first-run',
    machine: describeMachine(largest.servers),
    figures: {
      ...Object.fromEntries(runs.map(({ size, seconds }) => [`n${size}Seconds`, seconds])),
      ...Object.fromEntries(runs.map((run) => [`withoutClusteringSecondsAt${run.size}`, rounded(withoutClustering(run), 3)])),
      ...Object.fromEntries(stepNames.map((name) => [`${name}SecondsAt${largest.size}`, largest.steps[name]])),
    },
    ratios: {},
    exponents: {
      total: exponent(({ seconds }) => seconds),
      withoutClustering: exponent(withoutClustering),
      ...Object.fromEntries(stepNames.map((name) => [name, exponent(({ steps }) => steps[name])])),
    },
    peers: {},
  };
}
