/** The measuring process's hold on one worker process: starts it, tells it what to do, hears what it saw, ends or kills it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { inherited } from '../temporary-stack.mjs';

const PROGRAM = join(import.meta.dirname, 'worker-process.mjs');
const READY_WITHIN_MS = 60_000;
const ENDS_WITHIN_MS = 15_000;

/**
 * @param {object} options what the adapter's `startWorker` takes, and `WorkerOptions`
 */
export async function startWorkerProcess({ nodeOptions = [], ...options }) {
  const execArgv = ['--disable-warning=DeprecationWarning', ...nodeOptions];
  const child = fork(PROGRAM, [JSON.stringify({ holds: false, watch: [], ...options })], { env: inherited(), execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  /** Told and not yet asked for, so that nothing is missed between two awaits. */
  const heard = [];
  const waiting = [];
  child.on('message', (message) => {
    const index = waiting.findIndex(({ fits }) => fits(message));
    if (index >= 0) waiting.splice(index, 1)[0].resolve(message);
    else heard.push(message);
  });
  child.once('exit', (code, signal) => waiting.splice(0).forEach(({ reject }) => reject(new Error(`the worker process ended (${signal ?? `exit code ${code}`}) before it was done`))));

  const hear = (fits, withinMs) => {
    const index = heard.findIndex(fits);
    if (index >= 0) return Promise.resolve(heard.splice(index, 1)[0]);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the worker process did not get there within ${withinMs / 1_000} s`)), withinMs);
      waiting.push({ fits, resolve: (message) => (clearTimeout(timer), resolve(message)), reject: (error) => (clearTimeout(timer), reject(error)) });
    });
  };
  const handle = {
    pid: child.pid,
    tell: (what, facts = {}) => child.send({ what, ...facts }),
    hear: (what, withinMs = 600_000) => hear((message) => message.what === what, withinMs),
    /** When the n-th step began, in nanoseconds of the monotonic clock. */
    reached: async (steps, withinMs = 600_000) => BigInt((await hear((message) => message.what === 'reached' && message.steps === steps, withinMs)).at),
    kill: () => ended(child, 'SIGKILL'),
    stop: () => ended(child, 'SIGTERM'),
  };
  await handle.hear('ready', READY_WITHIN_MS).catch(async (error) => {
    await handle.kill();
    throw error;
  });
  return handle;
}

async function ended(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS);
  await exit;
  clearTimeout(timer);
}
