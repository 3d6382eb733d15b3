import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { natsServer } from '@carillon/testing';
import type { NatsServer } from '@carillon/testing';
import { SpecLog } from '../spec/under-test.js';
import { natsConf } from '../spec/nats-conf.js';
import type { Bus } from './index.js';
import { BusUnreachable, NoStreamForSubject, NobodyAnswers, PublishFailed, RequestFailed, RequestRefused, RequestTimedOut, ReservedHeader, connectBus, ensureStreams } from './index.js';

describe('the bus', () => {
  let server: NatsServer;
  let bus: Bus;
  let log: SpecLog;

  beforeAll(async () => {
    server = await natsServer({ configFile: await natsConf('authorization { user: "carillon", password: "s3:cret" }') });
    log = new SpecLog();
    bus = await connectBus({ url: server.url.replace('//', '//carillon:s3%3Acret@'), service: 'scheduler', log });
    await ensureStreams(bus);
  });
  afterAll(async () => {
    await bus.close();
    await server.stop();
  });

  it('says which stream stored a message, and that a repeated id was not stored again', async () => {
    const first = await bus.publish('tick.news', 'run-1', { runId: 'run-1' });
    expect(first).toMatchObject({ stream: 'CARILLON_FACTS', duplicate: false });
    expect(await bus.publish('tick.news', 'run-1', { runId: 'run-1' })).toEqual({ ...first, duplicate: true });
  });

  it('publishes many at once and tells each result in its place', async () => {
    const messages = Array.from({ length: 600 }, (_, index) => ({ subject: index === 300 ? 'nowhere.at.all' : 'tick.news', id: `many-${index}`, payload: { index } }));
    const results = await bus.publishMany(messages);
    const failed = results.flatMap((result, index) => (result.status === 'rejected' ? [{ index, reason: result.reason as unknown }] : []));
    expect(failed).toEqual([{ index: 300, reason: expect.any(NoStreamForSubject) }]);
    expect(failed[0]?.reason).toMatchObject({ messageId: 'many-300', subject: 'nowhere.at.all', cause: expect.any(Error) });
  });

  it.each(['Nats-Msg-Id', 'nats-rollup', ' NATS-Expected-Stream'])('refuses the header %s', async (name) => {
    await expect(bus.publish('tick.news', 'x', {}, { [name]: 'x' })).rejects.toThrow(ReservedHeader);
    expect(() => bus.announce('hello', {}, { [name]: 'x' })).toThrow(ReservedHeader);
  });

  it('refuses a message that is larger than the server takes', async () => {
    await expect(bus.publish('tick.news', 'large', { text: 'x'.repeat(2_000_000) })).rejects.toThrow(PublishFailed);
  });

  it('names the service that is not running when nobody answers', async () => {
    await expect(bus.request('backup.status')).rejects.toThrow(NobodyAnswers);
    await expect(bus.request('backup.status')).rejects.toThrow('the backup service is not running');
    await expect(bus.request('run.news.request')).rejects.toThrow('the scheduler service is not running');
  });

  it.each([
    ['an answer', '{"status":"not_configured"}', undefined],
    ['a refusal', '{"error":{"code":"daily_limit","message":"Come back tomorrow"}}', new RequestRefused('daily_limit', 'Come back tomorrow')],
    ['an answer that is no JSON', 'yes', expect.any(RequestFailed)],
  ])('reads %s', async (_name, answer, error) => {
    const subscription = bus.connection.subscribe('backup.status', { max: 1, callback: (_problem, message) => void message.respond(answer) });
    const reply = bus.request('backup.status');
    await (error ? expect(reply).rejects.toEqual(error) : expect(reply).resolves.toEqual({ status: 'not_configured' }));
    subscription.unsubscribe();
  });

  it('gives up waiting for an answer', async () => {
    const subscription = bus.connection.subscribe('backup.request');
    await expect(bus.request('backup.request', {}, 50)).rejects.toThrow(RequestTimedOut);
    subscription.unsubscribe();
  });

  it('reports its health, outlives a killed server and says so once', async () => {
    expect(await bus.status()).toMatchObject({ connected: true, reconnects: 0, roundTripMs: expect.any(Number) });
    await server.kill();
    await log.lines.next(({ message }) => message.startsWith('lost the connection'));
    expect(await bus.status()).toEqual({ connected: false, reconnects: 0 });
    const early = bus.publish('tick.news', 'while-away', {});
    await server.start();
    expect(await early).toMatchObject({ duplicate: false });
    await log.lines.next(({ message }) => message === 'connected to NATS again');
    expect(await bus.publish('tick.news', 'after', {})).toMatchObject({ duplicate: false });
    expect(await bus.status()).toMatchObject({ connected: true, reconnects: 1 });
    expect(log.count('lost the connection')).toBe(1);
  });
});

describe('connecting', () => {
  const log = new SpecLog();
  let server: NatsServer | undefined;
  afterEach(() => server?.stop());

  it('gives up in bounded time and says where it looked, without the password', async () => {
    const connecting = connectBus({ url: 'nats://carillon:hidden@127.0.0.1:1', service: 'intake', log, connectWithinMs: 300 });
    await expect(connecting).rejects.toThrow(/^intake can not connect to NATS at nats:\/\/127\.0\.0\.1:1: .*NATS_URL/);
    expect(JSON.stringify(log.lines.all)).not.toContain('hidden');
  });

  it('gives up at once when the credentials are refused', async () => {
    server = await natsServer({ configFile: await natsConf('authorization { user: "carillon", password: "right" }') });
    await expect(connectBus({ url: server.url.replace('//', '//carillon:wrong@'), service: 'intake', log })).rejects.toThrow(BusUnreachable);
  });

  it('waits for a server that starts later', async () => {
    server = await natsServer();
    await server.kill();
    const early = new SpecLog();
    const connecting = connectBus({ url: server.url, service: 'intake', log: early });
    await early.lines.next(({ message }) => message.startsWith('NATS does not answer yet'));
    await server.start();
    await (await connecting).close();
  });
});
