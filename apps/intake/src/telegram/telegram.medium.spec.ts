import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createDataSource, createTokens } from '@carillon/persistence';
import { testDatabase } from '@carillon/testing';
import type { TestDatabase } from '@carillon/testing';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { botUnderTest, fakeTelegram, person } from '../../spec/fake-telegram.js';
import type { FakeTelegram } from '../../spec/fake-telegram.js';
import { Poller } from './poller.js';
import { incomingOf } from './router.js';
import type { TelegramSurface, Turn } from './surface.js';

let database: TestDatabase;
let dataSource: DataSource;
let telegram: FakeTelegram;
const seen: string[] = [];

/** Counts up in a conversation, by command, by text and by button. */
const counting: TelegramSurface = {
  name: 'counting',
  commands: {
    count: {
      says: { en: 'Counts', fa: 'می‌شمارد' },
      async handle(turn) {
        seen.push(turn.key);
        await turn.converse({ count: 1 });
        await show(turn, 1, turn.text);
      },
    },
  },
  presses: {
    add: (turn, payload) => show(turn, Number(payload['count']) + 1),
    once: (turn) => turn.toast('done'),
  },
  async reply(turn, state) {
    const count = Number(state['count']) + 1;
    await turn.converse(count === 3 ? undefined : { count });
    await turn.say(`${count}: ${turn.text}`);
  },
};
const show = (turn: Turn, count: number, said = ''): Promise<void> =>
  turn.show(`<b>${count}</b>${said}`, [[{ text: 'add', action: 'add', payload: { count } }, { text: 'once', action: 'once', once: true }, { text: 'web', url: 'https://example.org' }]]);

const taking: TelegramSurface = { name: 'taking', message: async (turn) => (turn.text.startsWith('take') ? (await turn.say('taken'), true) : false) };
const failing: TelegramSurface = { name: 'failing', commands: { fail: { says: { en: 'Fails' }, handle: () => Promise.reject(new Error('the database is away')) } } };

const bot = () => botUnderTest(dataSource, telegram, [counting, taking, failing]);
const rows = (updateId: number) => dataSource.manager.query<{ state: string; body: object | null; attempts: number; error: string | null }[]>('SELECT state, body, attempts, error FROM telegram.update WHERE update_id = $1', [updateId]);
const dueNow = () => dataSource.manager.query('UPDATE telegram.update SET due_at = engine.clock()');

beforeAll(async () => {
  database = await testDatabase();
  dataSource = await createDataSource({ url: database.url, service: 'spec' });
  telegram = await fakeTelegram();
});
beforeEach(() => void seen.splice(0));
afterAll(async () => {
  await telegram.close();
  await dataSource.destroy();
  await database.drop();
});

describe('an update', () => {
  it('is handled once, however often it comes, and what was said is not kept', async () => {
    const update = person(1).writes('/count');
    expect(await bot().gets(update, update)).toHaveLength(1);
    expect(await bot().gets(update)).toHaveLength(0);
    expect(seen).toEqual([`telegram:${update.update_id}`]);
    expect(await rows(update.update_id)).toEqual([{ state: 'handled', body: null, attempts: 1, error: null }]);
  });

  it('of a group is remembered as seen, and nothing of it is kept', async () => {
    const update = person(2).writes('/count');
    Object.assign(update.message?.chat ?? {}, { type: 'group' });
    expect(await bot().gets(update)).toHaveLength(0);
    expect(await rows(update.update_id)).toMatchObject([{ state: 'handled', body: null, attempts: 0 }]);
  });

  it('whose handler died is taken over, and those of its chat wait for it', async () => {
    const [first, second] = [person(3).writes('/count'), person(3).writes('next')];
    const dead = bot();
    await dead.inbox.receive([first, second].map(incomingOf));
    expect((await dead.inbox.claim())?.updateId).toBe(first.update_id);
    expect(await bot().gets()).toEqual([]);
    await dataSource.manager.query("UPDATE telegram.update SET lease_until = engine.clock() - interval '1 second' WHERE update_id = $1", [first.update_id]);
    expect((await bot().gets()).map(({ text }) => text)).toEqual(['<b>1</b>', '2: next']);
  });

  it('that fails is tried again, then kept with its reason, and holds up no other chat', async () => {
    const update = person(4).writes('/fail');
    const sut = bot();
    expect((await sut.gets(update, person(5).writes('take this'))).map(({ text }) => text)).toEqual(['taken']);
    await dueNow();
    await sut.gets();
    await dueNow();
    await sut.gets();
    expect(await rows(update.update_id)).toMatchObject([{ state: 'failed', attempts: 3, error: 'the database is away', body: { message: { text: '/fail' } } }]);
    expect(await sut.gets(person(4).writes('take that'))).toHaveLength(1);
  });

  it('whose answer Telegram asks to wait with is answered after that time', async () => {
    telegram.refuse({ error_code: 429, description: 'Too Many Requests: retry after 7', parameters: { retry_after: 7 } });
    const sut = bot();
    await sut.gets(person(6).writes('take a seat'));
    expect(await sut.inbox.nextInMs()).toBeGreaterThan(6_000);
    await dueNow();
    expect(await sut.gets()).toMatchObject([{ text: 'taken' }]);
  });
});

