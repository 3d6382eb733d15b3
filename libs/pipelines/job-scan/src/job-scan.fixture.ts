/** The pipeline on a virtual clock with a database of its own and boards in memory: what a spec sees is what a scheduler would do. */
import { ring } from '@carillon/harness';
import type { Bell, ToldRun } from '@carillon/harness';
import type { DataSource } from 'typeorm';
import { ConfigFile, loadConfig } from './config/config-file.js';
import type { LoadedConfig } from './config/config-file.js';
import { jobScanEntities, jobScanMigrations } from './entities.js';
import { jobScanPipeline } from './pipeline.js';
import { createJobScanServices } from './services.js';
import { FakeBoards } from './sources/fake-boards.fixture.js';
import type { FakePosting } from './sources/fake-boards.fixture.js';
import type { PipelineRunResult } from './store/results.js';
import { pipelineRunResult } from './store/results.js';

/** A configuration that a spec replaces while the pipeline runs. */
class ConfigOfSpec extends ConfigFile {
  #now: LoadedConfig;

  constructor(text: string) {
    super('config.yaml', {});
    this.#now = loadConfig(text, 'config.yaml');
  }

  override get current(): LoadedConfig {
    return this.#now;
  }

  become(text: string): void {
    this.#now = loadConfig(text, 'config.yaml');
  }
}

export interface ScanUnderTest {
  bell: Bell;
  boards: FakeBoards;
  dataSource: DataSource;
  become(text: string): void;
  /** As if nothing had happened yet, with this configuration. Only for runs by hand: the clock goes on. */
  reset(text: string): Promise<void>;
  /** A run by hand, and what it came to. */
  scan(): Promise<PipelineRunResult & { run: ToldRun }>;
  notices(): Promise<{ messageType: string; recipient: string; content: Record<string, unknown> }[]>;
  query<T>(sql: string, values?: unknown[]): Promise<T[]>;
  close(): Promise<void>;
}

export async function scanUnderTest(text: string): Promise<ScanUnderTest> {
  const boards = new FakeBoards();
  const file = new ConfigOfSpec(text);
  const bell = ring(jobScanPipeline(file.current.config), {
    tables: { entities: jobScanEntities, migrations: jobScanMigrations },
    services: (dataSource) => createJobScanServices({ dataSource, file, fetcher: boards }),
  });
  const dataSource = await bell.database();
  const query = <T>(sql: string, values: unknown[] = []): Promise<T[]> => dataSource.manager.query<T[]>(sql, values);
  return {
    ...{ bell, boards, dataSource, query },
    become: (other) => file.become(other),
    reset: async (other) => {
      file.become(other);
      for (const map of [boards.lever, boards.greenhouse, boards.trouble]) map.clear();
      boards.asked.splice(0);
      await query('TRUNCATE job_scan.source, job_scan.source_run, job_scan.mute, job_scan.digest, notices.notice CASCADE');
    },
    scan: async () => {
      const run = await bell.run();
      return { ...(await pipelineRunResult(dataSource, run.id)), run };
    },
    notices: () => query(`SELECT message_type AS "messageType", recipient, content FROM notices.notice ORDER BY created_at, id`),
    close: () => bell.close(),
  };
}

/** Criteria of the reference fixture. */
export const CRITERIA = 'search_criteria: { required_terms: [python, backend], keyword_groups: [[remote, work-from-home], [senior, lead, staff]], exclude_terms: [django, legacy] }';
export const ALERTS = 'alerts: { first_scan: alert, recipients: [me@example.org], board_recipients: [ops@example.org] }';

/** A posting that matches the criteria, unless told otherwise. */
export const job = (id: string, change: Partial<FakePosting> = {}): FakePosting => ({ id, title: 'Senior Backend Engineer', text: `We write Python. Number ${id}.`, location: 'Remote, US', ...change });
