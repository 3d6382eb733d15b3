import { afterEach, describe, expect, it } from '@jest/globals';
import { natsServer } from '@carillon/testing';
import type { NatsServer } from '@carillon/testing';
import { SpecLog } from '../spec/under-test.js';
import { natsConf } from '../spec/nats-conf.js';
import type { Bus } from './index.js';
import { STREAMS, StreamUnavailable, connectBus, ensureStreams, streamOf } from './index.js';

describe('the streams', () => {
  let server: NatsServer;
  const buses: Bus[] = [];
  const connect = async (service = 'scheduler', url = server.url): Promise<Bus> => {
    const bus = await connectBus({ url, service, log: new SpecLog() });
    buses.push(bus);
    return bus;
  };
  afterEach(async () => {
    for (const bus of buses.splice(0)) await bus.close();
    await server.stop();
  });

  it('are made by several services that boot at the same time', async () => {
    server = await natsServer();
    const services = await Promise.all(['intake', 'scheduler', 'notifier', 'backup'].map((name) => connect(name)));
    await Promise.all(services.flatMap((bus) => [ensureStreams(bus), ensureStreams(bus)]));
    const { config } = await services[0]!.manager.streams.info('CARILLON_STEPS');
    expect(config).toMatchObject({ subjects: ['step.>'], retention: 'workqueue', storage: 'file', duplicate_window: 120_000_000_000 });
  });

  it('are brought up to date, and keep what an operator set', async () => {
    server = await natsServer();
    const bus = await connect();
    await bus.manager.streams.add({ ...STREAMS[2]!, max_age: 1_000_000_000 * 3_600, max_msg_size: 123_456 });
    await ensureStreams(bus);
    const { config } = await bus.manager.streams.info('CARILLON_FACTS');
    expect(config).toMatchObject({ max_age: STREAMS[2]!.max_age, max_msg_size: 123_456 });
  });

  it('are used as they are by a service that may not make them', async () => {
    server = await natsServer({ configFile: await natsConf(`authorization { users: [
      { user: "admin", password: "a" },
      { user: "notifier", password: "n", permissions: { publish: { allow: ["$JS.API.STREAM.INFO.>"] }, subscribe: { allow: ["_INBOX_notifier.>"] } } }
      { user: "intake", password: "i", permissions: { publish: { allow: ["tick.>"] }, subscribe: { allow: ["_INBOX_intake.>"] } } }
    ] }`) });
    const notifier = await connect('notifier', server.url.replace('//', '//notifier:n@'));
    expect(await ensureStreams(notifier)).toEqual(['CARILLON_STEPS', 'CARILLON_NOTIFY', 'CARILLON_FACTS']);
    await ensureStreams(await connect('admin', server.url.replace('//', '//admin:a@')));
    expect(await ensureStreams(notifier)).toEqual([]);
    const intake = await connect('intake', server.url.replace('//', '//intake:i@'));
    expect(await ensureStreams(intake)).toHaveLength(3);
    expect(await intake.publish('tick.news', 'run-1', {})).toMatchObject({ stream: 'CARILLON_FACTS' });
  });

  it('are made by a service that connects again at that moment', async () => {
    server = await natsServer();
    const bus = await connect();
    await server.restart();
    expect(await ensureStreams(bus)).toEqual([]);
  });

  it('are made by a service that asked before the server was back', async () => {
    server = await natsServer();
    const bus = await connect();
    await server.kill();
    const [made] = await Promise.all([ensureStreams(bus), server.start()]);
    expect(made).toEqual([]);
  });

  it('of another shape under the same name are refused in words', async () => {
    server = await natsServer();
    const bus = await connect();
    await bus.manager.streams.add({ name: 'CARILLON_STEPS', subjects: ['step.>'], retention: 'limits' });
    await expect(ensureStreams(bus)).rejects.toThrow(StreamUnavailable);
    await expect(ensureStreams(bus)).rejects.toThrow(/CARILLON_STEPS can not be used: .*must be deleted first/);
  });
});

describe('which stream carries a subject', () => {
  it.each([
    ['step.*.*', 'CARILLON_STEPS'],
    ['step.deliberation.cluster', 'CARILLON_STEPS'],
    ['notify.telegram', 'CARILLON_NOTIFY'],
    ['tick.*', 'CARILLON_FACTS'],
    ['run.*.finished', 'CARILLON_FACTS'],
    ['run.*.request', undefined],
    ['run.*.*', undefined],
    ['step', undefined],
    ['backup.status', undefined],
  ])('%s is carried by %s', (subject, stream) => {
    expect(streamOf(subject)?.name).toBe(stream);
  });
});
