/** The one way to a database: bounded pool, statement timeout, the engine's entities and migrations plus those of the pipelines an app hosts. */
import type { DataSource, DataSourceOptions, EntityTarget, MigrationInterface, ObjectLiteral } from 'typeorm';
import { engineEntities } from './entities.js';
import { Engine1763000000000 } from './migrations/1763000000000-engine.js';
import { ActiveRuns1766000000000 } from './migrations/1766000000000-active-runs.js';
import { Schedules1766000000001 } from './migrations/1766000000001-schedules.js';
import { StepItems1766000000003 } from './migrations/1766000000003-step-items.js';
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

/** Opens the database; the caller closes it with `destroy()`. Fails within seconds when nobody answers, naming the host. */
export async function createDataSource(options: DatabaseOptions): Promise<DataSource> {
  const dataSource = dataSourceFor(options);
  try {
    return await dataSource.initialize();
  } catch (cause) {
    throw new DatabaseUnreachable(`no database answers at ${withoutPassword(options.url)}: ${(cause as Error).message}. Start one, or set DATABASE_URL`, { cause });
  }
}

/** Brings the schema up to date; several processes may try at once, one does it. Answers the names of the migrations that ran. */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  const lock = dataSource.createQueryRunner();
  await lock.query('SET statement_timeout = 0');
  await lock.query("SELECT pg_advisory_lock(hashtext('carillon.migrate'))");
  try {
    const ran = await dataSource.runMigrations({ transaction: 'each' });
    return ran.map((migration) => migration.name);
  } finally {
    await lock.query("SELECT pg_advisory_unlock(hashtext('carillon.migrate'))");
    await lock.query('RESET statement_timeout');
    await lock.release();
  }
}

export class DatabaseUnreachable extends Error {
  override readonly name = 'DatabaseUnreachable';
}

function dataSourceFor({ url, service, entities = [], migrations = [], poolSize = 10, statementTimeoutMs = 30_000 }: DatabaseOptions): DataSource {
  const bounds = { statement_timeout: statementTimeoutMs, idle_in_transaction_session_timeout: 60_000, keepAlive: true };
  const options: DataSourceOptions = {
    type: 'postgres',
    url,
    applicationName: `carillon-${service}`,
    entities: [...engineEntities, ...entities] as never,
    migrations: [Engine1763000000000, ActiveRuns1766000000000, Schedules1766000000001, StepItems1766000000003, ...migrations],
    migrationsTableName: 'carillon_migration',
    synchronize: false,
    poolSize,
    connectTimeoutMS: 5_000,
    extra: bounds,
  };
  return new LedgerDataSource(options, { connectionString: url, application_name: `carillon-${service}-ledger`, max: HOT_CONNECTIONS, connectionTimeoutMillis: 5_000, idleTimeoutMillis: 0, ...bounds });
}

function withoutPassword(url: string): string {
  if (!URL.canParse(url)) return 'DATABASE_URL (not a URL: write postgres://user:password@host:port/name)';
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port || '5432'}${pathname}`;
}
