import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { BackupStatus, NotifyEmail } from '@carillon/shared';
import { natsServer } from '@carillon/testing';
import type { NatsServer } from '@carillon/testing';
import { Happened, held, serviceUnderTest } from '../spec/under-test.js';
import type { ServiceUnderTest } from '../spec/under-test.js';
import { DeliveryContext, tell } from './index.js';

const notice = (user: string): NotifyEmail => ({ user_id: user, message_type: 'agenda', content: {} });
let handled = new Happened<{ user: string; context: DeliveryContext }>();
let handle: (context: DeliveryContext) => unknown;

@Controller()
class Notices {
  @EventPattern<string>(NotifyEmail.subject)
  async deliver(@Payload() message: NotifyEmail, @Ctx() context: DeliveryContext): Promise<void> {
    handled.add({ user: message.user_id, context });
    await handle(context);
  }

  @MessagePattern(BackupStatus.subject)
  async status(@Payload() _query: BackupStatus, @Ctx() context: DeliveryContext): Promise<object> {
    handled.add({ user: 'asker', context });
    await handle(context);
    return { status: 'not_configured' };
  }
}

const aborted = (signal: AbortSignal): Promise<void> => new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

describe('a service that shuts down', () => {
  let server: NatsServer;
  let observer: ServiceUnderTest;
  const start = (graceMs = 2_000): Promise<ServiceUnderTest> => {
    handled = new Happened();
    return serviceUnderTest(server.url, [Notices], { service: 'notifier', concurrency: 1, graceMs });
  };
  const stored = async (): Promise<number> => (await observer.bus.manager.streams.info('CARILLON_NOTIFY')).state.messages;

  beforeAll(async () => {
    server = await natsServer();
    observer = await serviceUnderTest(server.url, [], { service: 'observer' });
  });
  afterEach(() => observer.bus.manager.streams.purge('CARILLON_NOTIFY'));
  afterAll(async () => {
    await observer.close();
    await server.stop();
  });

  it('finishes what it handles and begins nothing more', async () => {
    const service = await start();
    handle = ({ signal }) => aborted(signal);
    await tell(service.bus, NotifyEmail, 'first', notice('first'));
    await handled.next();
    await tell(service.bus, NotifyEmail, 'second', notice('second'));
    await service.close();
    expect(handled.all.map(({ user }) => user)).toEqual(['first']);
    expect(await stored()).toBe(1);
  });

  it('returns a handler that it cut short to the queue, for another replica at once', async () => {
    const service = await start();
    handle = async ({ signal }) => {
      await aborted(signal);
      throw new Error('stopped half-way');
    };
    await tell(service.bus, NotifyEmail, 'cut', notice('cut'));
    await handled.next();
    await service.close();
    expect(service.letters.all).toEqual([]);
    const replica = await start();
    handle = () => undefined;
    expect((await handled.next()).context.deliveryCount).toBe(2);
    await replica.close();
    expect(await stored()).toBe(0);
  });

  it('waits for a handler no longer than the grace time and gives its message back', async () => {
    const service = await start(100);
    const endless = held();
    handle = () => endless.promise;
    await tell(service.bus, NotifyEmail, 'endless', notice('endless'));
    await handled.next();
    await service.close();
    expect(service.log.lines.all).toContainEqual({ level: 'warn', message: expect.stringContaining('did not finish in time'), fields: { abandoned: 1, graceMs: 100 } });
    const replica = await start();
    handle = () => undefined;
    await handled.next();
    await replica.close();
    endless.release();
  });

  it('answers the request that it has taken', async () => {
    const service = await start();
    handle = ({ signal }) => aborted(signal);
    const answer = observer.bus.request('backup.status');
    await handled.next();
    await service.close();
    expect(await answer).toEqual({ status: 'not_configured' });
  });

  it('closes in bounded time while the server is away', async () => {
    const service = await start();
    await server.kill();
    const began = performance.now();
    await service.close();
    // A library that waits for the server would wait for as long as it is away.
    expect(performance.now() - began).toBeLessThan(15_000);
    await server.start();
    await observer.log.lines.next(({ message }) => message === 'connected to NATS again');
  });
});
