/** A house worked by hand: by any NATS client, by HTTP, and by the command line, as the README tells it. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, itWithReference, referenceData } from '@carillon/testing';
import type { NatsConnection } from '@nats-io/transport-node';
import { concern } from './concerns.fixture.js';
import { program, SERVICES, Tower } from './harness.js';

interface Reply {
  runId: string;
  status: string;
  reason?: string;
}

interface Run {
  id: string;
  pipeline: string;
  scope: string;
  trigger: string;
  status: string;
  reason: string | null;
  startedAt: string | null;
  finishedAt: string | null;
  counts: Record<string, number>;
  errors: string[];
  steps: { name: string; attempt: number; status: string; durationMs: number; input: object; output: object | null }[];
}

/** The drum stays silent here: only hands ring. */
const BY_HAND = { BATCH_THRESHOLD: '100000', BATCH_POLL_SECONDS: '3600' };
const STEPS = ['closeExpiredCycles', 'recoverPending', 'embedMissing', 'cluster', 'checkStability', 'summarize', 'proposeOptions', 'buildAgenda', 'markProcessed'];

let tower: Tower;
let client: NatsConnection;
beforeAll(async () => {
  tower = await Tower.open({ env: BY_HAND });
  client = await tower.connect('operator');
});
afterAll(() => tower.close());

async function request(body = ''): Promise<Reply> {
  return (await client.request('run.deliberation.request', body, { timeout: 30_000 })).json<Reply>();
}

async function runs(of = tower): Promise<Run[]> {
  return JSON.parse((await of.carillon('runs', '--json', '--limit', '100')).stdout) as Run[];
}

/** The run with this id as the command line tells it, when it is over. The database is asked whether it is: each command is a process of its own, and starting one takes a second. */
async function finished(id: string): Promise<Run | undefined> {
  await eventually(async () => (await tower.query(`SELECT FROM engine.run WHERE id = $1 AND status NOT IN ('queued', 'running')`, id)).length > 0, { what: `run ${id} is over`, within: 60_000 });
  return (await runs()).find((run) => run.id === id);
}

function fileOf(...lines: unknown[]): string {
  const file = join(mkdtempSync(join(process.env['TEST_FOLDER'] ?? '', 'lines-')), 'concerns.jsonl');
  writeFileSync(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  return file;
}

describe('a run asked for over NATS', () => {
  it('is answered with its id and status, an empty body being enough; a second one meanwhile is recorded as skipped', async () => {
    const [first, second] = [await request(), await request()];
    expect(first).toEqual({ runId: expect.stringMatching(/^[0-9a-f-]{36}$/), status: 'running', reason: expect.any(String) });
    expect(second).toMatchObject({ status: 'skipped', reason: expect.stringContaining(first.runId) });
    expect(await finished(first.runId)).toMatchObject({ status: 'succeeded', trigger: 'manual', errors: [] });
    expect(await finished(second.runId)).toMatchObject({ status: 'skipped', reason: second.reason, steps: [] });
  });

  it('is made once for one dedupe key, however often it is asked for', async () => {
    const body = JSON.stringify({ dedupeKey: 'monday', params: { why: 'by hand' } });
    const first = await request(body);
    await finished(first.runId);
    expect(await request(body)).toMatchObject({ runId: first.runId, status: 'succeeded' });
    expect(await tower.query(`SELECT params FROM engine.run WHERE dedupe_key = 'monday'`)).toEqual([{ params: { why: 'by hand' } }]);
  });

  it('needs nobody who waits for the answer', async () => {
    const known = (await runs()).map(({ id }) => id);
    client.publish('run.deliberation.request');
    const [made] = await eventually(async () => {
      const others = await tower.query<{ id: string }>('SELECT id FROM engine.run WHERE id <> ALL ($1)', known);
      return others.length > 0 && others;
    }, { what: 'the run is there' });
    expect(await finished(made?.id ?? '')).toMatchObject({ status: 'succeeded' });
  });

  it('tells the world when it is over', async () => {
    const facts = client.subscribe('run.deliberation.finished', { max: 1 });
    const { runId } = await request();
    for await (const fact of facts) expect(fact.json()).toMatchObject({ runId, pipeline: 'deliberation', status: 'succeeded', errors: [] });
  });
});

describe('the command line', () => {
  it('runs a pipeline and shows its steps as they end', async () => {
    const { code, stdout } = await tower.carillon('run', 'deliberation', '--wait');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^run [0-9a-f-]{36} is running/);
    for (const step of STEPS) expect(stdout).toMatch(new RegExp(`^ {2}${step}: (done|skipped)`, 'm'));
    expect(stdout.trimEnd()).toMatch(/\nrun succeeded$/);
  });

  it('prints the run history as JSON and nothing else, also through npm', async () => {
    const { code, stdout } = await program('npm', ['run', '-s', 'carillon', '--', 'runs', '--json'], tower.operatorEnvironment()).finished;
    expect(code).toBe(0);
    const [latest] = JSON.parse(stdout) as Run[];
    expect(latest).toMatchObject({ id: expect.any(String), pipeline: 'deliberation', scope: '', trigger: 'manual', status: 'succeeded', counts: expect.any(Object), errors: [] });
    expect(Date.parse(latest?.finishedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(latest?.startedAt ?? ''));
    expect(latest?.steps.map(({ name }) => name)).toEqual(STEPS);
    for (const step of latest?.steps ?? []) expect(step).toMatchObject({ attempt: 1, status: expect.stringMatching(/^(done|skipped)$/), durationMs: expect.any(Number), input: expect.any(Object) });
  });

  it('sends a file and says what became of its lines, by number; sent again, everything is a duplicate', async () => {
    const good = [1, 2].map((number) => ({ author: `author-${number}`, text: concern(number), externalId: `file/${number}`, submittedAt: 1_600_000_000_000 + number }));
    const useless = { author: 'author-3', text: 'asdf qwer zxcv hjkl', externalId: 'file/3' };
    const file = fileOf(good[0], '{"author": "author-9", "text": "cut o', '', good[1], good[0], useless, ['no object']);

    const first = await tower.carillon('submit', '--file', file);
    expect(first.stdout).toMatch(/^line 2 failed: is not JSON/m);
    expect(first.stdout).toMatch(/^line 6 rejected: \S+/m);
    expect(first.stdout).toMatch(/^line 7 failed: is not a JSON object/m);
    expect(first.stdout).toMatch(/^6 lines: (?=.*\b2 accepted)(?=.*\b1 rejected)(?=.*\b1 duplicate)(?=.*\b2 failed)/m);
    expect(first.code).toBe(1);

    const again = await tower.carillon('submit', '--file', fileOf(...good, useless), '--json');
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toEqual({ lines: 3, outcomes: { duplicate: 3 }, remarks: [] });
    const stored = await tower.query<{ id: string; at: Date }>(`SELECT external_id AS id, submitted_at AS at FROM deliberation.submission WHERE external_id LIKE 'file/%' ORDER BY id`);
    expect(stored.map(({ id }) => id)).toEqual(['file/1', 'file/2', 'file/3']);
    expect(stored[0]?.at.getTime()).toBe(1_600_000_000_001);
  });

  it('says what would be right when asked for what is not', async () => {
    expect(await tower.carillon('rnus')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('runs') });
    expect(await tower.carillon('run', 'deliberations')).toMatchObject({ code: 1, stderr: expect.stringContaining('deliberation') });
    expect(await tower.carillon('submit', '--file', 'nowhere.jsonl')).toMatchObject({ code: 1, stderr: expect.stringContaining('nowhere.jsonl') });
  });
});

