/**
 * The one folder in which benchmarks keep their servers: on a real disk, which a system's temporary folder may not be; what a killed benchmark left is ended by the
 * next one; and two benchmarks can not slow each other down unnoticed.
 */
import { chmodSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
const parent = join(root, '.carillon');
export const folder = join(parent, 'bench');
/** Fetched programs outlive the benchmark. */
export const binFolder = join(parent, 'bin');

/** What must be stopped when the process is told to end. @type {{ stop(): Promise<unknown> } | undefined} */
let running;
let interrupted = false;

/** Makes the folder. Postgres, which does not run as root, must be able to pass through it. */
export function makeFolder() {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
}

/**
 * Does the work, then stops the servers and removes everything, also when it failed or was interrupted.
 * @template T @param {{ stop(): Promise<unknown> }} servers @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function whileRunning(servers, work) {
  running = servers;
  try {
    return await work();
  } catch (error) {
    // The handler below ends the process; what fails because of it is no news.
    if (interrupted) await new Promise(() => undefined);
    throw error;
  } finally {
    await servers.stop();
    running = undefined;
    clearFolder();
  }
}

/** Ctrl-C ends the servers too. Call once, before the first of them. */
export function stopOnSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, async () => {
      if (interrupted) return;
      interrupted = true;
      await running?.stop();
      clearFolder();
      process.exit(130);
    });
  }
}

function clearFolder() {
  rmSync(folder, { recursive: true, force: true });
  if (readdirSync(parent).length === 0) rmdirSync(parent);
}
