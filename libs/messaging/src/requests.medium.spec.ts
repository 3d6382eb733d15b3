import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { BackupStatus, RunReply, RunRequest } from '@carillon/shared';
import { natsServer } from '@carillon/testing';
import type { NatsServer } from '@carillon/testing';
import { headers as natsHeaders } from '@nats-io/transport-node';
import { of } from 'rxjs';
import { Happened, serviceUnderTest } from '../spec/under-test.js';
import type { ServiceUnderTest } from '../spec/under-test.js';
import { DeliveryContext, RequestRefused, ask } from './index.js';

const requests = new Happened<{ pipeline: string; request: RunRequest }>();
let answer: () => unknown = () => ({});

@Controller()
class Runs {
  @MessagePattern(RunRequest.subject)
  async request(@Payload() request: RunRequest, @Ctx() context: DeliveryContext): Promise<unknown> {
    requests.add({ pipeline: context.place(1), request });
    return answer();
  }

  @MessagePattern(BackupStatus.subject)
  status(@Payload() _query: BackupStatus): unknown {
    return of({ status: 'not_configured' });
  }
}

describe('a request', () => {
  let server: NatsServer;
  let service: ServiceUnderTest;
  const raw = async (body: string | Uint8Array): Promise<unknown> => JSON.parse((await service.bus.connection.request('run.news.request', body)).string());

  beforeAll(async () => {
    server = await natsServer();
    service = await serviceUnderTest(server.url, [Runs]);
  });
  afterEach(() => {
    answer = () => ({});
  });
  afterAll(async () => {
    await service.close();
    await server.stop();
  });

  it('is answered, with the concrete subject in its context', async () => {
    const run: RunReply = { runId: '0190a3c4-0000-7000-8000-000000000000', status: 'queued' };
    answer = () => run;
    expect(await ask(service.bus, RunRequest, { scope: 'city' }, 'deliberation')).toEqual(run);
    const { pipeline, request } = await requests.next();
    expect(pipeline).toBe('deliberation');
    expect(request).toBeInstanceOf(RunRequest);
    expect(request).toEqual({ scope: 'city' });
  });

  it('may have an empty body', async () => {
    expect(await raw('')).toEqual({});
    expect((await requests.next()).request).toEqual({});
  });

  it('may be answered by an observable, or with nothing', async () => {
    expect(await service.bus.request('backup.status')).toEqual({ status: 'not_configured' });
    answer = () => undefined;
    expect(await raw('{}')).toEqual({});
  });

  it.each([
    ['malformed JSON', '{"scope":', 'undecodable_message', 'undecodable', /not JSON/],
    ['a wrong type', '{"scope":7}', 'invalid_message', 'invalid', /RunRequest: scope: scope must be/],
    ['an unknown field', '{"colour":"red"}', 'invalid_message', 'invalid', /unknown field "colour"/],
    ['an array', '[]', 'undecodable_message', 'undecodable', /not an array/],
  ])('with %s is refused and kept', async (_name, body, code, reason, message) => {
    expect(await raw(body)).toEqual({ error: { code, message: expect.stringMatching(message) } });
    expect(await service.letters.next()).toMatchObject({ subject: 'run.news.request', payload: body, reason, deliveries: 1, service: 'scheduler' });
  });

  it('that nobody waits for is done all the same, and kept when it is malformed', async () => {
    service.bus.announce('run.news.request', { scope: 'quiet' });
    expect((await requests.next(({ request }) => request.scope === 'quiet')).pipeline).toBe('news');
    service.bus.connection.publish('run.news.request', Buffer.from([0xff]));
    expect(await service.letters.next()).toMatchObject({ payload: Buffer.from([0xff]), reason: 'undecodable' });
  });

  it('is refused by the handler in its own words', async () => {
    answer = () => {
      throw new RequestRefused('unknown_pipeline', 'There is no pipeline "news". Did you mean "deliberation"?');
    };
    await expect(ask(service.bus, RunRequest, {}, 'news')).rejects.toMatchObject({ name: 'RequestRefused', code: 'unknown_pipeline' });
  });

  it('that breaks its handler says so without the details, which are in the log', async () => {
    answer = () => {
      throw new Error('relation "secrets" does not exist');
    };
    expect(await raw('{}')).toEqual({ error: { code: 'internal', message: 'scheduler failed to answer run.news.request; its log says why.' } });
    expect((await service.log.lines.next(({ message }) => message === 'a request failed')).fields).toMatchObject({ err: new Error('relation "secrets" does not exist') });
    expect(service.letters.all.filter(({ payload }) => payload === '{}')).toEqual([]);
  });

  it.each([
    ['can not be written as JSON', () => ({ count: 1n })],
    ['is larger than the bus takes', () => ({ text: 'x'.repeat(2_000_000) })],
  ])('whose answer %s is refused, not left waiting', async (_name, reply) => {
    answer = reply;
    expect(await raw('{}')).toMatchObject({ error: { code: 'internal' } });
  });

  it('with a thousand unknown fields is refused in few words', async () => {
    const fields = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`${'x'.repeat(500)}${index}`, 1]));
    const { error } = (await raw(JSON.stringify(fields))) as { error: { message: string } };
    expect(error.message).toMatch(/and 980 more$/);
    expect(error.message.length).toBeLessThan(4_000);
    expect(await service.letters.next()).toMatchObject({ reason: 'invalid' });
  });

  it('with bytes in its headers that no database holds is kept without them', async () => {
    const hostile = natsHeaders();
    hostile.set('Origin', 'a\0b');
    service.bus.connection.publish('run.news.request', '[]', { headers: hostile });
    expect((await service.letters.next()).headers).toEqual({ Origin: 'a\uFFFDb' });
  });

  it('is answered by one replica', async () => {
    const replica = await serviceUnderTest(server.url, [Runs]);
    const before = requests.all.length;
    await Promise.all(Array.from({ length: 20 }, () => raw('{}')));
    await replica.close();
    expect(requests.all.length - before).toBe(20);
  });
});
