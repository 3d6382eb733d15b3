import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createMemoryServices, createReminder, registerPerson } from '@carillon/memory';
import { ask, connectBus } from '@carillon/messaging';
import type { Bus } from '@carillon/messaging';
import { createApiKey, createDataSource, DeadLetterStore, newId } from '@carillon/persistence';
import { DeadLettersDiscard, DeadLetterShow, DeadLettersList, DeadLettersRedrive } from '@carillon/shared';
import { natsServer, spawnService, testDatabase } from '@carillon/testing';
import type { NatsServer, ServiceProcess } from '@carillon/testing';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';

interface Answer {
  status: number;
  type: string;
  body: unknown;
}

let nats: NatsServer;
let bus: Bus;
let dataSource: DataSource;
let scheduler: ServiceProcess;
let keys: Record<'operator' | 'reader', string>;

beforeAll(async () => {
  const [database, server] = await Promise.all([testDatabase(), natsServer()]);
  nats = server;
  dataSource = await createDataSource({ url: database.url, service: 'spec' });
  bus = await connectBus({ url: nats.url, service: 'spec', log: pino({ level: 'silent' }) });
  const [operator = '', reader = ''] = await Promise.all([createApiKey(dataSource, 'operator', ['operate', 'read']), createApiKey(dataSource, 'reader', ['read'])]);
  keys = { operator, reader };
  scheduler = await spawnService('scheduler', { DATABASE_URL: database.url, NATS_URL: nats.url, BATCH_THRESHOLD: '100000', BATCH_POLL_SECONDS: '3600' });
  await scheduler.ready();
});
afterAll(async () => {
  await scheduler.kill();
  await dataSource.destroy();
  await bus.close();
  await nats.stop();
});

