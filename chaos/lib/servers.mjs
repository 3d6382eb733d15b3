/**
 * A Postgres that waits for the disk and a nats-server with the house's users, both to be killed and brought back on the same port. They live in a folder of the
 * checkout that says whose it is: on a real disk, and what a killed chaos left behind, the next one ends.
 */
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createDataSource, migrate } from '@carillon/persistence';
import pg from 'pg';
import { findNatsServer } from '../../tools/embedded/nats-binary.mjs';
import { startNats } from '../../tools/embedded/nats.mjs';
import { startPostgres } from '../../tools/embedded/postgres.mjs';
import { endProcess, isAlive } from '../../tools/embedded/process.mjs';
import { clearTestFolder } from '../../tools/embedded/test-folder.mjs';
import { atTheEnd } from './endings.mjs';

const root = resolve(import.meta.dirname, '../..');
const parent = join(root, '.carillon/chaos');
const TEMPLATE = 'chaos_template';

/** A folder of this process for everything; those of dead ones are cleared. */
export async function ownFolder() {
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) if (!isAlive(Number(name))) await clearAll(join(parent, name));
  const folder = join(parent, String(process.pid));
  mkdirSync(folder);
  for (const one of [parent, folder]) chmodSync(one, 0o755);
  atTheEnd(() => clearAll(folder));
  return folder;
}

/** Each folder in it may hold the servers of one set. */
async function clearAll(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) await clearTestFolder(join(folder, entry.name));
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** @typedef {Awaited<ReturnType<typeof openServers>>} Servers */

/** @param {string} folder of its own */
export async function openServers(folder) {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  const binary = await findNatsServer({ binFolder: join(root, '.carillon/bin') });
  const postgresFolder = join(folder, 'postgres');
  const store = join(folder, 'jetstream');
  let [postgres, nats] = await Promise.all([startPostgres({ folder: postgresFolder }), startNats({ folder, binary })]);
  let databases = 0;
  await makeTemplate(postgres.url);

  return {
    folder,
    get postgresPort() {
      return postgres.port;
    },
    get natsPort() {
      return nats.port;
    },
    natsUrl: (user = 'scheduler') => nats.url(user),
    databaseUrl: (name) => postgres.url(name),
    /** A new database with the schema of today in it. @returns {Promise<string>} its name */
    async newDatabase() {
      const name = `chaos_${(databases += 1)}`;
      await asAdmin(postgres.url, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} STRATEGY FILE_COPY`);
      return name;
    },
    dropDatabase: (name) => asAdmin(postgres.url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
    /** Immediate shutdown: every connection is cut, nothing is flushed, the next start recovers from the log. */
    stopPostgres: () => endProcess(postgres.pid, [['SIGQUIT', 10_000]]),
    async startPostgres() {
      postgres = await startPostgres({ folder: postgresFolder, port: postgres.port });
    },
    killNats: () => endProcess(nats.pid, [['SIGKILL', 5_000]]),
    async startNats() {
      nats = await startNats({ folder, binary, port: nats.port });
    },
    /** A second nats-server for a scene that runs beside another one. */
    async anotherBus() {
      const other = `${folder}-bus`;
      mkdirSync(other, { recursive: true });
      const server = await startNats({ folder: other, binary });
      const close = async () => {
        await server.stop();
        rmSync(other, { recursive: true, force: true });
      };
      return { url: server.url('scheduler'), close };
    },
    /** A bus that has never heard of anything. */
    async freshNats() {
      await this.killNats();
      this.deleteStore();
      await this.startNats();
    },
    deleteStore: () => rmSync(store, { recursive: true, force: true }),
    /** The store as it is on disk now, also while the server runs, as a snapshot of the volume would have it. */
    copyStore() {
      rmSync(`${store}.copy`, { recursive: true, force: true });
      if (existsSync(store)) copyWhileItChanges(store, `${store}.copy`);
    },
    restoreStore() {
      rmSync(store, { recursive: true, force: true });
      if (existsSync(`${store}.copy`)) cpSync(`${store}.copy`, store, { recursive: true });
    },
    async close() {
      await Promise.all([postgres.stop(), nats.stop()]);
    },
  };
}

async function makeTemplate(urlOf) {
  // Hashing a password thousands of times for each of thousands of connections would be most of the work.
  await asAdmin(urlOf, 'SET scram_iterations = 1', `ALTER ROLE postgres PASSWORD '${new URL(urlOf('postgres')).password}'`, `CREATE DATABASE ${TEMPLATE}`);
  const dataSource = await createDataSource({ url: urlOf(TEMPLATE), service: 'chaos' });
  await migrate(dataSource);
  await dataSource.query(`
    CREATE SCHEMA chaos;
    CREATE TABLE chaos.effect (run_id uuid NOT NULL, step text NOT NULL, attempt int NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
    CREATE INDEX ON chaos.effect (run_id);
  `);
  await dataSource.destroy();
}

async function asAdmin(urlOf, ...statements) {
  const client = new pg.Client({ connectionString: urlOf('postgres') });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Files come and go while the server writes; what is gone by the time it is read is not in the copy. */
function copyWhileItChanges(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory()) copyWhileItChanges(join(from, entry.name), join(to, entry.name));
    else {
      try {
        writeFileSync(join(to, entry.name), readFileSync(join(from, entry.name)));
      } catch (error) {
        if (error.code !== 'ENOENT') throw error;
      }
    }
  }
}
