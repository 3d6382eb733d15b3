import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createDataSource, dropMonth, historyMonths, makeMonths, newId } from '@carillon/persistence';
import { moveDatabaseClock, testDatabase } from '@carillon/testing';
import type { TestDatabase } from '@carillon/testing';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { exportMonth, HistoryKeeper } from '../index.js';

const log = pino({ level: 'silent' });
const DAY_MS = 86_400_000;
let database: TestDatabase;
let dataSource: DataSource;
let folder: string;
beforeEach(async () => {
  database = await testDatabase();
  dataSource = await createDataSource({ url: database.url, service: 'spec', poolSize: 6 });
  folder = mkdtempSync(join(tmpdir(), 'carillon-history-'));
});
afterEach(async () => {
  await dataSource.destroy();
  await database.drop();
  rmSync(folder, { recursive: true });
});

const keeper = (settings: { runHistoryMonths: number; archiveDir?: string }): HistoryKeeper => new HistoryKeeper(dataSource, settings, log);

/** Runs of a day, each with one step, as they lie in the ledger when they are over. */
async function ran(day: string, runs: number): Promise<void> {
  await dataSource.query(`SELECT engine.make_month(date_trunc('month', $1::date)::date)`, [day]);
  await dataSource.query(
    `WITH made AS (
       INSERT INTO engine.run (id, pipeline, trigger, plan_id, status, requested_at, counts)
       SELECT (left(engine.first_id_of($1::timestamptz)::text, 24) || lpad(to_hex(n), 12, '0'))::uuid, 'bell', 'manual', gen_random_uuid(), 'succeeded', $1::timestamptz, '{"rung": 1}' FROM generate_series(1, $2::int) n RETURNING id
     )
     INSERT INTO engine.step (id, run_id, name, position, attempt, status, owner, due_at, finished_at) SELECT gen_random_uuid(), id, 'only', 0, 1, 'done', 'scheduler', $1::timestamptz, $1::timestamptz FROM made`,
    [day, runs],
  );
}
const months = async (): Promise<string[]> => (await historyMonths(dataSource)).map(({ month }) => month);
const monthBefore = (count: number): string => {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - count, 10)).toISOString().slice(0, 10);
};
const rowsIn = (file: string): Record<string, unknown>[] => gunzipSync(readFileSync(join(folder, file))).toString().trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
const fileOf = (table: string, day: string): string => `${table}_${day.slice(0, 7).replace('-', '_')}.jsonl.gz`;

