/**
 * How fast the clustering is: exact HDBSCAN of 1,000 to 20,000 vectors of length 1 in 256 and 1,024 dimensions, from the call to the answer, threads started and ended in
 * between; the peak of memory of the process; and the same beside the package `hdbscan` of npm and R's `dbscan`, with the same labels.
 */
import { adjustedRandIndex } from '@carillon/clustering';
import { parseFlags } from '../tools/options.mjs';
import { say } from '../tools/progress.mjs';
import { clusteringRun, installNpmPeer, runR, versionOfR } from './lib/clustering-peers.mjs';
import { growthExponent } from './lib/exponent.mjs';
import { describeMachine } from './lib/machine.mjs';
import { printed, rounded } from './lib/result.mjs';

const FLAGS = { json: 'one JSON object on stdout', quick: 'small sizes, to see that it works: no figures to quote', help: 'this text' };
const FULL = { sizes: [1_000, 5_000, 10_000, 20_000], dimensions: [256, 1_024], peers: [2_000, 10_000] };
const QUICK = { sizes: [1_000, 3_000], dimensions: [256], peers: [1_000] };
/** Equal distances allow several spanning trees, and no two programs break all ties alike. */
const SAME_LABELS = 0.98;

try {
  const flags = parseFlags(process.argv.slice(2), FLAGS);
  if (flags.help) process.stdout.write(help());
  else process.stdout.write(printed(await measure(flags.quick ? QUICK : FULL), flags));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function help() {
  return `npm run bench -- hdbscan [options]\n${Object.entries(FLAGS).map(([name, text]) => `  --${name.padEnd(6)} ${text}\n`).join('')}`;
}

/** @returns {Promise<import('./lib/result.mjs').BenchResult>} */
async function measure({ sizes, dimensions, peers }) {
  const runs = [];
  for (const d of dimensions) for (const n of sizes) runs.push({ n, d, ...(await ourRun(n, d)) });
  const npm = await compareWithNpm(peers, runs);
  const r = await compareWithR(peers.at(-1));
  const quoted = runs.find(({ n, d }) => n === 10_000 && d === 256) ?? runs.at(-1);
  return {
    bench: 'hdbscan',
    machine: describeMachine({ threads: 'as many as cores from 3,000 points on' }),
    figures: {
      ...Object.fromEntries(runs.flatMap(({ n, d, seconds, cpuSeconds, rssMb }) => [[`n${n}d${d}Seconds`, rounded(seconds, 3)], [`n${n}d${d}CpuSeconds`, rounded(cpuSeconds, 3)], [`n${n}d${d}RssMb`, rssMb]])),
      // Of the two passes over all pairs at that size; multiplying and adding count as two.
      gflops: rounded(quoted.gflops, 1),
      gflopsAtMost: rounded(Math.max(...runs.map(({ gflops }) => gflops)), 1),
      eventLoopBlockMs: rounded(Math.max(...runs.map(({ eventLoopBlockMs }) => eventLoopBlockMs)), 1),
    },
    // Their time divided by ours, at the largest size compared: both are measured, nothing is extrapolated.
    ratios: { vsBestNpm: npm.at(-1).ratio, ...(r ? { vsR: r.ratio } : {}) },
    exponents: Object.fromEntries(dimensions.map((d) => [d === 256 ? 'n' : `nAt${d}`, rounded(growthExponent(runs.filter((one) => one.d === d).map(({ n, seconds }) => ({ size: n, seconds }))), 3)])),
    peers: { 'npm hdbscan 0.0.1-alpha.1': npm, ...(r ? { [`R dbscan ${r.version}`]: [r] } : {}) },
  };
}

/** The better of two runs: the first one also pays for what the machine has not cached yet. */
async function ourRun(n, d) {
  const [first, second] = [await clusteringRun('ours', n, d), await clusteringRun('ours', n, d)];
  if (adjustedRandIndex(first.labels, second.labels) !== 1 || first.mstTotal !== second.mstTotal) throw new Error(`two runs on ${n} points of ${d} dimensions differ: the clustering is not deterministic`);
  const best = first.seconds <= second.seconds ? first : second;
  say(`${n} × ${d}: ${best.seconds.toFixed(3)} s (the other run ${Math.max(first.seconds, second.seconds).toFixed(3)}), ${best.cpuSeconds.toFixed(2)} s of processor time, ${best.rssMb} MB, ${best.gflops.toFixed(1)} GFLOP/s, loop blocked ${best.eventLoopBlockMs.toFixed(1)} ms, ${best.clusters} clusters`);
  return { ...best, rssMb: Math.max(first.rssMb, second.rssMb), eventLoopBlockMs: Math.max(first.eventLoopBlockMs, second.eventLoopBlockMs) };
}

async function compareWithNpm(sizes, runs) {
  await installNpmPeer();
  const compared = [];
  for (const n of sizes) {
    say(`npm hdbscan, ${n} × 256 …`);
    const ours = runs.find((one) => one.n === n && one.d === 256) ?? (await ourRun(n, 256));
    compared.push(comparison('npm hdbscan', n, ours, await clusteringRun('npm', n, 256)));
  }
  return compared;
}

async function compareWithR(n) {
  const version = await versionOfR();
  if (version === undefined) return void say('R with the package dbscan is not installed (Debian: r-cran-dbscan): left out');
  say(`R dbscan ${version}, ${n} × 256 …`);
  return { version, ...comparison('R dbscan', n, await clusteringRun('ours-as-r', n, 256), await runR(n, 256)) };
}

function comparison(name, n, ours, theirs) {
  const agreement = adjustedRandIndex(ours.labels, theirs.labels);
  if (agreement < SAME_LABELS) throw new Error(`${name} and ours agree on ${n} points only to an adjusted Rand index of ${agreement}: the ratio would compare different work`);
  const ratio = rounded(theirs.seconds / ours.seconds, 1);
  say(`${name}, ${n} × 256: ${theirs.seconds.toFixed(1)} s, ours ${ours.seconds.toFixed(3)} s, ${ratio} times; adjusted Rand index ${agreement.toFixed(4)}`);
  return { n, d: 256, seconds: rounded(theirs.seconds, 2), ours: rounded(ours.seconds, 3), ratio, agreement: rounded(agreement, 4) };
}
