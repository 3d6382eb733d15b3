/** What processes cost, as the kernel counts it. Linux only: elsewhere there is no /proc, and no figure. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The kernel's clock ticks; 100 a second on every Linux that Node runs on. */
const TICKS_A_SECOND = 100;

/** @typedef {{ pid: number, parent: number, command: string, ticks: number, rssBytes: number }} ProcessCost */

/** Every process below this one. @returns {ProcessCost[]} */
export function descendants(root = process.pid) {
  if (!existsSync('/proc/self/stat')) throw new Error('there is no /proc here, so what idle processes cost can not be counted; run this on Linux');
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => read(Number(pid)) ?? []);
  const below = new Set([root]);
  for (let known = 0; known < below.size; ) {
    known = below.size;
    for (const one of all) if (below.has(one.parent)) below.add(one.pid);
  }
  below.delete(root);
  return all.filter(({ pid }) => below.has(pid));
}

/** @param {ProcessCost[]} before @param {ProcessCost[]} after @param {number} seconds @returns {number} percent of one processor */
export function cpuPercent(before, after, seconds) {
  const earlier = new Map(before.map(({ pid, ticks }) => [pid, ticks]));
  const ticks = after.reduce((sum, one) => sum + one.ticks - (earlier.get(one.pid) ?? 0), 0);
  return (ticks / TICKS_A_SECOND / seconds) * 100;
}

function read(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in brackets and may hold anything; what follows it is numbers.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    const [, rss = '0'] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return { pid, parent: Number(fields[1]), command, ticks: Number(fields[11]) + Number(fields[12]), rssBytes: Number(rss) * 1_024 };
  } catch {
    // It ended while we looked.
    return undefined;
  }
}
