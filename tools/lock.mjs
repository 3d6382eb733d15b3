/** One stack per folder: a second start must say so instead of taking the first one's servers from under it. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { commandLineOf, isAlive } from './embedded/process.mjs';

/**
 * Takes the lock, also from a holder that is gone. The holder's command line is kept with its number, because numbers are used again.
 * @param {string} file
 * @returns {() => void} gives it back
 */
export function takeLock(file) {
  mkdirSync(dirname(file), { recursive: true });
  for (;;) {
    try {
      writeFileSync(file, JSON.stringify({ pid: process.pid, command: commandLineOf(process.pid) }), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = holderOf(file);
    if (holder !== undefined) throw new Error(`Carillon runs already here (process ${holder}, lock ${file}): end that one with Ctrl-C or kill ${holder}`);
    rmSync(file, { force: true });
  }
}

/** The process that holds the lock, or undefined when it is gone. @param {string} file */
export function holderOf(file) {
  if (!existsSync(file)) return undefined;
  try {
    const { pid, command } = JSON.parse(readFileSync(file, 'utf8'));
    return isAlive(pid) && commandLineOf(pid) === command ? pid : undefined;
  } catch {
    return undefined;
  }
}
