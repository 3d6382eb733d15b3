/**
 * The whole of Carillon on one machine: Postgres and NATS (embedded, or those that DATABASE_URL and NATS_URL name), the schema, and the
 * services as processes of their own. Everything it starts, it ends; what a killed start left behind, the next one ends.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { passwordVariable, startNats, stopLeftoverNats } from './embedded/nats.mjs';
import { findNatsServer } from './embedded/nats-binary.mjs';
import { ensureDatabase, startPostgres, stopLeftover } from './embedded/postgres.mjs';
import { freePort } from './embedded/process.mjs';
import { holderOf, takeLock } from './lock.mjs';
import { ensureLocalKey, migrate } from './migrate.mjs';
import { phase, say as sayLine } from './progress.mjs';
import { lastBuild } from './setup.mjs';
import { stopLeftoverService, supervise } from './supervise.mjs';

/**
 * @typedef {object} StackState what `.carillon/stack.json` says while the stack runs; only its owner may read it
 * @property {number} pid
 * @property {string} startedAt
 * @property {string} databaseUrl
 * @property {Record<string, string>} natsUrls one per service, `operator` for people, and `worker` for programs that do steps
 * @property {string} apiKeyFile
 * @property {Record<string, { url: string, pid: number, log: string }>} services
 *
 * @typedef {object} StackOptions
 * @property {string} root the checkout
 * @property {string} [folder] where state and logs live; `.carillon` in the checkout unless told
 * @property {'durable' | 'test'} [profile]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {{ name: string, main: string }[]} [services]
 * @property {boolean} [fresh] begin with an empty state
 * @property {boolean} [migrated] false leaves the schema alone
 * @property {(line: string) => void} [say]
 */

/** A person is waiting, so what is looked at every minute in production is looked at every two seconds. The environment overrules it. */
const LOCAL_PACE = { BATCH_POLL_SECONDS: '2' };

export const SERVICES = ['intake', 'scheduler', 'notifier', 'backup'];

/**
 * A stack that is not started yet. `stop()` may be called at any moment, also while `start()` runs, which then rejects.
 * @param {StackOptions} options
 * @returns {{ start: () => Promise<StackState>, stop: () => Promise<void>, broken: Promise<Error> }} `broken` resolves when an embedded server
 * ends by itself; services are started again, a database that dies wants a person
 */
export function makeStack({ root, folder = join(root, '.carillon'), profile = 'durable', env = process.env, services = ourServices(root), fresh = false, migrated = true, say = sayLine }) {
  /** What must be ended, the latest first. @type {(() => unknown)[]} */
  const endings = [];
  let starting = Promise.resolve();
  let stopping;
  let tellBroken;
  const broken = new Promise((resolve) => (tellBroken = resolve));

  const boot = async () => {
    endings.push(takeLock(lockFile(folder)));
    await endLeftovers(folder, services);
    if (fresh) wipe(folder);
    const [postgres, nats] = await settleBoth(
      env.DATABASE_URL ? undefined : phase('starting Postgres', () => startPostgres({ folder: join(folder, 'postgres'), profile })),
      env.NATS_URL ? undefined : startEmbeddedNats(folder, env),
      (server) => {
        endings.push(server.stop);
        server.process.once('exit', () => stopping ?? tellBroken(new Error(`An embedded server ended by itself; its log is ${server.logFile}`)));
      },
    );
    const databaseUrl = env.DATABASE_URL || postgres.url('carillon');
    if (postgres !== undefined) await ensureDatabase(postgres, 'carillon');
    const apiKeyFile = env.CARILLON_API_KEY_FILE || resolve(folder, keyFileName(env.DATABASE_URL));
    if (migrated && !(postgres !== undefined && migratedBy(folder) === lastBuild(root))) {
      await phase('bringing the schema up to date', () => migrate({ root, url: databaseUrl, env }));
      if (postgres !== undefined) writeFileSync(migratedFile(folder), lastBuild(root) ?? '');
    }
    if (migrated) await ensureLocalKey({ root, url: databaseUrl, env, file: apiKeyFile, fresh, say });
    refuseWhenStopping();

    const natsUrl = (user) => (nats === undefined ? withUser(env.NATS_URL, user, env) : nats.url(user));
    const state = {
      pid: process.pid,
      startedAt: new Date().toISOString(),
      databaseUrl,
      natsUrls: Object.fromEntries([...services.map(({ name }) => name), 'operator', 'worker'].map((user) => [user, natsUrl(user)])),
      apiKeyFile,
      services: {},
    };
    const running = [];
    endings.push(() => Promise.all(running.map((service) => service.stop())));
    const write = () => {
      state.services = Object.fromEntries(running.map(({ name, url, pid }) => [name, { url, pid: pid(), log: logFile(folder, name) }]));
      writeState(folder, state);
    };
    for (const { name, main } of services) {
      const port = await freePort();
      refuseWhenStopping();
      running.push(
        supervise({
          name,
          main,
          env: { ...LOCAL_PACE, ...env, ...serviceEnvironment(state, name), HTTP_HOST: '127.0.0.1', HTTP_PORT: String(port) },
          url: `http://127.0.0.1:${port}`,
          logFile: logFile(folder, name),
          pidFile: pidFile(folder, name),
          say,
          onRestart: write,
        }),
      );
    }
    await phase(`starting ${services.map(({ name }) => name).join(', ')}`, () => Promise.all(running.map((service) => service.ready())));
    refuseWhenStopping();
    endings.push(() => rmSync(stateFile(folder), { force: true }));
    write();
    return state;
  };

  const refuseWhenStopping = () => {
    if (stopping !== undefined) throw new Error('Stopped before everything was started');
  };
  const end = async () => {
    while (endings.length > 0) await endings.pop()();
  };
  const stop = () => {
    stopping ??= (async () => {
      // What boot waits for is among what runs: ending that lets boot fail, and then the rest can be ended.
      const servicesRun = endings.length > 1;
      if (servicesRun) await endings.pop()();
      await starting.catch(() => undefined);
      await end();
    })();
    return stopping;
  };
  return {
    start: () => {
      starting = boot();
      return starting.catch(async (error) => {
        await stop();
        throw error;
      });
    },
    stop,
    broken,
  };
}

