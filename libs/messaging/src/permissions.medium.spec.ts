import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { BackupStatus, NotifyTelegram } from '@carillon/shared';
import { natsServer } from '@carillon/testing';
import type { NatsServer } from '@carillon/testing';
import { natsConf } from '../spec/nats-conf.js';
import { Happened, serviceUnderTest } from '../spec/under-test.js';
import { STREAMS, ask, tell } from './index.js';

const handled = new Happened<string>();

@Controller()
class Notices {
  @EventPattern(NotifyTelegram.subject)
  deliver(@Payload() message: NotifyTelegram): void {
    handled.add(message.user_id);
  }

  @MessagePattern(BackupStatus.subject)
  status(@Payload() _query: BackupStatus): object {
    return { status: 'not_configured' };
  }
}

/** What a service needs that consumes one stream and answers one subject, and no more. */
const users = `authorization { users: [
  { user: "scheduler", password: "s" },
  { user: "notifier", password: "n", permissions: {
    publish: { allow: [
      "$JS.API.STREAM.INFO.*",
      "$JS.API.CONSUMER.CREATE.CARILLON_NOTIFY.>", "$JS.API.CONSUMER.DURABLE.CREATE.CARILLON_NOTIFY.*",
      "$JS.API.CONSUMER.INFO.CARILLON_NOTIFY.*", "$JS.API.CONSUMER.MSG.NEXT.CARILLON_NOTIFY.*",
      "$JS.ACK.CARILLON_NOTIFY.>"
    ] },
    subscribe: { allow: ["_INBOX_notifier.>", "backup.status"] },
    allow_responses: true
  } }
] }`;

describe('a service with no more permissions than it needs', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await natsServer({ configFile: await natsConf(users) });
  });
  afterAll(() => server.stop());

  it('handles, acknowledges and answers', async () => {
    const scheduler = await serviceUnderTest(server.url.replace('//', '//scheduler:s@'), [], { alsoStreams: STREAMS });
    const notifier = await serviceUnderTest(server.url.replace('//', '//notifier:n@'), [Notices], { service: 'notifier' });
    await tell(scheduler.bus, NotifyTelegram, 'notice-1', { user_id: 'ada', message_type: 'agenda', content: {} });
    expect(await handled.next()).toBe('ada');
    expect(await ask(scheduler.bus, BackupStatus, {})).toEqual({ status: 'not_configured' });
    await notifier.app.close();
    expect((await scheduler.bus.manager.streams.info('CARILLON_NOTIFY')).state.messages).toBe(0);
    expect(notifier.log.lines.all.filter(({ level }) => level !== 'info')).toEqual([]);
    await notifier.bus.close();
    await scheduler.close();
  });
});
