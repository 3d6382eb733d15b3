import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createDataSource, setAddress } from '@carillon/persistence';
import { freePort, testDatabase } from '@carillon/testing';
import type { DataSource } from 'typeorm';
import { cutsOff, fakeBotApi, gateway, halfAnswers, hangs, malformed, ok, refuses } from '../spec/fake-bot-api.js';
import type { Answer, FakeBotApi, SentMessage } from '../spec/fake-bot-api.js';
import { notifierUnderTest, TOKEN } from '../spec/notifier-under-test.js';
import type { NotifierUnderTest } from '../spec/notifier-under-test.js';

const long = (parts: number): string => Array.from({ length: parts }, (_, part) => `${part} `.padEnd(4_000, 'x')).join('\n\n');

let dataSource: DataSource;
beforeAll(async () => {
  dataSource = await createDataSource({ url: (await testDatabase()).url, service: 'notifier' });
});
afterAll(() => dataSource.destroy());

describe('a notice for Telegram', () => {
  let api: FakeBotApi;
  let notifier: NotifierUnderTest;
  beforeAll(async () => {
    api = await fakeBotApi();
  });
  beforeEach(async () => {
    api.reset();
    notifier = notifierUnderTest(dataSource, api.root);
    await notifier.reset();
  });
  afterAll(() => api.close());

  it('is sent once as HTML with everything escaped, and recorded with its text', async () => {
    const row = await notifier.delivered({ content: { text: 'Is 1 < 2?' } });
    expect(row).toMatchObject({ status: 'sent', attempts: 1, text: 'Is 1 &lt; 2?', error: null, sentAt: expect.any(Date) });
    await notifier.again(row.id);
    expect(api.messages).toEqual([expect.objectContaining({ chat_id: '1234', text: 'Is 1 &lt; 2?', parse_mode: 'HTML' })]);
  });

  it('goes to the address of its recipient', async () => {
    await setAddress(dataSource, 'channel:town-hall', 'telegram', '@town_hall');
    await notifier.delivered({ recipient: 'channel:town-hall' });
    expect(api.messages.map((message) => message.chat_id)).toEqual(['@town_hall']);
  });

  it('without an address is given up with the remedy', async () => {
    expect(await notifier.delivered({ recipient: 'channel:deliberation' })).toMatchObject({ status: 'dead', error: expect.stringContaining('set its address with PUT /notices/addresses') });
    expect(api.messages).toEqual([]);
  });

  it.each([
    ['of an unknown type', { messageType: 'birthday' }, 'there is no text for the message type "birthday"'],
    ['with content that its text can not use', { content: { text: 7 } }, 'content.text must be text, and is number'],
    ['with nothing in it', { content: { text: ' ' } }, 'content.text must be text'],
    ['that is longer than anybody would read', { content: { text: 'x'.repeat(50_000) } }, 'TELEGRAM_MAX_PARTS allows 10'],
  ])('%s is given up with the reason', async (_name, notice, reason) => {
    expect(await notifier.delivered(notice)).toMatchObject({ status: 'dead', error: expect.stringContaining(reason) });
    expect(api.messages).toEqual([]);
  });

  it('comes again after exactly the time that Telegram asks for, and has lost no attempt', async () => {
    api.script(refuses(429, 'Too Many Requests: retry after 37', { retry_after: 37 }));
    const row = await notifier.delivered();
    expect(row).toMatchObject({ status: 'failed', attempts: 0, error: expect.stringContaining('429') });
    expect(await notifier.dueIn(row.id)).toBeGreaterThan(35_000);
    expect(await notifier.dueIn(row.id)).toBeLessThanOrEqual(37_000);
    // Nothing else goes to that chat meanwhile, and everything to others.
    const next = await notifier.delivered();
    expect(next).toMatchObject({ status: 'queued', attempts: 0, error: null });
    expect(await notifier.delivered({ recipient: '5678' })).toMatchObject({ status: 'sent' });
    expect(api.messages.map((message) => message.chat_id)).toEqual(['1234', '5678']);
  });

  it.each<[string, Answer]>([
    ['says 500', refuses(500, 'Internal Server Error')],
    ['is hidden behind a gateway that says 502', gateway(502)],
  ])('is tried again with growing pauses when Telegram %s, and given up in the end', async (_name, answer) => {
    api.script(...Array.from({ length: 8 }, () => answer));
    const first = await notifier.delivered();
    expect(first).toMatchObject({ status: 'failed', attempts: 1 });
    const pauses: number[] = [];
    for (let attempt = 2; attempt <= 8; attempt += 1) {
      pauses.push(Math.round((await notifier.dueIn(first.id)) / 5_000));
      await notifier.again(first.id);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64]);
    expect(await notifier.row(first.id)).toMatchObject({ status: 'dead', attempts: 8, error: expect.stringContaining('given up after 8 attempts') });
    expect(api.messages).toHaveLength(8);
  });

  it('is tried again when nobody listened, as it surely was not sent', async () => {
    const away = notifierUnderTest(dataSource, `http://127.0.0.1:${await freePort()}`);
    expect(await away.delivered()).toMatchObject({ status: 'failed', error: expect.stringContaining('ECONNREFUSED') });
  });

  it('is given up when Telegram refuses what it says, and the next one is not', async () => {
    api.script(refuses(400, "Bad Request: can't parse entities"));
    expect(await notifier.delivered()).toMatchObject({ status: 'dead', error: expect.stringContaining('parse entities') });
    expect(await notifier.delivered()).toMatchObject({ status: 'sent' });
  });

  it('waits for a token that works', async () => {
    api.script(refuses(401, 'Unauthorized'));
    const row = await notifier.delivered();
    expect(row).toMatchObject({ status: 'failed', attempts: 0, error: expect.stringContaining('TELEGRAM_BOT_TOKEN') });
    expect(await notifier.again(row.id)).toMatchObject({ status: 'sent', error: null });
  });

  it('waits for an address that is Telegram', async () => {
    api.script((response) => void response.writeHead(302, { location: 'https://example.org/' }).end());
    expect(await notifier.delivered()).toMatchObject({ status: 'failed', attempts: 0, error: expect.stringContaining('TELEGRAM_API_ROOT') });
  });

  it.each<[string, Answer]>([
    ['never answers', hangs],
    ['falls silent in the middle of its answer', halfAnswers],
    ['cuts the connection', cutsOff],
    ['answers what is no JSON', malformed],
    ['is waited for by a gateway in vain', gateway(504)],
  ])('shows as uncertain when Telegram takes it and %s, and is not sent again', async (_name, answer) => {
    api.script(answer);
    const row = await notifier.delivered();
    expect(row).toMatchObject({ status: 'uncertain', text: 'Hello' });
    await notifier.again(row.id);
    expect(api.messages).toHaveLength(1);
    expect(`${row.error}${notifier.logged()}`).not.toContain(TOKEN);
  });

  it('that is long arrives in order, its buttons last', async () => {
    const row = await notifier.delivered({ messageType: 'linked', content: { text: long(3) } });
    expect(row.status).toBe('sent');
    expect(api.messages.map((message) => message.reply_markup?.inline_keyboard)).toEqual([undefined, undefined, [[{ text: 'More', url: 'https://example.org/more' }]]]);
    expect(api.messages.map(({ text }) => text.charAt(0))).toEqual(['0', '1', '2']);
    expect(Math.max(...api.messages.map(({ text }: SentMessage) => text.length))).toBeLessThanOrEqual(4_096);
  });

  it('that fails in the middle shows what arrived, and sends nothing twice', async () => {
    api.script(ok, refuses(500, 'Internal Server Error'));
    const row = await notifier.delivered({ content: { text: long(3) } });
    expect(row).toMatchObject({ status: 'uncertain', error: expect.stringMatching(/^1 of 3 parts were delivered \(message \d+\), then: Telegram said 500/) });
    await notifier.again(row.id);
    expect(api.messages).toHaveLength(2);
  });

  it('goes back untried when the service stops before its turn', async () => {
    const stopped = notifierUnderTest(dataSource, api.root);
    await stopped.office.postmen.telegram.stop();
    expect(await stopped.delivered()).toMatchObject({ status: 'queued', attempts: 0 });
    expect(api.messages).toEqual([]);
  });

  it('is sent once, however many rounds and notifiers race for it', async () => {
    const others = [notifier, notifierUnderTest(dataSource, api.root), notifierUnderTest(dataSource, api.root)];
    await notifier.queue();
    await Promise.all(Array.from({ length: 20 }, (_one, n) => others[n % 3]?.round()));
    expect(api.messages).toHaveLength(1);
  });

  it('whose notifier died while sending shows as uncertain when its time is over', async () => {
    const id = await notifier.queue();
    await notifier.ledger.claim({ channel: 'telegram', limit: 1, leaseMs: 0, perSecond: 0, digestFrom: 0 });
    await notifier.office.sweepOnce();
    expect(await notifier.again(id)).toMatchObject({ status: 'uncertain', error: 'the notifier stopped between sending and recording' });
    expect(api.messages).toEqual([]);
  });

  it('leaves its words and the token out of the log', async () => {
    await notifier.delivered({ content: { text: 'a private matter' } });
    expect(notifier.logged()).toContain('notice sent');
    expect(notifier.logged()).not.toMatch(/private matter|the-secret/);
    expect(api.paths).toEqual([`/bot${TOKEN}/sendMessage`]);
  });
});

describe('without a token', () => {
  it('a notice is recorded as a dry run with its text, and needs no address', async () => {
    const notifier = notifierUnderTest(dataSource);
    await notifier.reset();
    expect(await notifier.delivered({ recipient: 'channel:deliberation', content: { text: '<Hello>' } })).toMatchObject({ status: 'dry-run', text: '&lt;Hello&gt;', error: null });
    expect(await notifier.delivered({ messageType: 'birthday' })).toMatchObject({ status: 'dead' });
  });
});
