import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createDataSource, DeadLetterStore, setAddress } from '@carillon/persistence';
import { testDatabase } from '@carillon/testing';
import type { DataSource } from 'typeorm';
import { fakeBotApi, hangs, malformed, ok, refuses } from '../spec/fake-bot-api.js';
import type { FakeBotApi } from '../spec/fake-bot-api.js';
import { notifierUnderTest } from '../spec/notifier-under-test.js';
import type { NotifierUnderTest } from '../spec/notifier-under-test.js';

let dataSource: DataSource;
let api: FakeBotApi;
let notifier: NotifierUnderTest;
beforeAll(async () => {
  [dataSource, api] = await Promise.all([testDatabase().then(({ url }) => createDataSource({ url, service: 'notifier' })), fakeBotApi()]);
});
beforeEach(async () => {
  api.reset();
  notifier = notifierUnderTest(dataSource, api.root);
  await notifier.reset();
});
afterAll(async () => {
  await api.close();
  await dataSource.destroy();
});

const texts = (): string[] => api.messages.map(({ text }) => text);
const say = (text: string, more: object = {}): Promise<string> => notifier.queue({ content: { text }, ...more });
const rounds = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n += 1) await notifier.round();
};

// The consumer of the specification left failed entries pending for ever, and the rest of their batch with them; see memory.md §5.1.
describe('a batch in which one fails', () => {
  it('loses none of the others, and the one that failed comes again', async () => {
    for (const n of [1, 2, 3, 4]) await say(`n${n}`, { recipient: `${n}` });
    api.script(ok, refuses(500, 'Internal Server Error'), ok, ok);
    await notifier.round();
    const statuses = (await notifier.ledger.list()).map(({ status }) => status).sort();
    expect(statuses).toEqual(['failed', 'sent', 'sent', 'sent']);
    const failed = (await notifier.ledger.list({ status: 'failed' }))[0];
    expect(await notifier.again(failed?.id ?? '')).toMatchObject({ status: 'sent', attempts: 2 });
  });

  it('is not held up by a type that nobody knows, which ends with the reason and can be sent again when it is known', async () => {
    await notifier.queue({ recipient: '1', messageType: 'birthday' });
    await say('after', { recipient: '1' });
    await rounds(2);
    expect(texts()).toEqual(['after']);
    const [dead, ...others] = await notifier.ledger.list({ status: 'dead' });
    expect([dead, others]).toMatchObject([{ messageType: 'birthday', error: expect.stringContaining('there is no text for the message type "birthday"') }, []]);
    expect(await new DeadLetterStore(dataSource).list()).toMatchObject([{ id: dead?.id, subject: 'notify.telegram', reason: 'notice', error: dead?.error }]);
  });

  it('of which somebody has been asked to wait goes on with everybody else', async () => {
    api.script(refuses(429, 'Too Many Requests: retry after 60', { retry_after: 60 }));
    await say('first', { recipient: '1' });
    await notifier.round();
    for (const n of [1, 2, 3]) await say(`to ${n}`, { recipient: `${n}` });
    await rounds(2);
    expect(api.messages.slice(1).map(({ text }) => text)).toEqual(['to 2', 'to 3']);
  });
});

