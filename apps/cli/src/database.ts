/** How a command reaches the database: opened for the command, closed after it, whatever happens. */
import { deliberation } from '@carillon/deliberation';
import { jobScan } from '@carillon/job-scan';
import { memory } from '@carillon/memory';
import { createDataSource } from '@carillon/persistence';
import type { HostablePipeline } from '@carillon/persistence';
import { fromEnvironment } from './connection.js';

type Database = Awaited<ReturnType<typeof createDataSource>>;

/** Every pipeline that this house hosts: one line each. */
const pipelines: HostablePipeline[] = [
  deliberation,
  jobScan,
  memory,
];
const tables = { entities: pipelines.flatMap(({ entities }) => entities), migrations: pipelines.flatMap(({ migrations }) => migrations) };

export async function withDatabase<T>(work: (dataSource: Database) => Promise<T>): Promise<T> {
  const dataSource = await createDataSource({ url: fromEnvironment('DATABASE_URL'), service: 'cli', poolSize: 2, ...tables });
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}
