/** As many scheduler processes as wanted, ready to ring. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { SERVICE_NODE_OPTIONS } from '../../../tools/node-options.mjs';
import { inherited } from '../temporary-stack.mjs';

const PROGRAM = join(import.meta.dirname, 'scheduler-process.mjs');
const ENDS_WITHIN_MS = 15_000;

/**
 * @template T
 * @param {{ count: number, databaseUrl: string, natsUrl: string }} options
 * @param {() => Promise<T>} work
 * @returns {Promise<T>} rejects when a scheduler ends meanwhile
 */
export async function withSchedulers({ count, databaseUrl, natsUrl }, work) {
  const env = { ...inherited(), DATABASE_URL: databaseUrl, NATS_URL: natsUrl, LOG_LEVEL: 'warn', LOG_FORMAT: 'json' };
  const children = Array.from({ length: count }, () => fork(PROGRAM, [], { env, execArgv: SERVICE_NODE_OPTIONS, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
  let stopping = false;
  const broken = Promise.race(children.map((child) => once(child, 'exit'))).then(([code, signal]) => {
    if (!stopping) throw new Error(`a scheduler ended (${signal ?? `exit code ${code}`}) before it was done`);
  });
  broken.catch(() => undefined);
  try {
    await Promise.race([Promise.all(children.map((child) => once(child, 'message'))), broken]);
    return await Promise.race([work(), broken]);
  } finally {
    stopping = true;
    await Promise.all(children.map(ended));
  }
}

async function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS);
  await exit;
  clearTimeout(timer);
}
