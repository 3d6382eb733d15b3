import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { NotifySlack, Tick } from '@carillon/shared';
import { natsServer } from '@carillon/testing';
import type { NatsServer } from '@carillon/testing';
import { Happened, held, serviceUnderTest } from '../spec/under-test.js';
import type { ServiceUnderTest } from '../spec/under-test.js';
import { DeliveryContext, consumerName, tell } from './index.js';

const notice = (user: string): NotifySlack => ({ user_id: user, message_type: 'agenda', content: {} });
let handled: Happened<{ id: string; deliveryCount: number }>;
let handle: () => unknown;

@Controller()
class Notices {
  @EventPattern<string>(NotifySlack.subject)
  async deliver(@Payload() message: NotifySlack, @Ctx() { deliveryCount }: DeliveryContext): Promise<void> {
    handled.add({ id: message.user_id, deliveryCount });
    await handle();
  }

  @EventPattern<string>(Tick.subject)
  tick(@Payload() tick: Tick): void {
    handled.add({ id: tick.pipeline, deliveryCount: 1 });
  }
}

describe('a service whose bus breaks', () => {
  let server: NatsServer;
  let service: ServiceUnderTest;
  const consumer = consumerName('notifier', NotifySlack.subject);

  beforeEach(async () => {
    handled = new Happened();
    handle = () => undefined;
    server = await natsServer();
    service = await serviceUnderTest(server.url, [Notices], { service: 'notifier' });
  });
  afterEach(async () => {
    await service.close();
    await server.stop();
  });

  it('goes on where it was when the server was killed and came back', async () => {
    await tell(service.bus, NotifySlack, 'before', notice('before'));
    await handled.next();
    await server.restart();
    await service.log.lines.next(({ message }) => message === 'connected to NATS again');
    await tell(service.bus, NotifySlack, 'after', notice('after'));
    await handled.next(({ id }) => id === 'after');
    expect(service.log.count('lost the connection')).toBe(1);
  });

  it('settles a message whose handler outlasted the server', async () => {
    const slow = held();
    handle = () => slow.promise;
    await tell(service.bus, NotifySlack, 'slow', notice('slow'));
    await handled.next();
    await server.restart();
    await service.log.lines.next(({ message }) => message === 'connected to NATS again');
    slow.release();
    await service.app.close();
    const { num_ack_pending } = await service.bus.manager.consumers.info('CARILLON_NOTIFY', consumer);
    expect(num_ack_pending).toBe(0);
    expect(handled.all).toHaveLength(1);
  });

  it('makes streams and consumers again when the store was wiped', async () => {
    const lost = held();
    handle = () => lost.promise;
    await tell(service.bus, NotifySlack, 'lost', notice('lost'));
    await handled.next();
    handle = () => undefined;
    await server.wipe();
    const wiped = performance.now();
    const publish = async (): Promise<void> => {
      // What the rescue sweep does: publish again until it is stored.
      await tell(service.bus, NotifySlack, 'again', notice('again')).catch(publish);
    };
    await publish();
    await handled.next(({ id }) => id === 'again');
    await service.bus.publish('tick.news', 'run-1', { runId: '0190a3c4-0000-7000-8000-000000000000', pipeline: 'news', scope: '', scheduledFor: '2026-01-01T00:00:00Z' });
    await handled.next(({ id }) => id === 'news');
    expect(performance.now() - wiped).toBeLessThan(20_000);
    // The first message had sequence 1, as a message of the new stream has: its late acknowledgement must not hit that one.
    lost.release();
  });

  it('does not let a late acknowledgement of the old stream hit a message of the new one', async () => {
    const old = held();
    handle = () => old.promise;
    await tell(service.bus, NotifySlack, 'old', notice('old'));
    await handled.next();
    await service.bus.manager.streams.delete('CARILLON_NOTIFY');
    await service.log.lines.next(({ message }) => message === 'pulling messages was interrupted');
    const fresh = held();
    handle = () => fresh.promise;
    const publish = async (): Promise<void> => {
      await tell(service.bus, NotifySlack, 'fresh', notice('fresh')).catch(publish);
    };
    await publish();
    await handled.next(({ id }) => id === 'fresh');
    old.release();
    await service.bus.connection.flush();
    expect((await service.bus.manager.streams.info('CARILLON_NOTIFY')).state.messages).toBe(1);
    fresh.release();
  });

  it('makes its consumer again when someone deleted it', async () => {
    await service.bus.manager.consumers.delete('CARILLON_NOTIFY', consumer);
    await tell(service.bus, NotifySlack, 'orphan', notice('orphan'));
    await handled.next(({ id }) => id === 'orphan');
    expect(service.log.count('pulling messages was interrupted')).toBe(1);
  });

  it('loses nothing while the server is killed again and again', async () => {
    const ids = Array.from({ length: 400 }, (_, index) => `m${index}`);
    const publish = async (id: string): Promise<void> => {
      await tell(service.bus, NotifySlack, id, notice(id)).catch(() => publish(id));
    };
    const missing = new Set(ids);
    for (let kill = 0; kill < 5; kill++) {
      const published = Promise.all(ids.slice(kill * 80, (kill + 1) * 80).map(publish));
      await handled.next();
      await server.restart();
      await published;
    }
    while (missing.size > 0) {
      for (const { id } of handled.all) missing.delete(id);
      if (missing.size > 0) await handled.next();
    }
    expect(service.letters.all).toEqual([]);
  });
});