describe('a conversation', () => {
  it('goes on in a process that was started in between, and ends', async () => {
    await bot().gets(person(10).writes('/count'));
    expect(await bot().gets(person(10).writes('go'))).toMatchObject([{ chat_id: 10, text: '2: go' }]);
    expect(await bot().gets(person(10).writes('on'))).toMatchObject([{ text: '3: on' }]);
    expect(await bot().gets(person(10).writes('and on'))).toMatchObject([{ text: expect.stringContaining('/help') }]);
  });

  it('is over when the person says so, whoever holds it', async () => {
    await bot().gets(person(13).writes('/count'));
    expect(await bot().gets(person(13).writes('/cancel'), person(13).writes('go'))).toMatchObject([{ text: 'Cancelled.' }, { text: expect.stringContaining('/help') }]);
  });

  it('is of one chat alone', async () => {
    await bot().gets(person(11).writes('/count'));
    expect(await bot().gets(person(12).writes('go'))).toMatchObject([{ text: expect.stringContaining('/help') }]);
  });
});

describe('a button', () => {
  it('carries an opaque token, and changes the message that it is below', async () => {
    await bot().gets(person(20).writes('/count'));
    const token = bot().button('add');
    expect(token).toMatch(/^[\w-]{22}$/);
    expect(await bot().gets(person(20).presses(token))).toMatchObject([{ method: 'editMessageText', message_id: 7, text: '<b>2</b>' }, { method: 'answerCallbackQuery' }]);
  });

  it('pressed in another chat, made up, or over says so and does nothing', async () => {
    await bot().gets(person(21).writes('/count'));
    const token = bot().button('add');
    await bot().gets(person(22).writes('/count'));
    for (const update of [person(22).presses(token), person(21).presses('made-up')]) {
      expect(await bot().gets(update)).toMatchObject([{ method: 'answerCallbackQuery', text: expect.stringContaining('no longer valid') }]);
    }
    await dataSource.manager.query("UPDATE telegram.callback_token SET expires_at = engine.clock() - interval '1 second' WHERE token = $1", [token]);
    expect(await bot().gets(person(21).presses(token))).toMatchObject([{ text: expect.stringContaining('no longer valid') }]);
  });

  it('that counts once counts once, also when its press is handled again', async () => {
    await bot().gets(person(23).writes('/count'));
    const press = person(23).presses(bot().button('once'));
    telegram.refuse({ error_code: 500, description: 'Internal Server Error' });
    await bot().gets(press);
    await dueNow();
    expect(await bot().gets()).toMatchObject([{ text: 'done' }]);
    expect(await bot().gets(person(23).presses(bot().button('once')))).toMatchObject([{ text: expect.stringContaining('no longer valid') }]);
  });

  it('below a notice works in the chat of the notice’s recipient', async () => {
    await dataSource.manager.query("INSERT INTO notices.address (recipient, channel, address) VALUES ('user:7', 'telegram', '24')");
    const [token] = await createTokens(dataSource.manager, [{ surface: 'counting', action: 'add', payload: { count: 8 }, recipient: 'user:7' }]);
    expect(await bot().gets(person(24).presses(token))).toMatchObject([{ text: '<b>9</b>' }, {}]);
  });

  it('of a message that says the same already, or is gone, does not fail', async () => {
    await bot().gets(person(25).writes('/count'));
    const token = bot().button('add');
    telegram.refuse({ error_code: 400, description: 'Bad Request: message is not modified: …' });
    expect((await bot().gets(person(25).presses(token))).map(({ method }) => method)).toEqual(['editMessageText', 'answerCallbackQuery']);
    telegram.refuse({ error_code: 400, description: 'Bad Request: message to edit not found' });
    expect((await bot().gets(person(25).presses(token))).map(({ method }) => method)).toEqual(['editMessageText', 'sendMessage', 'answerCallbackQuery']);
  });
});

describe('help', () => {
  it('lists every command in the language of the person', async () => {
    expect(await bot().gets(person(30, 'fa-IR').writes('/start'))).toMatchObject([{ text: expect.stringContaining('/count · می‌شمارد') }]);
    expect(await bot().gets(person(31).writes('/help@carillon_bot'))).toMatchObject([{ text: expect.stringMatching(/\/count · Counts\n\/fail · Fails\n\/cancel · Leave what was begun$/) }]);
  });

  it('is impossible when two pipelines want the same command', () => {
    expect(() => botUnderTest(dataSource, telegram, [counting, { ...counting, name: 'other' }])).toThrow('/count is a command of both counting and other: rename one');
    expect(() => botUnderTest(dataSource, telegram, [{ name: 'rude', commands: { cancel: { says: { en: '' }, handle: async () => undefined } } }])).toThrow("/cancel is the bot's own command, and rude wants it");
  });
});

it('polling confirms to Telegram only what is committed', async () => {
  const { api, inbox, worker } = bot();
  const poller = new Poller(api, inbox, 0, () => undefined, pino({ level: 'silent' }));
  const update = person(40).writes('take it');
  await dataSource.manager.query('DELETE FROM telegram.update');
  telegram.bring(update);
  await poller.runOnce();
  await poller.runOnce();
  expect(telegram.polls.map(({ offset }) => offset)).toEqual([undefined, update.update_id + 1]);
  await worker.runOnce();
  expect(await rows(update.update_id)).toMatchObject([{ state: 'handled' }]);
});
