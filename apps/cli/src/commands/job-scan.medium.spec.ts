import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase } from '@carillon/testing';
import pg from 'pg';
import { carillon } from '../../spec/carillon.js';
import type { Answer } from '../../spec/carillon.js';
import { jobScanCommand } from './job-scan.js';

let folder: string;
let database: pg.Client;
beforeAll(async () => {
  const { url } = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), 'job-scan-'));
  Object.assign(process.env, { DATABASE_URL: url });
  database = new pg.Client({ connectionString: url });
  await database.connect();
  record('greenhouse-a.json', { jobs: [job(1, 'Senior Backend Engineer', '&lt;p&gt;Python&lt;/p&gt;'), job(2, 'Gardener', 'Roses')] });
  write('config.yaml', config());
});
afterAll(async () => {
  await database.end();
  rmSync(folder, { recursive: true, force: true });
});

const job = (id: number, title: string, content: string): object => ({ id, title, content, absolute_url: `https://jobs.example.org/${id}`, location: { name: 'Remote' } });
const record = (name: string, answer: object): void => writeFileSync(join(folder, name), JSON.stringify(answer));
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const config = (more = '', alerts = '{ first_scan: alert }'): string => `sources:\n  - { name: A Corp, type: greenhouse, identifier: a }\n${more}search_criteria: { required_terms: [python] }\nalerts: ${alerts}\n`;
const jobScan = (...args: string[]): Promise<Answer> => carillon(jobScanCommand, ...args);
const scan = (...args: string[]): Promise<Answer> => jobScan('run', '--config', join(folder, 'config.yaml'), '--offline', folder, ...args);
const profile = (): string[] => ['default', '--config', join(folder, 'config.yaml')];

describe('a scan by hand', () => {
  it('shows a table, and ends with 0 when all went well', async () => {
    const { stdout, code } = await scan();
    expect(stdout).toMatch(/^board +id +fetched +stored +matched +told +closed +errors +remarks\nA Corp +greenhouse:a +2 +2 +1 +0 +0 +0 /);
    expect(stdout).toContain('2 fetched, 2 stored, 1 matched, 0 told, 0 errors');
    expect(code).toBe(0);
  });

  it('again stores nothing, and says so as JSON', async () => {
    const { stdout, code } = await scan('--json');
    expect(JSON.parse(stdout)).toMatchObject({ fetched: 2, upserted: 0, matched: 0, notified: 0, hadErrors: false, skipped: false, sourceStats: [{ sourceId: 'greenhouse:a', unchanged: true }] });
    expect(code).toBe(0);
  });

  it('with a board that fails ends with 1, and the others are scanned', async () => {
    write('config.yaml', config('  - { name: Nobody, type: lever, identifier: nobody }\n'));
    const { stdout, code } = await scan();
    expect(stdout).toMatch(/Nobody +lever:nobody +0 .*there is no recording lever-nobody\.json/);
    expect(stdout).toMatch(/A Corp +greenhouse:a +2 /);
    expect(code).toBe(1);
  });

  it('whose mails are not delivered ends with 1 (defect 6), and what was to be told waits (defect 1)', async () => {
    write('config.yaml', config('', '{ recipients: [me@example.org] }'));
    record('greenhouse-a.json', { jobs: [job(1, 'Senior Backend Engineer', 'Python, edited'), job(2, 'Gardener', 'Roses')] });
    const { stdout, code } = await scan('--wait-mail', '1');
    expect(stdout).toContain('1 told, 0 errors');
    expect(stdout).toContain('notices: 1 queued\n1 notices are not delivered yet');
    expect(code).toBe(1);
    const { rows } = await database.query('SELECT n.channel, n.recipient, n.status, o.subject FROM notices.notice n JOIN engine.outbox o ON o.payload::jsonb->>\'notice_id\' = n.id::text');
    expect(rows).toEqual([{ channel: 'email', recipient: 'me@example.org', status: 'queued', subject: 'notify.email' }]);
  });

  it('does not join one that is under way', async () => {
    await database.query(`SELECT pg_advisory_lock(hashtextextended('job-scan run', 0))`);
    expect(await scan()).toMatchObject({ stdout: 'skipped: another scan is under way\n', code: 1 });
    await database.query('SELECT pg_advisory_unlock_all()');
  });
});

