/** How a command reaches the database with the tables of every pipeline. */
import { deliberation } from '@carillon/deliberation';
import { jobScan } from '@carillon/job-scan';
import { memory } from '@carillon/memory';
import type { HostablePipeline } from '@carillon/persistence';
import { withLedger } from './ledger.js';
import type { Database } from './ledger.js';

/** Every pipeline that this house hosts: one line each. */
const pipelines: HostablePipeline[] = [
  deliberation,
  jobScan,
  memory,
];
const tables = { entities: pipelines.flatMap(({ entities }) => entities), migrations: pipelines.flatMap(({ migrations }) => migrations) };

export function withDatabase<T>(work: (dataSource: Database) => Promise<T>): Promise<T> {
  return withLedger(work, tables);
}
