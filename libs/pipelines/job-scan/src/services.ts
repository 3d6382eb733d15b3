/** What the steps of job scan are given: the database, the configuration as it holds now, and what asks boards. */
import { withServices } from '@carillon/engine';
import type { StepLog } from '@carillon/engine';
import type { DataSource } from 'typeorm';
import type { AdvancedConfig } from './config/config.js';
import type { ConfigFile } from './config/config-file.js';
import { BoardClient } from './sources/board-client.js';
import type { BoardFetcher } from './sources/board-client.js';

export interface JobScanServices {
  readonly dataSource: DataSource;
  readonly file: ConfigFile;
  readonly log: StepLog;
  /** One for all boards of a process, so that its limits per host hold; made anew when its options change. */
  fetcher(advanced: AdvancedConfig): BoardFetcher;
  close(): Promise<void>;
}

/** What this pipeline and its steps are written with. */
export const { step, forEach, pipeline } = withServices<JobScanServices>();

/** @param given.fetcher instead of the real client, such as recorded boards */
export function createJobScanServices(given: { dataSource: DataSource; file: ConfigFile; log?: StepLog; fetcher?: BoardFetcher }): JobScanServices {
  const { dataSource, file, log = silent } = given;
  const clients = new Map<string, BoardFetcher>();
  const fetcher = (advanced: AdvancedConfig): BoardFetcher => {
    if (given.fetcher) return given.fetcher;
    const key = JSON.stringify(advanced);
    const client = clients.get(key) ?? new BoardClient(advanced);
    clients.set(key, client);
    return client;
  };
  return { dataSource, file, log, fetcher, close: async () => void (await Promise.all([...clients.values()].map((client) => client.close()))) };
}

const silent: StepLog = { info: () => undefined, warn: () => undefined };