describe('questions', () => {
  it('why a posting matches: its terms, its points, and what was decided', async () => {
    const { stdout } = await jobScan('why', 'https://jobs.example.org/1', ...profile());
    expect(stdout).toMatch(/^Senior Backend Engineer at A Corp\nmatch, 50 of 100\n {2}Required terms: python\n {2}python in the description: 5 of 10\n {2}“\*\*Python\*\*, edited”\n {2}\S+ version [0-9a-f]{8}: posting, told \S+\n/);
    expect((await jobScan('why', 'https://jobs.example.org/2', ...profile())).stdout).toContain('no-match, 0 of 100\n  Missing required terms: python');
    expect(await jobScan('why', 'nothing', ...profile())).toMatchObject({ code: 1, error: expect.stringContaining('there is no posting "nothing"') });
    expect(await jobScan('why', 'https://jobs.example.org/1', 'x', ...profile().slice(1))).toMatchObject({ error: 'there is no profile "x"; there is default' });
  });

  it('what a profile would match of everything stored, without telling anybody', async () => {
    const { stdout } = await jobScan('preview', ...profile());
    expect(stdout).toMatch(/50 +Senior Backend Engineer +A Corp +Remote +https:\/\/jobs\.example\.org\/1\n1 of the stored postings match\n$/);
  });

  it('closed postings are previewed too, and say so', async () => {
    await database.query('UPDATE job_scan.posting SET closed_at = $1 WHERE external_id = $2', ['2026-03-02T08:00:00Z', '1']);
    expect((await jobScan('preview', ...profile())).stdout).toMatch(/50 +Senior Backend Engineer +A Corp +Remote +2026-03-02 +https:\/\/jobs\.example\.org\/1\n1 of the stored postings match\n$/);
    await database.query('UPDATE job_scan.posting SET closed_at = NULL');
  });

  it('how boards are, those in trouble first', async () => {
    expect((await jobScan('boards')).stdout).toMatch(/^board[^\n]+\nNobody +lever:nobody +gone +never +1 +0 +0 +there is no recording[^\n]+\nA Corp +greenhouse:a +healthy +\S+ +0 +2 +0 +\n$/);
  });

  it('what is muted', async () => {
    expect((await jobScan('mute')).stdout).toBe('nothing is muted\n');
    const { rows } = await database.query<{ key: string }>('SELECT job_key AS key FROM job_scan.posting ORDER BY title');
    expect((await jobScan('mute', '--company', 'A Corp.', '--posting', rows[0]?.key.slice(0, 10) ?? '')).stdout).toMatch(/company +A Corp\.[^]*posting +Gardener at A Corp/);
    expect((await jobScan('unmute', 'a corp')).stdout).toContain('is told of again');
    expect(await jobScan('unmute', 'a corp')).toMatchObject({ code: 1, error: '"a corp" is not muted: "carillon job-scan mute" lists what is' });
  });
});

describe('a configuration', () => {
  it('that is right says what it means', async () => {
    expect((await jobScan('check-config', join(folder, 'config.yaml'))).stdout).toBe('the configuration is right: 1 of 1 sources every 15m, for default (1 recipient)\n');
  });
  it('with keys that have no effect here says which, and what to use instead', async () => {
    write('foreign.yaml', `${config()}logging: { level: DEBUG }\nemail: { max_retries: 2 }\n`);
    expect((await jobScan('check-config', join(folder, 'foreign.yaml'))).stdout).toMatch(/warning: line \d: email\.max_retries: is checked and has no effect: set NOTICE_MAX_ATTEMPTS[^]*warning: line \d: logging\.level: is checked and has no effect: set LOG_LEVEL of the service/);
  });
  it('that is wrong says everything at once', async () => {
    write('wrong.yaml', 'source: []\nscan_interval: soon\n');
    expect((await jobScan('check-config', join(folder, 'wrong.yaml'))).error).toMatch(/line 1: source: is no key of the configuration; did you mean "sources"\?[^]*line 2: scan_interval: "soon" is no duration/);
  });
  it('that is not there is said so', async () => expect((await jobScan('check-config', join(folder, 'none.yaml'))).error).toBe(`there is no file ${join(folder, 'none.yaml')}`));
  it('of the documentation is right', async () => {
    expect((await jobScan('check-config', join(import.meta.dirname, '../../../../docs/examples/job-scan.yaml'))).stdout).toContain('the configuration is right: 2 of 3 sources every 15m, for default (1 recipient), systems (2 recipients)');
  });
});
