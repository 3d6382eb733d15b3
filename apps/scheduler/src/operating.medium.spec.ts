import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createApiKey, createDataSource } from '@carillon/persistence';
import { eventually, natsServer, spawnService, tcpProxy, testDatabase } from '@carillon/testing';
import type { NatsServer, ServiceProcess, TcpProxy } from '@carillon/testing';

/** A real scheduler whose servers are taken away from it, seen through its own doors. */
let nats: NatsServer;
let line: TcpProxy;
let scheduler: ServiceProcess;
let stub: ServiceProcess;
let key: string;

beforeAll(async () => {
  const [database, server] = await Promise.all([testDatabase(), natsServer()]);
  nats = server;
  const url = new URL(database.url);
  line = await tcpProxy(Number(url.port));
  url.port = String(line.port);
  const dataSource = await createDataSource({ url: database.url, service: 'spec' });
  key = (await createApiKey(dataSource, 'reader', ['read', 'operate'])) ?? '';
  await dataSource.destroy();
  scheduler = await spawnService('scheduler', { DATABASE_URL: url.href, NATS_URL: nats.url, BATCH_THRESHOLD: '100000', BATCH_POLL_SECONDS: '3600', DB_POOL_SIZE: '4' });
  stub = await spawnService('backup', { DATABASE_URL: database.url, NATS_URL: nats.url, HTTP_HOST: '0.0.0.0', METRICS_TOKEN: 'a-token-of-some-length' });
  await Promise.all([scheduler.ready(), stub.ready()]);
});
afterAll(async () => {
  await Promise.all([scheduler.kill(), stub.kill()]);
  await line.close();
  await nats.stop();
});

const health = async (which: 'live' | 'ready'): Promise<{ status: number; body: { status: string; reasons: string[]; heartbeatAgeMs: number; loops: Record<string, number> } }> => {
  const response = await fetch(`${scheduler.url}/health/${which}`);
  return { status: response.status, body: (await response.json()) as never };
};
const metrics = async (): Promise<string> => (await fetch(`${scheduler.url}/metrics`)).text();
/** The value of one series. */
async function series(name: string): Promise<number | undefined> {
  const found = (await metrics()).split('\n').find((one) => one.startsWith(`${name} `));
  return found === undefined ? undefined : Number(found.split(' ').at(-1));
}

describe('the numbers for Prometheus', () => {
  it('tell what was done, what waits, and how the process is', async () => {
    const response = await fetch(`${scheduler.url}/runs/deliberation`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body: '{"scope":"tenant-7"}' });
    const { runId } = (await response.json()) as { runId: string };
    await eventually(async () => (await series('carillon_steps_total{pipeline="deliberation",step="closeExpiredCycles",outcome="done",service="scheduler"}')) === 1, { within: 20_000, every: 200 });
    // The second step is intake's, and no intake is here: it stays due.
    await eventually(async () => (await series('carillon_queue_depth{pipeline="deliberation",status="due",service="scheduler"}')) === 1, { within: 20_000, every: 200 });
    expect(await series('carillon_dispatch_seconds_count{pipeline="deliberation",service="scheduler"}')).toBe(1);
    expect(await series('carillon_step_duration_seconds_count{pipeline="deliberation",step="closeExpiredCycles",service="scheduler"}')).toBe(1);
    expect(await series('carillon_due_lag_seconds{pipeline="deliberation",service="scheduler"}')).toBeGreaterThan(0);
    expect(await series('carillon_services_living{name="scheduler",service="scheduler"}')).toBe(1);
    const text = await metrics();
    for (const name of ['carillon_schedule_lag_seconds', 'carillon_relay_lag_seconds', 'carillon_outbox_messages', 'carillon_nats_reconnects', 'carillon_lease_takeovers_total', 'carillon_relayed_total', 'nodejs_eventloop_lag_p99_seconds', 'process_resident_memory_bytes']) expect(text).toContain(`\n${name}{`);
    // Neither scopes nor ids may become series.
    expect(text).not.toContain('tenant-7');
    expect(text).not.toContain(runId);
  });

  it('are open on a loopback address, and elsewhere for the token and for keys that may read', async () => {
    const asked = async (bearer?: string): Promise<number> => (await fetch(`${stub.url}/metrics`, { headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` } })).status;
    expect([await asked(), await asked('a-token-of-some-lengtH'), await asked('a-token-of-some-length'), await asked(key)]).toEqual([401, 401, 200, 200]);
  });
});

// Many can not survive a restart of their database: see complaint 18. A dead daemon looks like a quiet day: complaint 15.
describe('health', () => {
  it('is well while everything answers', async () => {
    expect(await health('live')).toMatchObject({ status: 200, body: { status: 'live', reasons: [] } });
    const ready = await health('ready');
    expect(ready).toMatchObject({ status: 200, body: { status: 'ready', reasons: [], loops: { drum: expect.any(Number), relay: expect.any(Number) } } });
    expect(ready.body.heartbeatAgeMs).toBeLessThan(15_000);
  });

  it('is not ready, and alive, while NATS is dead; and ready again when it is back', async () => {
    await nats.kill();
    await eventually(async () => (await health('ready')).status === 503, { within: 20_000, every: 100 });
    expect((await health('ready')).body.reasons).toContainEqual(expect.stringMatching(/^NATS: /));
    expect(await health('live')).toMatchObject({ status: 200 });
    expect(await series('carillon_nats_connected{service="scheduler"}')).toBeDefined();
    await nats.start();
    await eventually(async () => (await health('ready')).status === 200, { within: 30_000, every: 100 });
  });

  it('is not ready, and alive, while the database is stopped; and ready again when it is back, with no number from before in between', async () => {
    line.cut();
    await eventually(async () => (await health('ready')).status === 503, { within: 20_000, every: 100 });
    expect((await health('ready')).body.reasons).toContainEqual(expect.stringMatching(/^the database: /));
    expect(await health('live')).toMatchObject({ status: 200 });
    await eventually(async () => (await series('carillon_sample_up{service="scheduler"}')) === 0, { within: 20_000, every: 200 });
    expect(await metrics()).not.toContain('\ncarillon_outbox_messages{');
    expect(await series('carillon_steps_total{pipeline="deliberation",step="closeExpiredCycles",outcome="done",service="scheduler"}')).toBe(1);
    line.mend();
    await eventually(async () => (await health('ready')).status === 200, { within: 30_000, every: 100 });
  });
});

it('every connection of the process says how long a statement may take, and there are no more than the settings allow', () => {
  const told = line.greetings.map((greeting) => Object.fromEntries(pairs(greeting.subarray(8).toString().split('\0'))));
  expect(new Set(told.map((one) => one['application_name']))).toEqual(new Set(['carillon-scheduler', 'carillon-scheduler-ledger', 'carillon-lease-keeper']));
  for (const one of told) expect([one['application_name'], Number(one['statement_timeout'])]).toEqual([one['application_name'], one['application_name'] === 'carillon-lease-keeper' ? 5_000 : 30_000]);
  // Four of the pool, three of the ledger, one of the heartbeat.
  expect(line.most).toBeLessThanOrEqual(8);
});

function pairs(words: string[]): [string, string][] {
  return words.flatMap((word, index) => (index % 2 === 0 && word !== '' ? [[word, words[index + 1] ?? ''] as [string, string]] : []));
}