// A table of old jobs makes others unusable after days: hatchet #3823; see complaint 17.
describe('the history', () => {
  it('is kept for as many months as the settings say, and what is older is dropped whole', async () => {
    for (const back of [4, 3, 2, 1]) await ran(monthBefore(back), 3);
    await keeper({ runHistoryMonths: 2 }).runOnce();
    expect((await months()).slice(0, 3)).toEqual([2, 1, 0].map((back) => monthBefore(back).slice(0, 7)));
    expect(await dataSource.query('SELECT count(*)::int AS runs FROM engine.run')).toEqual([{ runs: 6 }]);
    expect(await dataSource.query('SELECT count(*)::int AS steps FROM engine.step')).toEqual([{ steps: 6 }]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is kept for ever with 0', async () => {
    await ran('2020-02-10', 1);
    await keeper({ runHistoryMonths: 0 }).runOnce();
    expect((await months())[0]).toBe('2020-02');
  });

  it('lies in the archive, every row of it, before a month is dropped', async () => {
    await ran('2024-02-29', 5_000);
    await dataSource.query(`CREATE TABLE engine.step_item_2024_02 PARTITION OF engine.step_item FOR VALUES FROM (engine.first_id_of('2024-02-01T00:00:00Z')) TO (engine.first_id_of('2024-03-01T00:00:00Z'))`);
    await dataSource.query(`INSERT INTO engine.step_item (run_id, step, key, status, attempts, revision) SELECT id, 'only', 'a', 'done', 1, 1 FROM engine.run ORDER BY id LIMIT 3`);
    await keeper({ runHistoryMonths: 13, archiveDir: folder }).runOnce();
    const [runs, steps] = [rowsIn('run_2024_02.jsonl.gz'), rowsIn('step_2024_02.jsonl.gz')];
    expect([runs.length, steps.length]).toEqual([5_000, 5_000]);
    expect(rowsIn('step_item_2024_02.jsonl.gz')).toHaveLength(3);
    expect(await dataSource.query('SELECT count(*)::int AS items FROM engine.step_item')).toEqual([{ items: 0 }]);
    expect(runs[0]).toMatchObject({ pipeline: 'bell', status: 'succeeded', counts: { rung: 1 } });
    expect(new Set(steps.map((step) => step['run_id']))).toEqual(new Set(runs.map((run) => run['id'])));
    expect(await months()).not.toContain('2024-02');
    expect(readdirSync(folder).sort()).toEqual(['run', 'step', 'step_item'].map((table) => `${table}_2024_02.jsonl.gz`));
  });

  it('is exported again after a crash in the middle: half files are replaced, whole ones that do not fit are too, and those that fit stay', async () => {
    await ran('2024-03-10', 50);
    writeFileSync(join(folder, 'step_2024_03.jsonl.gz.part'), 'half a file');
    writeFileSync(join(folder, 'run_2024_03.jsonl.gz'), 'no gzip at all');
    await exportMonth(dataSource, '2024-03', folder);
    expect([rowsIn('run_2024_03.jsonl.gz').length, rowsIn('step_2024_03.jsonl.gz').length]).toEqual([50, 50]);
    expect(existsSync(join(folder, 'step_2024_03.jsonl.gz.part'))).toBe(false);
    const before = readFileSync(join(folder, 'run_2024_03.jsonl.gz'));
    await ran('2024-03-11', 1);
    await keeper({ runHistoryMonths: 13, archiveDir: folder }).runOnce();
    expect(rowsIn('run_2024_03.jsonl.gz')).toHaveLength(51);
    expect(readFileSync(join(folder, 'run_2024_03.jsonl.gz')).equals(before)).toBe(false);
    expect(await months()).not.toContain('2024-03');
  });

  it('stays where its archive lacks a row', async () => {
    await ran('2024-04-10', 10);
    await expect(dropMonth(dataSource, '2024-04', new Map([['run_2024_04', 9], ['step_2024_04', 10]]))).rejects.toThrow('run_2024_04 has 10 rows and its archive 9, so 2024-04 stays');
    await expect(dropMonth(dataSource, '2024-04', new Map([['run_2024_04', 10]]))).rejects.toThrow('step_2024_04 is not in the archive');
    expect(await months()).toContain('2024-04');
  });

  it('of a month in which something is going on stays, and so does the month that runs', async () => {
    await ran('2024-05-10', 1);
    await dataSource.query(
      `INSERT INTO engine.active_run (run_id, step_id, pipeline, scope, exclusive, status, plan_id, owner, step, position, attempt, due_at, requested_at)
       SELECT id, gen_random_uuid(), 'bell', '', false, 'due', plan_id, 'scheduler', 'only', 0, 1, requested_at, requested_at FROM engine.run`,
    );
    await keeper({ runHistoryMonths: 1 }).runOnce();
    expect(await months()).toContain('2024-05');
    await expect(dropMonth(dataSource, '2024-05')).rejects.toThrow('1 runs of 2024-05 are not over, so its history stays');
    const current = new Date().toISOString().slice(0, 7);
    await expect(dropMonth(dataSource, current)).rejects.toThrow(`${current} is not over yet`);
    await expect(dropMonth(dataSource, '1999-01')).rejects.toThrow('there is no history of 1999-01 to drop');
  });

  it('is kept by one keeper at a time, and a transaction that never ends holds up nothing but the drop', async () => {
    await ran('2024-06-10', 5);
    const idle = dataSource.createQueryRunner();
    await idle.startTransaction();
    await idle.query('SELECT FROM engine.run LIMIT 1');
    await expect(keeper({ runHistoryMonths: 13 }).runOnce()).rejects.toThrow('a long transaction holds the history; nothing was changed');
    await idle.rollbackTransaction();
    await idle.release();
    await Promise.all([1, 2, 3].map(() => keeper({ runHistoryMonths: 13, archiveDir: folder }).runOnce()));
    expect(await months()).not.toContain('2024-06');
    expect(rowsIn(fileOf('run', '2024-06'))).toHaveLength(5);
  });
});

describe('a month', () => {
  it('is there before it begins, also after a long sleep, with what came too early for it', async () => {
    await moveDatabaseClock(database.url, 200 * DAY_MS);
    const id = new Date(Date.now() + 200 * DAY_MS);
    await dataSource.query(`INSERT INTO engine.run (id, pipeline, trigger, plan_id, status, requested_at) VALUES (engine.first_id_of($1), 'bell', 'manual', $2, 'succeeded', $1)`, [id, newId()]);
    expect(await dataSource.query('SELECT count(*)::int AS strays FROM engine.run_default')).toEqual([{ strays: 1 }]);
    const made = await makeMonths(dataSource);
    expect(made).toHaveLength(3);
    expect(made[0]).toBe(id.toISOString().slice(0, 7));
    expect(await dataSource.query('SELECT count(*)::int AS strays FROM engine.run_default')).toEqual([{ strays: 0 }]);
    expect(await dataSource.query(`SELECT count(*)::int AS runs FROM engine.run_${made[0]?.replace('-', '_')}`)).toEqual([{ runs: 1 }]);
    expect(await makeMonths(dataSource)).toEqual([]);
  });
});

describe('small tables', () => {
  it('lose what is over and old, and keep what is open, recent, or the last of its kind', async () => {
    await dataSource.query(
      `INSERT INTO notices.notice (id, channel, recipient, message_type, content, dedupe_key, status, created_at)
       VALUES (gen_random_uuid(), 'telegram', 'a', 'text', '{}', 'old sent', 'sent', now() - interval '3 years'), (gen_random_uuid(), 'telegram', 'a', 'text', '{}', 'old queued', 'queued', now() - interval '3 years'), (gen_random_uuid(), 'telegram', 'a', 'text', '{}', 'new sent', 'sent', now())`,
    );
    await dataSource.query(
      `INSERT INTO engine.dead_letter (id, service, subject, payload, reason, deliveries, created_at, discarded_at)
       VALUES (gen_random_uuid(), 's', 'old closed', '', 'invalid', 1, now() - interval '3 years', now() - interval '3 years'), (gen_random_uuid(), 's', 'old open', '', 'invalid', 1, now() - interval '3 years', NULL)`,
    );
    await dataSource.query(
      `INSERT INTO engine.service (id, name, host, pid, beat_at) SELECT gen_random_uuid(), 'scheduler', 'host', n, now() - n * interval '1 year' FROM generate_series(2, 6) n`,
    );
    await keeper({ runHistoryMonths: 13 }).runOnce();
    expect(await dataSource.query('SELECT dedupe_key AS key FROM notices.notice ORDER BY 1')).toEqual([{ key: 'new sent' }, { key: 'old queued' }]);
    expect(await dataSource.query('SELECT subject FROM engine.dead_letter')).toEqual([{ subject: 'old open' }]);
    expect(await dataSource.query('SELECT pid FROM engine.service')).toEqual([{ pid: 2 }]);
  });
});