describe('the services', () => {
  it('say that there is no backup, over HTTP and the bus', async () => {
    expect(await tower.ask('backup', 'GET', '/backup/status')).toMatchObject({ status: 200, body: { status: 'not_configured' } });
    for (const subject of ['backup.status', 'backup.request']) expect((await client.request(subject, '', { timeout: 30_000 })).json()).toEqual({ status: 'not_configured' });
  });

  it('describe their routes for people and programs', async () => {
    for (const name of SERVICES) {
      expect(await tower.ask<string>(name, 'GET', '/docs')).toMatchObject({ status: 200, contentType: expect.stringContaining('text/html') });
      expect((await tower.ask(name, 'GET', '/docs-json')).body).toMatchObject({ openapi: expect.any(String), info: { title: `Carillon ${name}` } });
    }
    const { body } = await tower.ask<{ paths: object }>('intake', 'GET', '/docs-json');
    expect(Object.keys(body.paths)).toEqual(expect.arrayContaining(['/deliberation/submissions', '/deliberation/imports', '/deliberation/clusters']));
  });
});

describe('almost nine hundred real comments', () => {
  itWithReference('polis/bowling-green.jsonl')(
    'go in through the command line and come out as clusters that a person can tell apart',
    async () => {
      const house = await Tower.open({ env: BY_HAND, services: ['intake', 'scheduler'] });
      try {
        const submitted = await house.carillon('submit', '--file', referenceData('polis/bowling-green.jsonl') ?? '', '--json');
        expect(submitted.code).toBe(0);
        const { lines, outcomes } = JSON.parse(submitted.stdout) as { lines: number; outcomes: Record<string, number> };
        expect(lines).toBe(896);
        expect(outcomes['accepted']).toBeGreaterThan(700);
        expect((await house.carillon('run', 'deliberation', '--wait')).code).toBe(0);

        const clusters = JSON.parse((await house.carillon('clusters', '--json')).stdout) as { size: number; title: { en: string } }[];
        expect(clusters.length).toBeGreaterThanOrEqual(15);
        expect(clusters.length).toBeLessThanOrEqual(60);
        expect(Math.max(...clusters.map(({ size }) => size))).toBeLessThanOrEqual(0.15 * lines);
        expect(new Set(clusters.map(({ title }) => title.en.toLowerCase())).size).toBe(clusters.length);
        const [grouped] = await house.query<{ noise: number; all: number }>('SELECT sum(noise_count)::int AS noise, sum(candidate_count)::int AS all FROM deliberation.clustering_run');
        expect((grouped?.noise ?? 0) / (grouped?.all ?? 1)).toBeLessThanOrEqual(0.55);
        process.stderr.write(`real comments: ${JSON.stringify(outcomes)}, ${clusters.length} clusters, largest ${Math.max(...clusters.map(({ size }) => size))}, ${grouped?.noise} of ${grouped?.all} noise\n`);

        expect(await house.carillon('evidence', 'verify')).toMatchObject({ code: 0 });
      } finally {
        await house.close();
      }
    },
    360_000,
  );
});