async function call(method: string, path: string, body?: unknown, key: string = keys.operator): Promise<Answer> {
  const headers = { ...(key !== '' && { authorization: `Bearer ${key}` }), ...(body !== undefined && { 'content-type': 'application/json' }) };
  const response = await fetch(`${scheduler.url}${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  return { status: response.status, type: response.headers.get('content-type') ?? '', body: await response.json() };
}

describe('a run over HTTP', () => {
  // No intake is here, which owns the second step: the run goes on until it is cancelled.
  it('is begun, stands in the way of the next, is shown, and is cancelled', async () => {
    const begun = await call('POST', '/runs/deliberation', { params: { why: 'by hand' } });
    expect(begun).toMatchObject({ status: 202, body: { runId: expect.any(String), status: 'running' } });
    const { runId } = begun.body as { runId: string };
    expect(await call('POST', '/runs/deliberation', {})).toMatchObject({ status: 202, body: { status: 'skipped', reason: expect.stringContaining(runId) } });
    expect(await call('GET', `/runs/${runId}`, undefined, keys.reader)).toMatchObject({ status: 200, body: { id: runId, pipeline: 'deliberation', trigger: 'manual', params: { why: 'by hand' } } });
    expect(await call('GET', '/runs?status=skipped&limit=1', undefined, keys.reader)).toMatchObject({ status: 200, body: [{ status: 'skipped' }] });
    expect(await call('POST', '/runs/deliberation/cancel', { runId, reason: 'a spec' })).toMatchObject({ status: 202, body: { cancelled: [runId] } });
    expect(await call('POST', '/runs/deliberation/cancel', { runId: newId() })).toMatchObject({ status: 202, body: { cancelled: [] } });
    expect(await call('GET', `/runs/${runId}/items?status=failed`, undefined, keys.reader)).toMatchObject({ status: 200, body: [] });
  });
});

describe('a request that is refused', () => {
  it.each<[string, [string, string, unknown?, ('reader' | 'nobody')?], [number, string?]]>([
    ['without a key', ['GET', '/runs', undefined, 'nobody'], [401]],
    ['without the right to operate', ['POST', '/runs/deliberation', {}, 'reader'], [403]],
    ['for a pipeline that is not there', ['POST', '/runs/deliberations', {}], [404]],
    ['to cancel a pipeline that is not there', ['POST', '/runs/deliberations/cancel', {}], [404]],
    ['for a run that is not there', ['GET', `/runs/${newId()}`], [404]],
    ['for an id that is none', ['GET', '/runs/7'], [400]],
    ['to go on with a run that is not there', ['POST', `/runs/${newId()}/resume`, {}], [404]],
    ['to go on without the right to operate', ['POST', `/runs/${newId()}/resume`, {}, 'reader'], [403]],
    ['to go on from a step that is no name', ['POST', `/runs/${newId()}/resume`, { from: 7 }], [400, 'from']],
    ['for items of a status that is none', ['GET', `/runs/${newId()}/items?status=good`], [400, 'status']],
    ['with parameters that are no object', ['POST', '/runs/deliberation', { params: 'all' }], [400, 'params']],
    ['with an unknown field', ['POST', '/runs/deliberation', { mood: 'good' }], [400, 'mood']],
    ['with a run that is no id', ['POST', '/runs/deliberation/cancel', { runId: '7' }], [400, 'runId']],
    ['with a limit that is none', ['GET', '/runs?limit=0'], [400, 'limit']],
    ['with a status that is none', ['GET', '/runs?status=good'], [400, 'status']],
  ])('%s says so as problem+json, with the field', async (_what, [method, path, body, key], [status, field]) => {
    const answer = await call(method, path, body, key === undefined ? keys.operator : key === 'nobody' ? '' : keys[key]);
    expect(answer).toMatchObject({ status, type: expect.stringContaining('application/problem+json'), body: { status, title: expect.any(String), detail: expect.any(String) } });
    if (field !== undefined) expect((answer.body as { errors?: { field: string }[] }).errors?.map((one) => one.field)).toContain(field);
  });

  it('for a pipeline names those that there are', async () => {
    expect(await call('POST', '/runs/deliberations', {})).toMatchObject({ body: { detail: expect.stringMatching(/^there is no pipeline "deliberations" here; there is .*\bdeliberation, /) } });
  });
});

it('an operator sees schedules, services and dead letters', async () => {
  expect(await call('GET', '/schedules')).toMatchObject({ status: 200, body: expect.arrayContaining([expect.objectContaining({ pipeline: 'deliberation' }), expect.objectContaining({ pipeline: 'deliberation-pushes' })]) });
  expect(await call('GET', '/services')).toMatchObject({ status: 200, body: [{ name: 'scheduler', pid: scheduler.pid }] });
  expect(await call('GET', '/dead-letters')).toMatchObject({ status: 200, body: [] });
});

describe('a dead letter', () => {
  const undecodable = { service: 'spec', subject: 'step.deliberation.cluster', payload: Buffer.from([123, 255]), headers: {}, reason: 'undecodable', deliveries: 1 };
  const exhausted = { ...undecodable, payload: '{"notice_id":"' + newId() + '","user_id":"1","message_type":"text","content":{}}', subject: 'notify.telegram', reason: 'exhausted', deliveries: 10 };
  const request = { ...exhausted, subject: 'run.deliberation.request', reason: 'invalid' };
  let ids: string[];
  beforeAll(async () => {
    const store = new DeadLetterStore(dataSource);
    for (const letter of [undecodable, exhausted, request]) await store.write(letter);
    ids = (await store.list()).map(({ id }) => id).reverse();
  });

  it('is shown with what was in it, and whether sending it again can help', async () => {
    expect(await call('GET', `/dead-letters/${ids[0]}`, undefined, keys.reader)).toMatchObject({ status: 200, body: { reason: 'undecodable', payloadBase64: 'e/8=', redrivable: expect.stringMatching(/Let the sender mend it/) } });
    expect(await ask(bus, DeadLetterShow, { id: ids[1] ?? '' })).toMatchObject({ reason: 'exhausted', payload: exhausted.payload, redrivable: true });
    expect(await call('GET', `/dead-letters/${newId()}`)).toMatchObject({ status: 404 });
    await expect(ask(bus, DeadLetterShow, { id: newId() })).rejects.toThrow('there is no dead letter');
  });

  it('is sent again by whoever may operate, and once; what would come back is refused with the remedy', async () => {
    expect(await call('POST', '/dead-letters/redrive', { all: true }, keys.reader)).toMatchObject({ status: 403 });
    const sent = bus.connection.subscribe('notify.telegram', { max: 1 });
    expect(await call('POST', '/dead-letters/redrive', { all: true })).toMatchObject({
      status: 200,
      body: { done: [ids[1]], refused: [{ id: ids[0], why: expect.stringContaining('it would come back') }, { id: ids[2], why: expect.stringContaining('is a request') }] },
    });
    for await (const message of sent) expect(message.json()).toEqual(JSON.parse(exhausted.payload));
    expect(await ask(bus, DeadLettersRedrive, { ids: [ids[1] ?? ''] })).toMatchObject({ done: [], refused: [{ why: expect.stringContaining('by key operator') }] });
  });

  it('is put away, and the list is empty again', async () => {
    expect(await ask(bus, DeadLettersDiscard, { all: true, reason: 'invalid' })).toEqual({ done: [ids[2]], refused: [] });
    expect(await call('POST', '/dead-letters/discard', { ids: [ids[0]] })).toMatchObject({ status: 200, body: { done: [ids[0]] } });
    expect(await call('GET', '/dead-letters')).toMatchObject({ status: 200, body: [] });
    expect(await ask(bus, DeadLettersList, { state: 'discarded' })).toMatchObject([{ reason: 'invalid', handledBy: 'an operator on the bus' }, { reason: 'undecodable', handledBy: 'key operator' }]);
  });

  it('must be named: by id or as all of them, not both', async () => {
    for (const body of [{}, { ids, all: true }, { ids, reason: 'invalid' }]) expect(await call('POST', '/dead-letters/discard', body)).toMatchObject({ status: 400 });
    await expect(ask(bus, DeadLettersDiscard, {})).rejects.toThrow('say which letters');
  });
});

it('it says that it lives and is ready', async () => {
  expect(await call('GET', '/health/live', undefined, '')).toMatchObject({ status: 200, body: { status: 'live', service: 'scheduler' } });
  expect(await call('GET', '/health/ready', undefined, '')).toMatchObject({ status: 200, body: { status: 'ready', database: 'ok', nats: 'ok' } });
});

describe('memory in the running house', () => {
  it('1, 2, 5: a reminder that is stored now rings when it is due and not at the next tick, and its message goes out', async () => {
    const services = createMemoryServices({ dataSource });
    await registerPerson(services, '1001', {});
    const sent = bus.connection.subscribe('notify.telegram', { max: 1 });
    const { id } = await createReminder(services, '1001', { text: 'tea', fire_at: new Date(Date.now() + 3_500).toISOString() });
    for await (const message of sent) expect(message.json()).toMatchObject({ user_id: '1001', message_type: 'reminder', content: { reminder_id: id, text: 'tea' } });
    const [row] = await dataSource.query<{ fired: boolean; late: number }[]>('SELECT fired, extract(epoch FROM fired_at - fire_at)::float8 AS late FROM memory.reminder WHERE id = $1', [id]);
    expect(row?.fired).toBe(true);
    // The tick is every 30 seconds.
    expect(row?.late).toBeLessThan(15);
  });

  it('10: it shuts down cleanly', async () => {
    expect(await scheduler.kill('SIGTERM')).toBe(0);
  });
});
