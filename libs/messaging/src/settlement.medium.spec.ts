import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { NotifyTelegram } from '@carillon/shared';
import { eventually, natsServer } from '@carillon/testing';
import type { NatsServer } from '@carillon/testing';
import { Happened, held, serviceUnderTest } from '../spec/under-test.js';
import type { ServiceOptions, ServiceUnderTest } from '../spec/under-test.js';
import { DeliveryContext, RedeliverAfter, tell } from './index.js';

const notice = (user: string): NotifyTelegram => ({ user_id: user, message_type: 'agenda', content: {} });

let handle: (message: NotifyTelegram, context: DeliveryContext) => unknown = () => undefined;
let handled = new Happened<{ user: string; context: DeliveryContext; message: NotifyTelegram }>();

@Controller()
class Notices {
  @EventPattern<string>(NotifyTelegram.subject)
  async deliver(@Payload() message: NotifyTelegram, @Ctx() context: DeliveryContext): Promise<unknown> {
    handled.add({ user: message.user_id, context, message });
    return handle(message, context);
  }
}

describe('a message of a stream', () => {
  let server: NatsServer;
  let service: ServiceUnderTest;
  const start = async (options: ServiceOptions = {}): Promise<void> => {
    handled = new Happened();
    service = await serviceUnderTest(server.url, [Notices], { service: 'notifier', ...options });
  };
  const stored = async (): Promise<number> => (await service.bus.manager.streams.info('CARILLON_NOTIFY')).state.messages;
  /** Ask the server after everything said to it has arrived. */
  const settled = async (): Promise<number> => (await service.bus.connection.flush(), stored());

  beforeAll(async () => {
    server = await natsServer();
  });
  afterEach(async () => {
    handle = () => undefined;
    await service.bus.manager.streams.purge('CARILLON_NOTIFY');
    await service.close();
  });
  afterAll(() => server.stop());

  it('reaches the handler as an instance of its class, with its delivery', async () => {
    await start();
    await service.bus.publish('notify.telegram', 'notice-1', notice('ada'), { 'Carillon-Run': 'r1' });
    const { message, context } = await handled.next();
    expect(message).toBeInstanceOf(NotifyTelegram);
    expect(context).toMatchObject({ subject: 'notify.telegram', messageId: 'notice-1', deliveryCount: 1 });
    expect(context.headers['Carillon-Run']).toBe('r1');
    expect(context.signal.aborted).toBe(false);
  });

  it('is acknowledged only after the handler has finished', async () => {
    await start();
    const commit = held();
    handle = () => commit.promise;
    await tell(service.bus, NotifyTelegram, 'notice-2', notice('ada'));
    await handled.next();
    expect(await settled()).toBe(1);
    commit.release();
    await service.app.close();
    await eventually(async () => (await settled()) === 0, { what: 'an empty stream' });
  });

  it('comes again after a growing pause when the handler fails', async () => {
    await start({ policy: { firstPauseMs: 200, longestPauseMs: 1_000 }, random: () => 0 });
    const times: number[] = [];
    handle = (_message, { deliveryCount }) => {
      times.push(performance.now());
      if (deliveryCount < 3) throw new Error('Telegram is away');
    };
    await tell(service.bus, NotifyTelegram, 'notice-3', notice('ada'));
    for (let delivery = 1; delivery <= 3; delivery++) expect((await handled.next()).context.deliveryCount).toBe(delivery);
    expect(service.log.lines.all).toContainEqual({ level: 'warn', message: expect.stringContaining('failed'), fields: expect.objectContaining({ messageId: 'notice-3', deliveryCount: 1, afterMs: 100, err: new Error('Telegram is away') }) });
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(95);
    expect(times[2]! - times[1]!).toBeGreaterThanOrEqual(195);
    expect(service.letters.all).toEqual([]);
  });

  it('becomes a dead letter at the last allowed failure, and blocks nobody', async () => {
    await start({ concurrency: 1, policy: { maxDeliveries: 3, firstPauseMs: 20, longestPauseMs: 20 } });
    handle = (message) => {
      if (message.user_id === 'poison') throw new Error('always', { cause: new Error('the root') });
    };
    await tell(service.bus, NotifyTelegram, 'notice-4', notice('poison'));
    await tell(service.bus, NotifyTelegram, 'notice-5', notice('ada'));
    await handled.next(({ user }) => user === 'ada');
    const letter = await service.letters.next();
    expect(letter).toMatchObject({ subject: 'notify.telegram', reason: 'exhausted', deliveries: 3, messageId: 'notice-4', service: 'notifier' });
    expect(letter.error).toBe('Error: always\ncaused by Error: the root');
    expect(JSON.parse(String(letter.payload))).toEqual(notice('poison'));
    await service.log.lines.next(({ message }) => message === 'message became a dead letter');
    await eventually(async () => (await settled()) === 0, { what: 'an empty stream' });
  });

  it.each([
    ['an unknown field', JSON.stringify({ ...notice('ada'), colour: 'red' }), 'invalid', /unknown field "colour"/],
    ['missing fields', '{}', 'invalid', /NotifyTelegram: .*user_id.*message_type.*content/s],
    ['a wrong type', JSON.stringify({ ...notice('ada'), content: 7 }), 'invalid', /content: content must be an object/],
    ['content nested too deeply', `{"user_id":"ada","message_type":"agenda","content":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`, 'invalid', /nested too deeply/],
    ['malformed JSON', '{"user_id":', 'undecodable', /not JSON/],
  ])('with %s becomes a dead letter at once', async (_name, payload, reason, error) => {
    await start();
    await service.bus.publish('notify.telegram', `bad-${_name}`, payload);
    await tell(service.bus, NotifyTelegram, `good-${_name}`, notice('ada'));
    const letter = await service.letters.next();
    expect(letter).toMatchObject({ reason, deliveries: 1, payload });
    expect(letter.error).toMatch(error);
    await handled.next();
    expect(handled.all).toHaveLength(1);
  });

  it('that is not text is kept byte for byte', async () => {
    await start();
    const raw = Buffer.from([0x7b, 0x00, 0xff, 0xfe, 0x7d]);
    await service.bus.publish('notify.telegram', 'notice-6', raw);
    expect((await service.letters.next()).payload).toEqual(raw);
  });

  it('is never lost when the dead letter can not be written', async () => {
    let attempts = 0;
    const written = new Happened<string>();
    const write = async (letter: { messageId?: string }): Promise<void> => {
      if (++attempts < 3) throw new Error('Postgres is away');
      written.add(letter.messageId ?? '');
    };
    await start({ deadLetters: { write } });
    await service.bus.publish('notify.telegram', 'notice-7', 'nonsense');
    expect(await written.next()).toBe('notice-7');
    expect(service.log.count('could not be written')).toBe(2);
  });

  it('comes again when the handler says "not now", and is not counted as failed', async () => {
    await start({ policy: { maxDeliveries: 2 } });
    handle = (_message, { deliveryCount }) => (deliveryCount < 4 ? new RedeliverAfter(10) : undefined);
    await tell(service.bus, NotifyTelegram, 'notice-8', notice('ada'));
    await handled.next(({ context }) => context.deliveryCount === 4);
    expect(service.letters.all).toEqual([]);
  });

  it('stays with a slow handler however long it takes', async () => {
    await start({ ackWaitMs: 300, concurrency: 2 });
    const slow = held();
    handle = (message) => (message.user_id === 'slow' ? slow.promise : undefined);
    await tell(service.bus, NotifyTelegram, 'notice-9', notice('slow'));
    await handled.next();
    // Five deliveries in a row, each put off by 250 ms, outlast the acknowledgement time of the slow one four times.
    handle = (message, { deliveryCount }) => (message.user_id === 'slow' ? slow.promise : deliveryCount < 6 ? new RedeliverAfter(250) : undefined);
    await tell(service.bus, NotifyTelegram, 'clock', notice('clock'));
    await handled.next(({ context }) => context.deliveryCount === 6);
    slow.release();
    expect(handled.all.filter(({ user }) => user === 'slow')).toHaveLength(1);
  });

  it('is stored once when published twice under one id', async () => {
    await start();
    const first = await tell(service.bus, NotifyTelegram, 'notice-10', notice('ada'));
    const second = await tell(service.bus, NotifyTelegram, 'notice-10', notice('ada'));
    expect([first.duplicate, second.duplicate]).toEqual([false, true]);
    await tell(service.bus, NotifyTelegram, 'notice-11', notice('bob'));
    await handled.next(({ user }) => user === 'bob');
    expect(handled.all.map(({ user }) => user)).toEqual(['ada', 'bob']);
  });

  it('never has more neighbours in work than the concurrency allows', async () => {
    await start({ concurrency: 3 });
    let running = 0;
    let most = 0;
    handle = async () => {
      most = Math.max(most, ++running);
      await service.bus.connection.flush();
      running--;
    };
    await service.bus.publishMany(Array.from({ length: 60 }, (_, index) => ({ subject: 'notify.telegram', id: `many-${index}`, payload: notice(`u${index}`) })));
    for (let index = 0; index < 60; index++) await handled.next();
    expect(most).toBeLessThanOrEqual(3);
    expect(new Set(handled.all.map(({ user }) => user)).size).toBe(60);
  });
});
