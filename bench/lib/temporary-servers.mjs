/**
 * Postgres that waits for the disk, and nats-server, without any service of ours: for measurements that start their own processes and want a new database, or an
 * empty bus, for each. Everything is measured on the one Postgres with the same settings.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startNats } from '../../tools/embedded/nats.mjs';
import { findNatsServer, serverVersion } from '../../tools/embedded/nats-binary.mjs';
import { ensureDatabase, startPostgres, stopLeftover } from '../../tools/embedded/postgres.mjs';
import { takeLock } from '../../tools/lock.mjs';
import { migrate } from '../../tools/migrate.mjs';
import { binFolder, folder, makeFolder, root, whileRunning } from './bench-folder.mjs';
import { cpuSecondsOf } from './cpu-time.mjs';
import { inherited } from './temporary-stack.mjs';

const TEMPLATE = 'carillon_template';

/**
 * @typedef {object} TemporaryServers
 * @property {(name: string, options?: { migrated?: boolean }) => Promise<string>} freshDatabase its URL; a number is added to the name, and the earlier one is dropped. `migrated`: with Carillon's schema
 * @property {() => Promise<{ url: (user: string) => string, stop: () => Promise<void> }>} freshBus a nats-server with an empty store, in place of the one before
 * @property {() => { postgres: number, bus: number }} cpuSeconds what the servers have used since they started; the bus that runs now
 * @property {(sql: string, database?: string) => Promise<object[]>} query
 * @property {Record<string, string>} durability what decides whether a commit waits for the disk
 * @property {{ postgres: string, natsServer: string }} versions
 */

/**
 * @template T
 * @param {{ postgresSettings?: Record<string, string> }} options of postgresql.conf, such as `shared_preload_libraries`
 * @param {(servers: TemporaryServers) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withTemporaryServers({ postgresSettings = {} }, work) {
  const binary = await findNatsServer({ binFolder });
  makeFolder();
  const endings = [takeLock(join(folder, 'lock'))];
  const stop = async () => {
    while (endings.length > 0) await endings.pop()();
  };
  return whileRunning({ stop }, async () => {
    const postgres = await startEmptyPostgres(postgresSettings);
    endings.push(postgres.stop);
    const { default: pg } = await import('pg');
    const query = async (sql, database = 'postgres') => {
      const client = new pg.Client({ connectionString: postgres.url(database) });
      await client.connect();
      try {
        return (await client.query(sql)).rows;
      } finally {
        await client.end();
      }
    };
    let bus;
    let databases = 0;
    const stopBus = async () => bus?.stop();
    endings.push(stopBus);
    const [{ server_version: version, ...durability }] = await query(
      `SELECT ${['server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size'].map((name) => `current_setting('${name}') AS ${name}`).join(', ')}`,
    );
    return work({
      query,
      durability,
      cpuSeconds: () => ({ postgres: cpuSecondsOf(postgres.pid), bus: bus === undefined ? 0 : cpuSecondsOf(bus.pid) }),
      versions: { postgres: version, natsServer: versionOf(binary) },
      freshDatabase: async (name, { migrated = false } = {}) => {
        if (migrated) await ensureTemplate(postgres);
        // Not by force: a client that is still closing its connections would take that for a failure. What can not be dropped yet goes with the folder.
        if (databases > 0) await query(`DROP DATABASE IF EXISTS ${name}_${databases}`).catch(() => undefined);
        databases += 1;
        const fresh = `${name}_${databases}`;
        await query(`CREATE DATABASE ${fresh}${migrated ? ` TEMPLATE ${TEMPLATE}` : ''}`);
        // A checkpoint that the previous measurement owes must not fall into this one.
        await query('CHECKPOINT');
        return postgres.url(fresh);
      },
      freshBus: async () => {
        await stopBus();
        rmSync(join(folder, 'nats'), { recursive: true, force: true });
        bus = await startNats({ folder: join(folder, 'nats'), binary });
        return bus;
      },
    });
  });
}

async function startEmptyPostgres(settings) {
  const home = join(folder, 'postgres');
  await stopLeftover(join(home, 'data'));
  rmSync(home, { recursive: true, force: true });
  return startPostgres({ folder: home, settings });
}

/** Made once, with the command that an operator uses; databases are copies of it. */
let template;
function ensureTemplate(postgres) {
  template ??= ensureDatabase(postgres, TEMPLATE).then(() => migrate({ root, url: postgres.url(TEMPLATE), env: inherited() }));
  return template;
}

const versionOf = (binary) => serverVersion(spawnSync(binary, ['--version'], { encoding: 'utf8' }).stdout)?.join('.') ?? 'unknown';