/** The running stack's state, or undefined when none runs. @param {string} folder @returns {StackState | undefined} */
export function runningStack(folder) {
  if (holderOf(lockFile(folder)) === undefined || !existsSync(stateFile(folder))) return undefined;
  return JSON.parse(readFileSync(stateFile(folder), 'utf8'));
}

/** What one service needs to know of the stack. @param {StackState} state @param {string} name */
export function serviceEnvironment(state, name) {
  return {
    DATABASE_URL: state.databaseUrl,
    NATS_URL: state.natsUrls[name] ?? state.natsUrls.operator,
    CARILLON_API_KEY_FILE: state.apiKeyFile,
    LOG_FORMAT: process.env.LOG_FORMAT || 'json',
  };
}

/** What the command line needs to know of the stack. @param {StackState} state */
export function operatorEnvironment(state) {
  const urls = Object.fromEntries(Object.entries(state.services).map(([name, { url }]) => [`${name.toUpperCase()}_URL`, url]));
  return { DATABASE_URL: state.databaseUrl, NATS_URL: state.natsUrls.operator, CARILLON_API_KEY_FILE: state.apiKeyFile, ...urls };
}

function ourServices(root) {
  return SERVICES.map((name) => ({ name, main: join(root, `program/${name}.js`) }));
}

/** Both at once; when one fails the other is still known, and ended. */
async function settleBoth(postgres, nats, onStarted) {
  const results = await Promise.allSettled([postgres, nats]);
  for (const result of results) if (result.status === 'fulfilled' && result.value !== undefined) onStarted(result.value);
  const failure = results.find((result) => result.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  return results.map((result) => result.value);
}

async function startEmbeddedNats(folder, env) {
  const binary = await phase('finding nats-server', () => findNatsServer({ binFolder: join(folder, 'bin'), env, say: sayLine }));
  return phase('starting NATS', () => startNats({ folder: join(folder, 'nats'), binary }));
}

/** A given NATS may know our users: then each service signs in as itself. */
function withUser(given, user, env) {
  const password = env[passwordVariable(user)];
  if (!password) return given;
  const url = new URL(given);
  url.username = user;
  url.password = password;
  return url.href.replace(/\/$/, '');
}

async function endLeftovers(folder, services) {
  await Promise.all(services.map(({ name, main }) => stopLeftoverService(pidFile(folder, name), main)));
  await Promise.all([stopLeftover(resolve(folder, 'postgres/data')), stopLeftoverNats(join(folder, 'nats'))]);
  rmSync(stateFile(folder), { force: true });
}

/** Which build brought the embedded database up to date: the same one need not look again, and services refuse an older schema anyway. */
function migratedBy(folder) {
  return existsSync(migratedFile(folder)) ? readFileSync(migratedFile(folder), 'utf8') : '';
}

/** A key is known to one database only. */
function keyFileName(databaseUrl) {
  if (!databaseUrl) return 'api-key';
  const { host, pathname } = new URL(databaseUrl);
  return `api-key-${createHash('sha256').update(host + pathname).digest('hex').slice(0, 8)}`;
}

/** Everything but the fetched programs and our own lock. */
function wipe(folder) {
  for (const name of readdirSync(folder)) if (name !== 'bin' && name !== 'lock') rmSync(join(folder, name), { recursive: true, force: true });
}

/** Whole or not at all: readers may come at any moment. */
function writeState(folder, state) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${stateFile(folder)}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${stateFile(folder)}.new`, stateFile(folder));
}

const migratedFile = (folder) => join(folder, 'migrated-by');
const stateFile = (folder) => join(folder, 'stack.json');
const lockFile = (folder) => join(folder, 'lock');
const logFile = (folder, name) => resolve(folder, 'logs', `${name}.log`);
const pidFile = (folder, name) => join(folder, 'pids', name);
