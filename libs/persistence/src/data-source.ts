/** The one way to a database: bounded pool, statement timeout, the engine's entities and migrations plus those of the pipelines an app hosts. */
import pg from 'pg';
import { DataSource } from 'typeorm';
import type { DataSourceOptions, EntityTarget, MigrationInterface, ObjectLiteral } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { BoundedClient, connectionLimits, SERVER_KEEPALIVES } from './bounded-client.js';
import { engineEntities } from './entities.js';
import { Engine1763000000000 } from './migrations/1763000000000-engine.js';
import { ActiveRuns1766000000000 } from './migrations/1766000000000-active-runs.js';
import { Schedules1766000000001 } from './migrations/1766000000001-schedules.js';
import { Operations1766000000002 } from './migrations/1766000000002-operations.js';
import { StepItems1766000000003 } from './migrations/1766000000003-step-items.js';
import { StalledSchedules1766000000012 } from './migrations/1766000000012-stalled-schedules.js';
import { ItemMonths1766000000103 } from './migrations/1766000000103-item-months.js';
import { Telegram1768000000000 } from './migrations/1768000000000-telegram.js';
import { ModelSpend1768110000000 } from './migrations/1768110000000-model-spend.js';
import { Delivery1768300000000 } from './migrations/1768300000000-delivery.js';
import { DeadNotices1769150000000 } from './migrations/1769150000000-dead-notices.js';
import { NoticeLists1769600000000 } from './migrations/1769600000000-notice-lists.js';
import { LedgerDataSource } from './statements.js';

/** Of the engine's own, beside the pool: one settles while another claims or creates. */
const HOT_CONNECTIONS = 3;

export interface DatabaseOptions {
  /** postgres:// URL. */
  url: string;
  /** Shown in pg_stat_activity. */
  service: string;
  /** Entities and migrations of the pipelines that this process hosts. */
  entities?: EntityTarget<ObjectLiteral>[];
  migrations?: (new () => MigrationInterface)[];
  /** Connections at most. */
  poolSize?: number;
  /** A single statement is cancelled by the database after this. */
  statementTimeoutMs?: number;
}

/**
 * A new connection costs both ends some 20 ms of processor, and its first statements three times what they cost later: so two stay, and others outlast the half minute between two looks. pg's own pool
 * closes all of them after ten seconds.
 */
const AT_REST = { min: 2, idleTimeoutMillis: 60_000 };
const MIGRATION_LOCK_TIMEOUT_MS = 30_000;

/** Opens the database; the caller closes it with `destroy()`. Fails within seconds when nobody answers, naming the host. */
export async function createDataSource(options: DatabaseOptions): Promise<DataSource> {
  const dataSource = dataSourceFor(options);
  try {
    return await dataSource.initialize();
  } catch (cause) {
    throw new DatabaseUnreachable(`no database answers at ${withoutPassword(options.url)}: ${(cause as Error).message}. Start one, or set DATABASE_URL`, { cause });
  }
}

/**
 * Brings the schema up to date; several processes may try at once, one does it. Answers the names of the migrations that ran. On connections of their
 * own, without a limit for statements: an index on a large table takes what it takes. Waiting for locks is bounded, so that a migration behind a
 * forgotten transaction does not hold up everybody who comes after it.
 */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  const own = new DataSource({ ...(dataSource.options as PostgresDataSourceOptions), poolSize: 2, extra: connectionLimits({ statementTimeoutMs: 0, lockTimeoutMs: MIGRATION_LOCK_TIMEOUT_MS }) });
  await own.initialize();
  const lock = own.createQueryRunner();
  try {
    // One migrates, the others wait for as long as that takes.
    await lock.query('SET lock_timeout = 0');
    await lock.query("SELECT pg_advisory_lock(hashtext('carillon.migrate'))");
    const ran = await own.runMigrations({ transaction: 'each' });
    return ran.map((migration) => migration.name);
  } finally {
    // The lock ends with its connection.
    await lock.release();
    await own.destroy();
  }
}

export class DatabaseUnreachable extends Error {
  override readonly name = 'DatabaseUnreachable';
}

function dataSourceFor({ url, service, entities = [], migrations = [], poolSize = 10, statementTimeoutMs = 30_000 }: DatabaseOptions): DataSource {
  const bounds = { ...connectionLimits({ statementTimeoutMs }), Client: BoundedClient };
  const options: DataSourceOptions = {
    type: 'postgres',
    // Otherwise TypeORM looks for it by a name that it computes, which no bundler can follow.
    driver: pg,
    url,
    applicationName: `carillon-${service}`,
    entities: [...engineEntities, ...entities] as never,
    migrations: [Engine1763000000000, ActiveRuns1766000000000, Schedules1766000000001, Operations1766000000002, StepItems1766000000003, StalledSchedules1766000000012, ItemMonths1766000000103, Telegram1768000000000, ModelSpend1768110000000, Delivery1768300000000, DeadNotices1769150000000, NoticeLists1769600000000, ...migrations],
    migrationsTableName: 'carillon_migration',
    synchronize: false,
    poolSize,
    connectTimeoutMS: 5_000,
    // Said once a connection and not once a transaction: that would be a round trip more each.
    extra: { ...bounds, ...AT_REST, options: `-c default_transaction_isolation=read\\ committed ${SERVER_KEEPALIVES}` },
  };
  return new LedgerDataSource(options, { connectionString: url, application_name: `carillon-${service}-ledger`, max: HOT_CONNECTIONS, connectionTimeoutMillis: 5_000, idleTimeoutMillis: 0, ...bounds });
}

function withoutPassword(url: string): string {
  if (!URL.canParse(url)) return 'DATABASE_URL (not a URL: write postgres://user:password@host:port/name)';
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port || '5432'}${pathname}`;
}