describe('a reader', () => {
  it('gets notices in the order in which they were due, also when one fails in between', async () => {
    for (const n of [1, 2, 3]) await say(`n${n}`);
    api.script(ok, refuses(500, 'Internal Server Error'));
    await rounds(3);
    expect(texts()).toEqual(['n1', 'n2']);
    await dataSource.query(`UPDATE notices.notice SET retry_at = NULL`);
    await rounds(3);
    expect(texts()).toEqual(['n1', 'n2', 'n2', 'n3']);
  });

  it('who blocked the bot gets nothing more, and the ledger says why of each', async () => {
    api.script(refuses(403, 'Forbidden: bot was blocked by the user'));
    const [first, second] = [await say('n1'), await say('n2')];
    await notifier.round();
    const later = await notifier.delivered({ content: { text: 'n3' } });
    for (const row of [await notifier.row(first), await notifier.row(second), later]) expect(row).toMatchObject({ status: 'undeliverable', error: expect.stringContaining('blocked by the user') });
    expect(texts()).toEqual(['n1']);
    await setAddress(dataSource, '1234', 'telegram', '1234');
    expect(await notifier.delivered({ content: { text: 'n4' } })).toMatchObject({ status: 'sent' });
  });

  it('gets a burst as one message where that is wanted, what has buttons after it, and the ledger knows each', async () => {
    await setAddress(dataSource, '1234', 'telegram', '1234', 3);
    for (const n of [1, 2, 3]) await say(`n${n} <`);
    await notifier.queue({ messageType: 'pressed', content: { token: 't' } });
    await rounds(2);
    expect(texts()).toEqual(['<b>3 notices</b>\n\nn1 &lt;\n\nn2 &lt;\n\nn3 &lt;', 'Press']);
    const told = (await notifier.ledger.list({ messageType: 'text' })).reverse();
    expect(told.map(({ status, text, digestId }) => ({ status, text, digestId }))).toEqual([1, 2, 3].map((n) => ({ status: 'sent', text: `n${n} &lt;`, digestId: told[0]?.id })));
    expect(new Set(told.map(({ providerMessageId }) => providerMessageId)).size).toBe(1);
  });

  it('gets few notices as they are, whatever is wanted of many', async () => {
    notifier = notifierUnderTest(dataSource, api.root, { settings: { noticeDigestFrom: 3 } });
    for (const n of [1, 2]) await say(`n${n}`);
    await rounds(2);
    expect(texts()).toEqual(['n1', 'n2']);
  });
});

describe('a notice of which nobody knows whether it arrived', () => {
  it('goes out once more, marked, where it is of a kind that is repeated', async () => {
    api.script(malformed);
    const row = await notifier.delivered({ messageType: 'reminder', content: { text: 'Milk' } });
    expect(row).toMatchObject({ status: 'queued', possiblyRepeated: true, error: expect.stringContaining('nobody knows whether') });
    expect(await notifier.again(row.id)).toMatchObject({ status: 'sent', possiblyRepeated: true });
    expect(texts()).toEqual(['Milk', '🔁 <i>Possibly repeated</i>\nMilk']);
  });

  it('and not a third time', async () => {
    api.script(hangs, hangs);
    const row = await notifier.delivered({ messageType: 'reminder', content: { text: 'Milk' } });
    expect(await notifier.again(row.id)).toMatchObject({ status: 'uncertain' });
    await notifier.again(row.id);
    expect(api.messages).toHaveLength(2);
  });

  it('because the notifier died is repeated in the same way', async () => {
    const id = await notifier.queue({ messageType: 'reminder', content: { text: 'Milk' } });
    await notifier.ledger.claim({ channel: 'telegram', limit: 1, leaseMs: 0, perSecond: 0, digestFrom: 0 });
    await notifier.office.sweepOnce();
    expect(await notifier.again(id)).toMatchObject({ status: 'sent', possiblyRepeated: true, attempts: 2 });
    expect(texts()).toEqual(['🔁 <i>Possibly repeated</i>\nMilk']);
  });
});

