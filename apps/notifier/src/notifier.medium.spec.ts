import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connectBus, tell } from '@carillon/messaging';
import type { Bus } from '@carillon/messaging';
import { createApiKey, createDataSource, DeadLetterStore, inTransaction, newId, queueNotice } from '@carillon/persistence';
import type { NewNotice, NoticeRow } from '@carillon/persistence';
import { Relay } from '@carillon/runtime';
import { NotifyTelegram } from '@carillon/shared';
import { eventually, moveDatabaseClock, natsServer, spawnService, testDatabase } from '@carillon/testing';
import type { NatsServer, ServiceProcess, TestDatabase } from '@carillon/testing';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { fakeBotApi, hangs, ok, refuses } from '../spec/fake-bot-api.js';
import type { Answer, FakeBotApi } from '../spec/fake-bot-api.js';
import { TOKEN } from '../spec/notifier-under-test.js';

describe('the notifier as a process', () => {
  let database: TestDatabase;
  let nats: NatsServer;
  let api: FakeBotApi;
  let dataSource: DataSource;
  let bus: Bus;
  /** As the scheduler runs one: the notifier publishes nothing itself. */
  let relay: Relay;
  let notifier: ServiceProcess;
  let keys: Record<'operator' | 'reader' | 'stranger', string>;

  const start = async (): Promise<void> => {
    notifier = await spawnService('notifier', { DATABASE_URL: database.url, NATS_URL: nats.url, TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_API_ROOT: api.root, TELEGRAM_CHAT_INTERVAL_MS: '0' });
    await notifier.ready();
  };
  const queue = (notice: Partial<NewNotice> = {}): Promise<{ id: string }> =>
    inTransaction(dataSource, (manager) => queueNotice(manager, { channel: 'telegram', recipient: '1234', messageType: 'text', content: { text: 'Hello' }, dedupeKey: newId(), ...notice }));
  const call = (path: string, init: RequestInit = {}, key = keys.reader): Promise<Response> =>
    fetch(`${notifier.url}${path}`, { ...init, headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' } });
  const notices = async (query: string): Promise<NoticeRow[]> => (await (await call(`/notices?${query}`)).json()) as NoticeRow[];
  const noticeFor = (recipient: string, status: string): Promise<NoticeRow> => eventually(async () => (await notices(`recipient=${recipient}&status=${status}`))[0], { what: `a notice for ${recipient} to be ${status}` });
  /** Answers when the request has arrived, and again when the spec says so. */
  const held = (): { arrived: Promise<void>; answer: () => void } => {
    let answer = (): void => undefined;
    const arrived = new Promise<void>((resolve) => api.script((response) => ((answer = () => ok(response)), resolve())));
    return { arrived, answer: () => answer() };
  };

  beforeAll(async () => {
    [database, nats, api] = await Promise.all([testDatabase(), natsServer(), fakeBotApi()]);
    dataSource = await createDataSource({ url: database.url, service: 'spec' });
    const log = pino({ level: 'silent' });
    bus = await connectBus({ url: nats.url, service: 'spec', log });
    relay = new Relay(dataSource, bus, log);
    relay.start();
    const [operator = '', reader = '', stranger = ''] = await Promise.all([createApiKey(dataSource, 'operator', ['operate']), createApiKey(dataSource, 'reader', ['read']), createApiKey(dataSource, 'stranger', [])]);
    keys = { operator, reader, stranger };
    await start();
  });
  beforeEach(() => api.reset());
  afterAll(async () => {
    await notifier.kill();
    await relay.stop();
    await bus.close();
    await dataSource.destroy();
    await api.close();
    await nats.stop();
  });

  it('sends what was committed anywhere in the house, and shows what became of it', async () => {
    const runId = newId();
    const { id } = await queue({ recipient: '111', runId });
    await noticeFor('111', 'sent');
    expect(await notices(`runId=${runId}&limit=1`)).toEqual([expect.objectContaining({ id, status: 'sent', text: 'Hello', runId })]);
    expect(api.messages).toEqual([expect.objectContaining({ chat_id: '111', text: 'Hello' })]);
  });

  it.each([
    ['with an id', '222', 'by-hand-1'],
    ['without one', '223', undefined],
  ])('files and sends once what was published by hand %s', async (_name, recipient, id) => {
    const message = { user_id: recipient, message_type: 'text', content: { text: 'By hand' } };
    if (id === undefined) bus.announce(NotifyTelegram.subject, message);
    else await tell(bus, NotifyTelegram, id, message);
    expect(await noticeFor(recipient, 'sent')).toMatchObject({ dedupeKey: expect.stringMatching(id === undefined ? /^by-hand\.CARILLON_NOTIFY\.\d+\.\d+$/ : /^by-hand\.by-hand-1$/) });
    expect(api.messages).toHaveLength(1);
  });

  it('keeps a message that is no notice as a dead letter, and goes on', async () => {
    bus.announce(NotifyTelegram.subject, { user_id: '333' });
    await queue({ recipient: '334' });
    await noticeFor('334', 'sent');
    const letters = await eventually(async () => (await new DeadLetterStore(dataSource).list()).filter(({ subject }) => subject === NotifyTelegram.subject)[0]);
    expect(letters).toMatchObject({ service: 'notifier', reason: 'invalid' });
  });

  it('finds what was filed although its message got lost', async () => {
    await queue({ recipient: '444' });
    await dataSource.query('DELETE FROM engine.outbox');
    await noticeFor('444', 'sent');
  });

  it('finds notices by what they are about, and shows one', async () => {
    const { id } = await queue({ recipient: '445', dedupeKey: 'found-by-key', channel: 'slack' });
    await noticeFor('445', 'dry-run');
    for (const query of ['dedupeKey=found-by-key', 'recipient=445&channel=slack', 'recipient=445&messageType=text']) expect(await notices(query)).toEqual([expect.objectContaining({ id })]);
    expect(await notices('recipient=445&channel=email')).toEqual([]);
    expect(await (await call(`/notices/${id}`)).json()).toMatchObject({ id, status: 'dry-run' });
    expect((await call(`/notices/${newId()}`)).status).toBe(404);
  });

  it('lets operators, and nobody else, re-open a recipient and send again what came to a bad end', async () => {
    api.script(refuses(403, 'Forbidden: bot was blocked by the user'));
    const { id } = await queue({ recipient: '446' });
    await noticeFor('446', 'undeliverable');
    const post = (path: string, body: object, key = keys.operator): Promise<Response> => call(`/notices/${path}`, { method: 'POST', body: JSON.stringify(body) }, key);
    expect([(await post('redrive', { ids: [id] }, keys.reader)).status, (await post('reopen', { channel: 'telegram', recipient: '446' }, keys.reader)).status, (await call('/notices/closed')).status]).toEqual([403, 403, 403]);
    expect(await (await post('redrive', { ids: [id] })).json()).toEqual({ done: [], refused: [{ id, why: expect.stringContaining('re-open the recipient first') }] });
    expect(await (await call('/notices/closed', {}, keys.operator)).json()).toEqual([expect.objectContaining({ channel: 'telegram', address: '446', closedBecause: expect.stringContaining('blocked by the user') })]);
    expect(await (await post('reopen', { channel: 'telegram', recipient: '446' })).json()).toEqual({ reopened: true });
    expect(await (await post('redrive', { ids: [id] })).json()).toEqual({ done: [id], refused: [] });
    expect(await noticeFor('446', 'sent')).toMatchObject({ id, redrivenTimes: 1 });
    expect((await post('redrive', {})).status).toBe(400);
  });

  it('learns from operators where a channel is reached, and checks it', async () => {
    const put = (address: string, key = keys.operator): Promise<Response> => call('/notices/addresses', { method: 'PUT', body: JSON.stringify({ recipient: 'channel:town', channel: 'telegram', address }) }, key);
    expect((await put('@town_hall', keys.reader)).status).toBe(403);
    const refused = await put('town hall');
    expect([refused.status, await refused.json()]).toEqual([400, expect.objectContaining({ errors: [{ field: 'address', message: expect.stringContaining('the number of a chat') }] })]);
    expect((await put('@town_hall')).status).toBe(200);
    await queue({ recipient: 'channel:town' });
    await noticeFor('channel:town', 'sent');
    expect(api.messages.map((message) => message.chat_id)).toEqual(['@town_hall']);
  });

  it('shows notices to readers only, and names a wrong filter', async () => {
    expect((await call('/notices', {}, keys.stranger)).status).toBe(403);
    expect((await fetch(`${notifier.url}/notices`)).status).toBe(401);
    const wrong = await call('/notices?status=lost&limit=0');
    expect([wrong.status, await wrong.json()]).toEqual([400, expect.objectContaining({ errors: [expect.objectContaining({ field: 'status' }), expect.objectContaining({ field: 'limit' })] })]);
    expect((await fetch(`${notifier.url}/docs-json`)).status).toBe(200);
  });

  it('ends what it is sending when it is told to stop, and exits 0', async () => {
    const request = held();
    await queue({ recipient: '555' });
    await request.arrived;
    const exited = notifier.kill('SIGTERM');
    await eventually(() => notifier.output().includes('"stopping"'));
    request.answer();
    expect(await exited).toBe(0);
    await start();
    expect(await notices('recipient=555')).toEqual([expect.objectContaining({ status: 'sent' })]);
    expect(api.messages).toHaveLength(1);
  });

  it('that is killed while sending shows the notice as uncertain after its next start, and does not send it again', async () => {
    const arrived = new Promise<void>((resolve) => api.script(((response) => (hangs(response), resolve())) satisfies Answer));
    const { id } = await queue({ recipient: '666' });
    await arrived;
    await notifier.kill('SIGKILL');
    await moveDatabaseClock(database.url, 600_000);
    await start();
    expect(await noticeFor('666', 'uncertain')).toMatchObject({ id, error: 'the notifier stopped between sending and recording' });
    expect(api.messages).toHaveLength(1);
    expect(notifier.output()).not.toContain(TOKEN);
  });
});
