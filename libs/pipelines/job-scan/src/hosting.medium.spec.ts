import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { StepLog } from '@carillon/engine';
import { ring } from '@carillon/harness';
import { createDataSource, listSchedules, syncSchedules } from '@carillon/persistence';
import type { OpenPipeline } from '@carillon/persistence';
import { eventually, testDatabase } from '@carillon/testing';
import type { TestDatabase } from '@carillon/testing';
import type { DataSource } from 'typeorm';
import { ConfigFile } from './config/config-file.js';
import { jobScanEntities, jobScanMigrations } from './entities.js';
import { jobScan } from './hosting.js';
import { job } from './job-scan.fixture.js';
import { JobScanReaders1769200000000 } from './migrations/1769200000000-job-scan-readers.js';
import { jobScanPipeline } from './pipeline.js';
import { createJobScanServices } from './services.js';
import type { BoardAnswer, BoardRequest } from './sources/board-client.js';
import { FakeBoards } from './sources/fake-boards.fixture.js';
import { pipelineRunResult } from './store/results.js';

const config = (interval: string): string => `scan_interval: ${interval}\nsources: [{ name: A, type: lever, identifier: a }]\nsearch_criteria: { required_terms: [x] }\n`;
const told: string[] = [];
const log: StepLog = { info: (_facts, message) => void told.push(message), warn: (_facts, message) => void told.push(message) };

let database: TestDatabase;
let dataSource: DataSource;
let folder: string;
let file: string;
let open: OpenPipeline | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'job-scan-'));
  file = join(folder, 'config.yaml');
  Object.assign(process.env, { JOB_SCAN_CONFIG: file, JOB_SCAN_RELOAD_SECONDS: '0.1' });
  told.splice(0);
  database = await testDatabase();
  dataSource = await createDataSource({ url: database.url, service: 'spec', entities: jobScan.entities, migrations: jobScan.migrations, poolSize: 3 });
});
afterEach(async () => {
  await open?.close();
  await dataSource.destroy();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
  for (const name of ['JOB_SCAN_CONFIG', 'JOB_SCAN_RELOAD_SECONDS']) delete process.env[name];
});

const interval = async (): Promise<unknown> => (await listSchedules(dataSource, {})).map(({ trigger }) => (trigger.kind === 'every' ? trigger.everyMs / 60_000 : trigger.kind));

const until = (intervals: unknown[]): Promise<unknown> => eventually(async () => JSON.stringify(await interval()) === JSON.stringify(intervals));

it('without its file the pipeline rests and says so; a file that comes, changes or goes is taken while the service runs, and a wrong one is not', async () => {
  open = jobScan.open({ dataSource, log });
  await syncSchedules(dataSource, [open.hosted]);
  expect(told).toEqual([`the job scan rests: there is no file ${file}, so there is nothing to scan`]);
  expect(await interval()).toEqual([]);

  writeFileSync(file, config('15m'));
  await until([15]);
  writeFileSync(file, config('1h'));
  await until([60]);
  writeFileSync(file, config('soon'));
  await eventually(() => told.at(-1)?.startsWith('the changed configuration'));
  expect(told.at(-1)).toMatch(/the changed configuration is not taken: .*\n {2}line 1: scan_interval: "soon" is no duration/);
  expect(await interval()).toEqual([60]);
  rmSync(file);
  await until(['manual']);
});

/** Something happens to the file when the first board of the next scan is asked. */
class BoardsAndAFile extends FakeBoards {
  meanwhile: (() => void) | undefined;

  override async get(request: BoardRequest): Promise<BoardAnswer> {
    this.meanwhile?.();
    this.meanwhile = undefined;
    return super.get(request);
  }
}

