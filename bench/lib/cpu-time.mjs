/**
 * What work costs in processor time, which says more than its pace on a machine that others use too. From /proc, so Linux only; elsewhere there is no figure rather
 * than a guess.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts in hundredths of a second for programs, whatever its own clock. */
const TICKS_A_SECOND = 100;

/** @typedef {{ parent: number, own: number, reaped: number }} ProcessTimes ticks; `reaped`: of children that ended and were waited for */

/** Seconds of a process and all its descendants, those that ended included. @param {number} pid @returns {number} NaN where it can not be known */
export function cpuSecondsOf(pid) {
  if (process.platform !== 'linux') return NaN;
  const processes = new Map(readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [[Number(name), timesOf(name)]] : [])));
  return familyTicks(processes, pid) / TICKS_A_SECOND;
}

/** @param {string} stat a line of /proc/PID/stat @returns {ProcessTimes} */
export function parseStat(stat) {
  // The name stands in parentheses and may hold anything, also spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number);
  const [parent, user, system, childrenUser, childrenSystem] = [fields[1], ...fields.slice(11, 15)];
  return { parent, own: user + system, reaped: childrenUser + childrenSystem };
}

/** @param {ReadonlyMap<number, ProcessTimes | undefined>} processes @param {number} pid @returns {number} */
export function familyTicks(processes, pid) {
  const self = processes.get(pid);
  if (self === undefined) return 0;
  const children = [...processes].filter(([, times]) => times?.parent === pid).map(([child]) => child);
  return self.own + self.reaped + children.reduce((sum, child) => sum + familyTicks(processes, child), 0);
}

function timesOf(pid) {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // It ended between being listed and being read.
    return undefined;
  }
}
