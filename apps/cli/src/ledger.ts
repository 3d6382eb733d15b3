/**
 * How a command reaches the engine's own tables: opened for the command, closed after it, whatever happens. Who looks at runs need not load every pipeline of the house, which takes
 * longer than the looking.
 */
import { createDataSource } from '@carillon/persistence';
import type { DatabaseOptions } from '@carillon/persistence';
import { fromEnvironment } from './connection.js';

export type Database = Awaited<ReturnType<typeof createDataSource>>;

/** @param tables of pipelines, for commands that work with them: see database.ts */
export async function withLedger<T>(work: (dataSource: Database) => Promise<T>, tables: Pick<DatabaseOptions, 'entities' | 'migrations'> = {}): Promise<T> {
  const dataSource = await createDataSource({ url: fromEnvironment('DATABASE_URL'), service: 'cli', poolSize: 2, ...tables });
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}
