/** The house as it runs in production, for one measurement: Postgres that waits for the disk, nats-server and the services as processes of their own, on an empty database. */
import { join } from 'node:path';
import { findNatsServer } from '../../tools/embedded/nats-binary.mjs';
import { makeStack } from '../../tools/stack.mjs';
import { binFolder, folder, makeFolder, root, whileRunning } from './bench-folder.mjs';

export { stopOnSignals } from './bench-folder.mjs';

/** What a service may inherit; a model server or a threshold from the user's shell would be measured too. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot'];

/**
 * Starts the services on an empty database, and ends and removes everything when the work is done or fails.
 * @template T
 * @param {{ services: string[], env?: Record<string, string> }} options
 * @param {(state: import('../../tools/stack.mjs').StackState) => Promise<T>} work
 * @returns {Promise<T>} rejects when a server dies meanwhile
 */
export async function withTemporaryStack({ services, env = {} }, work) {
  const binary = await findNatsServer({ binFolder });
  makeFolder();
  const stack = makeStack({
    ...{ root, folder, fresh: true, say: () => undefined },
    services: services.map((name) => ({ name, main: join(root, `program/${name}.js`) })),
    env: { ...inherited(), NATS_SERVER_BIN: binary, ...env },
  });
  return whileRunning(stack, async () => {
    const state = await stack.start();
    return Promise.race([work(state), stack.broken.then((error) => Promise.reject(error))]);
  });
}

/** @returns {Record<string, string>} of the environment, what says where programs are and no more */
export function inherited() {
  return Object.fromEntries(INHERITED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}