it('a file that changes, goes wrong or goes while a scan is under way: the scan ends with what it began with and nothing is lost, and the next one has what holds then', async () => {
  const looksFor = (term: string, recipient: string, boards = ['a', 'b']): string =>
    JSON.stringify({ sources: boards.map((identifier) => ({ name: identifier, type: 'lever', identifier })), search_criteria: { required_terms: [term] }, alerts: { first_scan: 'alert', delivery: 'run', recipients: [recipient], once_across_boards: false }, advanced: { concurrency: 1 } });
  writeFileSync(file, looksFor('python', 'old@example.org'));
  const [boards, configuration] = [new BoardsAndAFile(), new ConfigFile(file, {})];
  for (const name of ['a', 'b', 'c']) boards.lever.set(name, [job('1', { text: `Python and Go at ${name}.` })]);
  const bell = ring(jobScanPipeline(configuration.load()?.config), { tables: { entities: jobScanEntities, migrations: jobScanMigrations }, services: (own) => createJobScanServices({ dataSource: own, file: configuration, fetcher: boards }) });
  try {
    const own = await bell.database();
    /** A scan in which the file changes once the first board is asked: how it ended, which boards it read, and what it told whom. */
    const scanWhile = async (change: () => void, changes: boolean): Promise<unknown> => {
      boards.asked.splice(0);
      await own.query('TRUNCATE notices.notice CASCADE');
      boards.meanwhile = () => {
        change();
        expect(configuration.reload()).toBe(changes);
      };
      const { id, status } = await bell.run();
      expect(boards.meanwhile).toBeUndefined();
      const { sourceStats } = await pipelineRunResult(own, id);
      return { status, read: sourceStats.map(({ name, hadErrors }) => `${name}${hadErrors ? ' failed' : ''}`), told: await own.query(`SELECT recipient, (content->>'count')::int AS count FROM notices.notice WHERE message_type = 'job_digest'`) };
    };
    expect(await scanWhile(() => writeFileSync(file, looksFor('go', 'new@example.org', ['a', 'b', 'c'])), true)).toEqual({ status: 'succeeded', read: ['a', 'b'], told: [{ recipient: 'old@example.org', count: 2 }] });
    // What was told once is not told again to whoever has the profile now: only the third board is new.
    expect(await scanWhile(() => writeFileSync(file, 'sources: []'), false)).toEqual({ status: 'partial', read: ['a', 'b', 'c'], told: [{ recipient: 'new@example.org', count: 1 }] });
    for (const name of ['a', 'b']) boards.lever.get(name)?.push(job('2', { text: 'Another text about Go.' }));
    expect(configuration.problem).toMatch('at least one source is needed');
    expect(await scanWhile(() => rmSync(file), true)).toEqual({ status: 'succeeded', read: ['a', 'b', 'c'], told: [{ recipient: 'new@example.org', count: 2 }] });
    expect((await bell.run()).steps.map(({ status }) => status)).toEqual(['skipped', 'skipped']);
  } finally {
    await bell.close();
  }
});

it('the row classes describe the tables that the migration makes', async () => {
  for (const entity of jobScan.entities) await dataSource.manager.find(entity as never, { take: 1 });
  const described = jobScan.entities.flatMap((entity) => dataSource.getMetadata(entity).columns.map(({ databaseName, isNullable, entityMetadata }) => `${entityMetadata.tableName}.${databaseName}${isNullable ? ' null' : ''}`));
  const made = await dataSource.query<{ column: string }[]>(`SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'YES' THEN ' null' ELSE '' END AS column FROM information_schema.columns WHERE table_schema = 'job_scan'`);
  expect(described.sort()).toEqual(made.map(({ column }) => column).sort());
});

it('the migration about readers can be turned back, and keeps what was decided', async () => {
  const [migration, runner] = [new JobScanReaders1769200000000(), dataSource.createQueryRunner()];
  await runner.query(`INSERT INTO job_scan.source (type, identifier, name) VALUES ('lever', 'a', 'A')`);
  await runner.query(`INSERT INTO job_scan.posting (job_key, source_type, source_identifier, external_id, title, company, description, url, content_hash, facts_hash, likeness, first_seen_at) VALUES (repeat('0', 64), 'lever', 'a', '1', 't', 'c', 'd', 'u', 'h', 'f', 'l', now())`);
  await runner.query(`INSERT INTO job_scan.alert (job_key, content_hash, profile, run_id, decision, likeness, at) VALUES (repeat('0', 64), 'h', 'p', gen_random_uuid(), 'cosmetic', 'l', now())`);
  await migration.down(runner);
  expect(await runner.query('SELECT decision FROM job_scan.alert')).toEqual([{ decision: 'baseline' }]);
  await expect(runner.query('SELECT read_by FROM job_scan.source')).rejects.toThrow('does not exist');
  await migration.up(runner);
  expect(await runner.query('SELECT read_by FROM job_scan.source')).toEqual([{ read_by: null }]);
  await runner.query(`UPDATE job_scan.alert SET decision = 'cosmetic'`);
  await runner.release();
});

it('a file that is wrong at boot stops the service with everything that is wrong', () => {
  writeFileSync(file, 'sources: []\n');
  expect(() => jobScan.open({ dataSource, log })).toThrow(/is no configuration for a job scan:\n[^]*at least one source is needed[^]*search_criteria: is missing/);
});