describe('a notice with more than words', () => {
  it('carries tokens that come back when its buttons are pressed', async () => {
    await notifier.delivered({ messageType: 'pressed', content: { token: 'm:0123456789abcdef:done' } });
    expect(api.messages[0]?.reply_markup?.inline_keyboard).toEqual([[{ text: 'Done', callback_data: 'm:0123456789abcdef:done' }]]);
    expect(await notifier.delivered({ messageType: 'pressed', content: { token: 'é'.repeat(33) } })).toMatchObject({ status: 'dead', error: expect.stringContaining('its token has 66 bytes') });
  });

  it('shows its picture with the words below it, or before them when they are many', async () => {
    await notifier.delivered({ messageType: 'pictured', content: { text: 'The bridge', photo: 'AgACAgIAAx' } });
    await notifier.delivered({ messageType: 'pictured', content: { text: 'long '.repeat(500), photo: 'AgACAgIAAx' } });
    expect(api.paths.map((path) => path.split('/').at(-1))).toEqual(['sendPhoto', 'sendPhoto', 'sendMessage']);
    expect(api.messages.slice(0, 2)).toEqual([expect.objectContaining({ photo: 'AgACAgIAAx', caption: 'The bridge', parse_mode: 'HTML' }), expect.not.objectContaining({ caption: expect.anything() })]);
  });

  it('uploads a picture that its reader keeps with us, and keeps its words when there is none for this reader', async () => {
    const asked: string[] = [];
    const pictures = (recipient: string, id: string): Promise<Uint8Array> => (asked.push(`${recipient} ${id}`), recipient === '1234' ? Promise.resolve(Buffer.from([0xff, 0xd8, 0xff, 0x00, 0x0d, 0x0a])) : Promise.reject(new Error('not theirs')));
    notifier = notifierUnderTest(dataSource, api.root, { pictures });
    expect(await notifier.delivered({ messageType: 'pictured', content: { text: 'The bridge', photo: { kept: 'memory-7' } } })).toMatchObject({ status: 'sent' });
    expect(await notifier.delivered({ recipient: '99', messageType: 'pictured', content: { text: 'The bridge', photo: { kept: 'memory-7' } } })).toMatchObject({ status: 'sent' });
    expect(asked).toEqual(['1234 memory-7', '99 memory-7']);
    expect(api.messages).toEqual([
      expect.objectContaining({ chat_id: '1234', caption: 'The bridge', uploaded: Buffer.from([0xff, 0xd8, 0xff, 0x00, 0x0d, 0x0a]).toString('base64') }),
      expect.objectContaining({ chat_id: '99', text: 'The bridge\n\n<i>(The picture could not be shown.)</i>' }),
    ]);
    api.script(hangs);
    expect(await notifier.delivered({ messageType: 'pictured', content: { text: 'The bridge', photo: { kept: 'memory-7' } } })).toMatchObject({ status: 'uncertain' });
  });

  it('keeps its words when Telegram does not take the picture', async () => {
    api.script(refuses(400, 'Bad Request: wrong file identifier/HTTP URL specified'));
    expect(await notifier.delivered({ messageType: 'pictured', content: { text: 'The bridge', photo: 'gone' } })).toMatchObject({ status: 'sent' });
    expect(api.messages[1]?.text).toBe('The bridge\n\n<i>(The picture could not be shown.)</i>');
  });

  it('that opens a door is not kept once it was sent', async () => {
    const row = await notifier.delivered({ messageType: 'door', content: { link: 'https://example.org/secret' } });
    expect(texts()).toEqual(['Sign in: https://example.org/secret']);
    const [stored] = await dataSource.query<{ content: object; text: string }[]>('SELECT content, text FROM notices.notice WHERE id = $1', [row.id]);
    expect(stored).toEqual({ content: {}, text: '(confidential: not kept)' });
    expect(notifier.logged()).not.toContain('secret');
  });

  it.each([
    ['has no address', 'account:nowhere', [], 'dead'],
    ['is refused', '1234', [refuses(400, "Bad Request: can't parse entities")], 'dead'],
    ['finds nobody', '1234', [refuses(403, 'Forbidden: bot was blocked by the user')], 'undeliverable'],
    ['may have arrived', '1234', [hangs], 'uncertain'],
  ])('that opens a door and %s leaves no text in ledger, dead letters or log', async (_what, recipient, script, status) => {
    api.script(...script);
    const row = await notifier.delivered({ recipient, messageType: 'door', content: { secret: true, link: 'https://example.org/door-7' } });
    expect(row).toMatchObject({ status, text: '(confidential: not kept)' });
    expect(JSON.stringify([row, await new DeadLetterStore(dataSource).list()]) + notifier.logged()).not.toContain('door-7');
  });
});

// Real time, so short: what Telegram sees is what counts, from two notifiers that know nothing of each other.
it('two notifiers together send no more a second than Telegram allows', async () => {
  const settings = { telegramPerSecond: 20 };
  const two = [notifierUnderTest(dataSource, api.root, { settings }), notifierUnderTest(dataSource, api.root, { settings })];
  const at: number[] = [];
  api.script(...Array.from({ length: 30 }, () => (response: Parameters<typeof ok>[0]) => (at.push(performance.now()), ok(response))));
  for (let n = 0; n < 30; n += 1) await say(`n${n}`, { recipient: `${n}` });
  for (const { office } of two) office.postmen.telegram.start();
  await api.received(30);
  for (const { office } of two) await office.postmen.telegram.stop();
  const sorted = at.sort((one, other) => one - other);
  const busiest = Math.max(...sorted.map((from) => sorted.filter((time) => time >= from && time < from + 1_000).length));
  // Where the loop stood still, what it owed goes out together, and the window sees a few more. Two that knew no common limit would send all thirty within it.
  expect(busiest).toBeLessThanOrEqual(26);
  expect(texts().length).toBe(30);
});
