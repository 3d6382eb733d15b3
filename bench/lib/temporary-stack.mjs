/**
 * The house as it runs in production, for one measurement: Postgres that waits for the disk, nats-server and the services as processes of their own, on an empty
 * database. It sits in a fixed folder of the checkout: on a real disk, which a system's temporary folder may not be; what a killed benchmark left is ended by the
 * next one; and two benchmarks can not slow each other down unnoticed.
 */
import { chmodSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findNatsServer } from '../../tools/embedded/nats-binary.mjs';
import { makeStack } from '../../tools/stack.mjs';

const root = resolve(import.meta.dirname, '../..');
const parent = join(root, '.carillon');
const folder = join(parent, 'bench');
/** What a service may inherit; a model server or a threshold from the user's shell would be measured too. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot'];

let running;
let interrupted = false;

/**
 * Starts the services on an empty database, and ends and removes everything when the work is done or fails.
 * @template T
 * @param {{ services: string[], env?: Record<string, string> }} options
 * @param {(state: import('../../tools/stack.mjs').StackState) => Promise<T>} work
 * @returns {Promise<T>} rejects when a server dies meanwhile
 */
export async function withTemporaryStack({ services, env = {} }, work) {
  const binary = await findNatsServer({ binFolder: join(parent, 'bin') });
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  running = makeStack({
    ...{ root, folder, fresh: true, say: () => undefined },
    services: services.map((name) => ({ name, main: join(root, `apps/${name}/dist/main.js`) })),
    env: { ...inherited(), NATS_SERVER_BIN: binary, ...env },
  });
  const stack = running;
  try {
    const state = await stack.start();
    return await Promise.race([work(state), stack.broken.then((error) => Promise.reject(error))]);
  } catch (error) {
    // The handler below ends the process; what fails because of it is no news.
    if (interrupted) await new Promise(() => undefined);
    throw error;
  } finally {
    await stack.stop();
    running = undefined;
    clearFolder();
  }
}

/** Ctrl-C ends the servers too. Call once, before the first stack. */
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

function inherited() {
  return Object.fromEntries(INHERITED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}
