import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { StepLog } from '@carillon/engine';
import { createDataSource, listSchedules, syncSchedules } from '@carillon/persistence';
import type { OpenPipeline } from '@carillon/persistence';
import { eventually, testDatabase } from '@carillon/testing';
import type { TestDatabase } from '@carillon/testing';
import type { DataSource } from 'typeorm';
import { jobScan } from './hosting.js';
import { JobScanReaders1769200000000 } from './migrations/1769200000000-job-scan-readers.js';

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
