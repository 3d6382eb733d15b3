/**
 * One clustering in a process of its own, so that its peak of memory is its own: `node bench/lib/clustering-run.mjs IMPLEMENTATION COUNT DIMENSIONS [LABELS-FILE]` prints one JSON
 * object and, when asked, writes the labels as Int32. IMPLEMENTATION is `ours`, `ours-as-r` (the cluster size that R's one parameter means) or `npm`.
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { hdbscanInWorker } from '@carillon/clustering';
import { embeddingLike } from './embedding-like.mjs';

/** Neighbours of a dense place, the point itself not counted. The package on npm counts it, and so does R. */
const NEIGHBOURS = 10;

const [implementation, count, dimensions, labelsFile] = process.argv.slice(2);
const points = embeddingLike(Number(count), Number(dimensions));
const { labels, ...measured } = implementation === 'npm' ? npm(points) : await ours(points, implementation === 'ours-as-r' ? NEIGHBOURS + 1 : NEIGHBOURS);
if (labelsFile) writeFileSync(labelsFile, Int32Array.from(labels));
process.stdout.write(JSON.stringify({ ...measured, rssMb: Math.round(process.resourceUsage().maxRSS / 1024), clusters: 1 + labels.reduce((most, label) => Math.max(most, label), -1), noise: labels.filter((label) => label < 0).length }));

async function ours(points, minClusterSize) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  // The loop is measured while it has nothing else to do than to keep turning.
  await sleep(50);
  delay.enable();
  const passes = passTimer();
  const before = process.cpuUsage();
  const start = performance.now();
  const { labels, mstTotal } = await hdbscanInWorker(points, { minClusterSize, minSamples: NEIGHBOURS }, { onProgress: passes.note });
  const seconds = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(before);
  await sleep(5);
  delay.disable();
  return { labels, seconds, cpuSeconds: (user + system) / 1e6, mstTotal, eventLoopBlockMs: delay.max / 1e6, gflops: passes.operationsPerSecond(points) / 1e9 };
}

function npm({ data, count, dimensions }) {
  const { Hdbscan } = createRequire(new URL('../peers-hdbscan/package.json', import.meta.url))('hdbscan');
  const rows = Array.from({ length: count }, (_, row) => [...data.subarray(row * dimensions, (row + 1) * dimensions)]);
  // It prints what it does; stdout is for the result.
  console.log = () => undefined;
  const start = performance.now();
  const clusters = new Hdbscan(rows, NEIGHBOURS, NEIGHBOURS + 1).getClusters();
  const seconds = (performance.now() - start) / 1_000;
  const labels = new Int32Array(count).fill(-1);
  clusters.forEach((members, label) => members.forEach((member) => (labels[member] = label)));
  return { labels, seconds };
}

/**
 * The rate of the two passes over all pairs, from the reported progress: the first fills it up to 0.5, the second from 0.55. Each multiplies and adds `dimensions` times for
 * each pair. What lies between two reports is counted whole, what lies before the first and after the last not at all.
 */
function passTimer() {
  const passes = [{ from: 0, to: 0.5 }, { from: 0.55, to: 1 }].map((pass) => ({ ...pass, first: undefined, last: undefined }));
  return {
    note: (fraction) => {
      const pass = passes.find(({ from, to }) => fraction > from && fraction <= to);
      if (!pass) return;
      pass.last = { fraction, at: performance.now() };
      pass.first ??= pass.last;
    },
    operationsPerSecond: ({ count, dimensions }) => {
      const seen = passes.filter(({ first, last }) => first !== last);
      const done = seen.reduce((sum, { from, to, first, last }) => sum + (last.fraction - first.fraction) / (to - from), 0);
      const seconds = seen.reduce((sum, { first, last }) => sum + (last.at - first.at) / 1_000, 0);
      return (done * count * count * dimensions) / seconds;
    },
  };
}
