import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createApiKey, createDataSource } from '@carillon/persistence';
import { eventually, natsServer, spawnService, testDatabase } from '@carillon/testing';
import type { NatsServer, ServiceProcess } from '@carillon/testing';

let nats: NatsServer;
let scheduler: ServiceProcess;
let keys: Record<'operator' | 'reader', string>;

beforeAll(async () => {
  const [database, server] = await Promise.all([testDatabase(), natsServer()]);
  nats = server;
  const dataSource = await createDataSource({ url: database.url, service: 'spec' });
  const [operator = '', reader = ''] = await Promise.all([createApiKey(dataSource, 'operator', ['operate', 'read']), createApiKey(dataSource, 'reader', ['read'])]);
  keys = { operator, reader };
  await dataSource.destroy();
  scheduler = await spawnService('scheduler', { DATABASE_URL: database.url, NATS_URL: nats.url, BATCH_THRESHOLD: '100000', BATCH_POLL_SECONDS: '3600' });
  await scheduler.ready();
});
afterAll(async () => {
  await scheduler.kill();
  await nats.stop();
});

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

async function call(method: string, path: string, body?: unknown, key: keyof typeof keys = 'operator'): Promise<Answer> {
  const headers = { authorization: `Bearer ${keys[key]}`, ...(body !== undefined && { 'content-type': 'application/json' }) };
  const response = await fetch(`${scheduler.url}${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const nightly = { pipeline: 'deliberation', scope: 'oslo', trigger: { kind: 'cron', expression: '30 2 * * *', timeZone: 'Europe/Oslo' } };

describe('a schedule over HTTP', () => {
  it('is made, shown, edited, paused, resumed, rung, backfilled and deleted', async () => {
    expect(await call('POST', '/schedules', { ...nightly, params: { city: 'Oslo' } })).toMatchObject({ status: 201, body: { name: 'deliberation/oslo', source: 'runtime', version: 1, misfire: { kind: 'fireOnce', which: 'latest' }, daylight: { gap: 'nextValid', overlap: 'first' } } });
    const path = '/schedules/deliberation%2Foslo';
    const shown = await call('GET', path, undefined, 'reader');
    expect(shown).toMatchObject({ status: 200, body: { name: 'deliberation/oslo', occurrences: [] } });
    expect(shown.body['upcoming']).toHaveLength(5);
    expect(await call('PATCH', path, { deadlineMs: 60_000, overlap: { kind: 'queueOne' } })).toMatchObject({ status: 200, body: { version: 2, deadlineMs: 60_000, overlap: { kind: 'queueOne' } } });
    expect(await call('PATCH', path, { deadlineMs: null })).toMatchObject({ status: 200, body: { version: 3, deadlineMs: null } });
    expect(await call('POST', `${path}/pause`)).toMatchObject({ status: 200, body: { pausedAt: expect.any(String) } });
    expect(await call('GET', '/schedules?paused=true&limit=5')).toMatchObject({ status: 200, body: [{ name: 'deliberation/oslo' }] });
    expect(await call('POST', `${path}/resume`, { from: 'misfire' })).toMatchObject({ status: 200, body: { pausedAt: null } });
    const begun = await call('POST', `${path}/run`, { params: { why: 'by hand' } });
    expect(begun).toMatchObject({ status: 202, body: { status: 'running' } });
    expect(await call('GET', `/runs/${String(begun.body['runId'])}`)).toMatchObject({ body: { scope: 'oslo', trigger: 'manual', params: { city: 'Oslo', why: 'by hand' } } });
    expect(await call('POST', `${path}/backfill`, { from: '2026-01-01T00:00:00Z', to: '2026-01-03T00:00:00Z' })).toMatchObject({ status: 202, body: { owed: 2, ranBefore: 0, runs: [{ status: 'queued' }, { status: 'queued' }] } });
    expect(await call('DELETE', path)).toMatchObject({ status: 200, body: { deleted: 'deliberation/oslo' } });
    expect(await call('GET', path)).toMatchObject({ status: 404 });
  });

  it('rings when it is due', async () => {
    expect(await call('POST', '/schedules', { pipeline: 'deliberation', name: 'soon', scope: 'soon', trigger: { kind: 'once', at: new Date(Date.now() + 700).toISOString() } })).toMatchObject({ status: 201 });
    const seen = await eventually(async () => {
      const { body } = await call('GET', '/schedules/soon');
      return (body['occurrences'] as { outcome: string }[]).length > 0 && body;
    }, { what: 'the schedule to ring' });
    expect(seen).toMatchObject({ occurrences: [{ outcome: 'ran', reason: 'due' }], upcoming: [], nextDueAt: null });
  });

  it.each<[string, [string, string, unknown?, ('reader' | 'operator')?], number, string]>([
    ['without the right to operate', ['POST', '/schedules', nightly, 'reader'], 403, 'lacks the right "operate"'],
    ['for a pipeline that is not there', ['POST', '/schedules', { ...nightly, pipeline: 'deliberations' }], 404, 'did you mean "deliberation"?'],
    ['with a trigger that can not be read', ['POST', '/schedules', { ...nightly, trigger: { kind: 'cron', expression: 'nightly' } }], 400, 'cron("nightly", "UTC") can not be read'],
    ['with a field that is none', ['POST', '/schedules', { ...nightly, mood: 'good' }], 400, 'see "errors"'],
    ['to edit what is defined in code', ['PATCH', '/schedules/deliberation', { priority: 3 }], 409, 'is defined in the code of pipeline "deliberation"'],
    ['to delete what is defined in code', ['DELETE', '/schedules/deliberation'], 409, 'pause it'],
    ['for a schedule that is not there', ['POST', '/schedules/deliberatio/pause'], 404, 'did you mean "deliberation"?'],
    ['to make up for a threshold', ['POST', '/schedules/deliberation/backfill', { from: '2026-01-01T00:00:00Z', to: '2026-01-03T00:00:00Z' }], 409, 'owes no instants of its own'],
    ['to go on from anywhere', ['POST', '/schedules/deliberation/resume', { from: 'yesterday' }], 400, 'see "errors"'],
  ])('is refused %s', async (_what, [method, path, body, key], status, detail) => {
    expect(await call(method, path, body, key)).toMatchObject({ status, body: { status, detail: expect.stringContaining(detail) } });
  });
});
