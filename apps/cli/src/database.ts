/** How a command reaches the database: opened for the command, closed after it, whatever happens. */
import { deliberationEntities, deliberationMigrations } from '@carillon/deliberation';
import { createDataSource } from '@carillon/persistence';
import type { DatabaseOptions } from '@carillon/persistence';
import { fromEnvironment } from './connection.js';

type Database = Awaited<ReturnType<typeof createDataSource>>;

/** Every pipeline that this house hosts. */
const hosted: Pick<DatabaseOptions, 'entities' | 'migrations'> = { entities: [...deliberationEntities], migrations: [...deliberationMigrations] };

export async function withDatabase<T>(work: (dataSource: Database) => Promise<T>): Promise<T> {
  const dataSource = await createDataSource({ url: fromEnvironment('DATABASE_URL'), service: 'cli', poolSize: 2, ...hosted });
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}
