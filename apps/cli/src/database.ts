/** How a command reaches the database: opened for the command, closed after it, whatever happens. */
import { createDataSource } from '@carillon/persistence';
import type { DatabaseOptions } from '@carillon/persistence';
import { deliberationEntities, deliberationMigrations } from '@carillon/deliberation';

type Database = Awaited<ReturnType<typeof createDataSource>>;

/** Every pipeline that this house hosts. */
const hosted: Pick<DatabaseOptions, 'entities' | 'migrations'> = { entities: [...deliberationEntities], migrations: [...deliberationMigrations] };

export async function withDatabase<T>(work: (dataSource: Database) => Promise<T>, options: Partial<DatabaseOptions> = {}): Promise<T> {
  const url = process.env['DATABASE_URL'];
  if (!url) throw new Error('no stack is running here and DATABASE_URL is not set: run "npm start" in another terminal, or set DATABASE_URL');
  const dataSource = await createDataSource({ url, service: 'cli', poolSize: 2, ...hosted, ...options });
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}
