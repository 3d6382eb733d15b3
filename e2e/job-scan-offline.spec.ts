/** The example that ships, as its page tells it: two recorded boards, scanned by hand four times, with a notifier that has no mail server and so delivers dry runs. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Tower } from './harness.js';
import type { Finished } from './harness.js';

const EXAMPLE = 'docs/examples/recorded-boards';

let tower: Tower;
beforeAll(async () => void (tower = await Tower.open({ services: ['notifier'] })));
afterAll(() => tower.close());

const scanned = (folder: string): Promise<Finished> => tower.carillon('job-scan', 'run', '--config', `${EXAMPLE}/job-scan.yaml`, '--offline', `${EXAMPLE}/${folder}`);
const toldOf = async (): Promise<string[]> => (await tower.query<{ title: string }>(`SELECT content->>'title' AS title FROM notices.notice WHERE message_type = 'job_match' ORDER BY created_at, title`)).map(({ title }) => title);

it('at first nine are fetched and five told', async () => {
  const { stdout, code } = await scanned('first');
  expect(stdout).toMatch(/Northwind +greenhouse:northwind +5 +5 +3 +3 +0 +0 /);
  expect(stdout).toMatch(/Southwind +lever:southwind +4 +4 +2 +2 +0 +0 /);
  expect(stdout).toMatch(/9 fetched, 9 stored, 5 matched, 5 told, 0 errors in [\d.]+ s; notices: 5 dry-run\n$/);
  expect(code).toBe(0);
});

it('again, none', async () => {
  const { stdout, code } = await scanned('first');
  expect(stdout).toMatch(/9 fetched, 0 stored, 0 matched, 0 told, 0 errors in [\d.]+ s; notices: none\n$/);
  expect(code).toBe(0);
});

it('one that is edited is told, and nothing else', async () => {
  const { stdout, code } = await scanned('edited');
  expect(stdout).toMatch(/9 fetched, 1 stored, 1 matched, 1 told, 0 errors in [\d.]+ s; notices: 1 dry-run\n$/);
  expect(code).toBe(0);
  expect((await toldOf()).at(-1)).toBe('Staff Backend Engineer');
});

it('a source that fails ends the scan with 1, and the other is as it was', async () => {
  const { stdout, code } = await scanned('failing');
  expect(stdout).toMatch(/Northwind +greenhouse:northwind +0 +0 +0 +0 +0 +1 +there is no recording greenhouse-northwind\.json/);
  expect(stdout).toMatch(/Southwind +lever:southwind +4 +0 +0 +0 +0 +0 +unchanged/);
  expect(stdout).toMatch(/4 fetched, 0 stored, 0 matched, 0 told, 1 errors in [\d.]+ s; notices: 1 dry-run\n$/);
  expect(code).toBe(1);
  expect(await toldOf()).toHaveLength(6);
});
