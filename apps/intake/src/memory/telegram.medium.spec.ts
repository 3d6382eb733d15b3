/** Memory on Telegram, as a person meets it: what they write and press, each time to a bot that was started anew. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createMemoryServices, createReminder, memoryEntities, memoryMigrations, MemoryModelSettings, MemorySettings, READ_TIME, registerPerson, changeSettings, createEvent, setTags } from '@carillon/memory';
import type { MemoryServices } from '@carillon/memory';
import { createDataSource, inTransaction, queueNotice } from '@carillon/persistence';
import { temporaryFolder, testDatabase } from '@carillon/testing';
import type { TestDatabase } from '@carillon/testing';
import type { DataSource } from 'typeorm';
import { botUnderTest, fakeTelegram, person } from '../../spec/fake-telegram.js';
import type { FakeTelegram } from '../../spec/fake-telegram.js';
import { memorySurface } from './telegram-surface.js';

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const ANN = person(501);
const BEN = person(502);

let database: TestDatabase;
let dataSource: DataSource;
let telegram: FakeTelegram;
let services: MemoryServices;

beforeAll(async () => {
  database = await testDatabase();
  dataSource = await createDataSource({ url: database.url, service: 'spec', entities: memoryEntities, migrations: memoryMigrations });
  telegram = await fakeTelegram();
  services = createMemoryServices({ dataSource, settings: Object.assign(new MemorySettings(), { memoryMediaRoot: temporaryFolder('media') }) });
  for (const { chatId } of [ANN, BEN]) {
    await registerPerson(services, String(chatId), {});
    await changeSettings(services, String(chatId), { time_zone: 'Europe/Berlin' });
  }
});
afterAll(async () => {
  await telegram.close();
  await dataSource.destroy();
  await database.drop();
});

/** A process that has just started: whatever it knows is in the database. */
const bot = () => botUnderTest(dataSource, telegram, [memorySurface(services, async () => PNG)]);
const said = async (...updates: Parameters<ReturnType<typeof bot>['gets']>): Promise<string[]> => (await bot().gets(...updates)).map(({ text }) => text ?? '').filter((text) => text !== '');
const rows = <T>(sql: string, values: unknown[] = []): Promise<T[]> => dataSource.query(sql, values) as Promise<T[]>;

describe('what is written', () => {
  it('is kept first, and a time in it becomes a proposal, which becomes a reminder once', async () => {
    const update = ANN.writes('remind me to call mum tomorrow 9am');
    expect(await said(update, update)).toEqual([expect.stringMatching(/^Shall I remind you of <b>call mum<\/b>, .* 09:00\?$/)]);
    expect(await rows('SELECT content FROM memory.memory WHERE owner_id = $1', ['501'])).toEqual([{ content: 'remind me to call mum tomorrow 9am' }]);
    const press = ANN.presses(bot().button('Confirm'));
    expect(await said(press, press)).toEqual([expect.stringMatching(/^⏰ I shall remind you, .* 09:00\.$/)]);
    expect(await rows('SELECT fired FROM memory.reminder WHERE owner_id = $1', ['501'])).toEqual([{ fired: false }]);
  });

  it('without a time is a note with buttons; a task is asked when it is due, in a conversation that outlives the process', async () => {
    expect(await said(ANN.writes('paint the <shed>'))).toEqual(['📝 Noted.']);
    await said(ANN.presses(bot().button('Task')));
    expect(await said(ANN.presses(bot().button('Custom')))).toEqual([expect.stringContaining('When?')]);
    expect(await said(ANN.writes('soonish'))).toEqual([expect.stringContaining('I do not understand “soonish”')]);
    expect(await said(ANN.writes('2040-02-03 10:00'))).toEqual(['✅ It is a task, due Fri 3 Feb 2040, 10:00.']);
    expect(await said(ANN.writes('/tasks'))).toEqual(['✅']);
    await said(ANN.presses(bot().button('paint the <shed>')));
    expect(await said(ANN.writes('/tasks'))).toEqual(['Nothing is to be done.']);
  });

  it('is found, shown, tagged, pinned and deleted', async () => {
    await said(ANN.writes('the red bicycle is in the cellar'));
    expect(await said(ANN.writes('/find bicycle'))).toEqual(['🔎']);
    expect(await said(ANN.presses(bot().button(/red bicycle/)))).toEqual(['the red bicycle is in the cellar']);
    await said(ANN.presses(bot().button('Edit Tags')));
    expect(await said(ANN.writes('bike, cellar'))).toEqual(['the red bicycle is in the cellar\n#bike #cellar']);
    await said(ANN.presses(bot().button('Edit Tags')));
    expect(await said(ANN.writes('-cellar, red'))).toEqual(['the red bicycle is in the cellar\n#bike #red']);
    await said(ANN.presses(bot().button('Pin')));
    expect(await said(ANN.writes('/pinned'))).toEqual(['📌']);
    await said(ANN.presses(bot().button(/red bicycle/)));
    expect(await said(ANN.presses(bot().button('Unpin')))).toEqual(['Not pinned any more.']);
    expect(await said(ANN.writes('/pinned'))).toEqual(['Nothing was found.']);
    await said(ANN.presses(bot().button('Delete')));
    expect(await said(ANN.presses(bot().button('No')))).toEqual(['the red bicycle is in the cellar\n#bike #red']);
    await said(ANN.presses(bot().button('Delete')));
    expect(await said(ANN.presses(bot().button('Yes')))).toEqual(['Deleted.']);
    expect(await said(ANN.writes('/find bicycle'))).toEqual(['Nothing was found.']);
  });

  it('and sent as a picture waits for being confirmed, once however often it comes', async () => {
    const update = ANN.writes('');
    Object.assign(update.message ?? {}, { text: undefined, caption: 'the cat', photo: [{ file_id: 'small' }, { file_id: 'large' }] });
    expect(await said(update, update)).toEqual([expect.stringContaining('Saved as pending!')]);
    expect(await rows('SELECT content, status, media_file_id FROM memory.memory WHERE media_type IS NOT NULL')).toEqual([{ content: 'the cat', status: 'pending', media_file_id: 'large' }]);
  });

  it('and was suggested as a tag is confirmed by a press', async () => {
    const [memory] = await rows<{ id: string }>(`SELECT id FROM memory.memory WHERE content = 'paint the <shed>'`);
    await setTags(services, '501', memory?.id ?? '', ['shed'], 'suggested');
    await said(ANN.writes('/find paint'));
    expect(await said(ANN.presses(bot().button(/^paint/)))).toEqual(['paint the &lt;shed&gt;\nSuggested tags: #shed']);
    await said(ANN.presses(bot().button('Confirm Tags')));
    expect(await rows('SELECT status FROM memory.tag WHERE memory_id = $1', [memory?.id])).toEqual([{ status: 'confirmed' }]);
  });

  it('by a stranger is not kept, and they hear why', async () => {
    expect(await said(person(999).writes('/find x'))).toEqual([expect.stringContaining('Your number is 999')]);
    await said(person(999).writes('my secret'));
    expect(await rows(`SELECT 1 FROM memory.memory WHERE content LIKE '%secret%'`)).toEqual([]);
  });
});

describe('a picture', () => {
  it('that waits is in the queue, and is shown from the media root with its words and buttons', async () => {
    expect(await said(ANN.writes('/queue'))).toEqual([expect.stringContaining('1 picture to be confirmed')]);
    const [shown] = (await bot().gets(ANN.presses(bot().button('the cat')))).filter(({ method }) => method === 'sendPhoto');
    expect(shown).toMatchObject({ chat_id: '501', caption: 'the cat', uploaded: PNG.toString('base64') });
    expect(bot().button('Create Task')).toBeDefined();
  });

  it('that is not there any more, or that Telegram does not take, leaves its words', async () => {
    await said(ANN.writes('/queue'));
    const open = bot().button('the cat');
    telegram.refuse({ error_code: 400, description: 'Bad Request: IMAGE_PROCESS_FAILED' });
    expect(await said(ANN.presses(open))).toEqual(['the cat\n\n<i>(The picture could not be shown.)</i>']);
    await rows(`UPDATE memory.memory SET media_path = '../../etc/hostname' WHERE media_type = 'image'`);
    const calls = await bot().gets(ANN.presses(open));
    expect(calls.map(({ method }) => method)).not.toContain('sendPhoto');
    expect(calls[0]?.text).toBe('the cat\n\n<i>(The picture is not there any more.)</i>');
  });
});

describe('a person who asks', () => {
  it('what waits hears of what waits for them and for its time, and answers from there', async () => {
    await createEvent(services, '502', { description: 'concert', event_time: '2040-01-05T09:00' });
    await createReminder(services, '502', { text: 'milk', fire_at: '2040-02-03T10:00' });
    expect(await said(BEN.writes('/queue'))).toEqual(['📥 <b>Waiting for you</b>\n• 1 event to be confirmed\n⏳ <b>Waiting for its time</b>\n• 1 reminder, the next Fri 3 Feb 2040, 10:00']);
    expect(await said(BEN.presses(bot().button('📅 concert')))).toEqual(['⏰ <b>concert</b>, Thu 5 Jan 2040, 09:00']);
    expect(await said(BEN.presses(bot().button('Reject')))).toEqual(['Rejected.']);
    expect(await said(BEN.writes('/queue'))).toEqual([expect.stringContaining('<b>Waiting for you</b>\nnothing')]);
  });

  it('how things stand hears what was done and told last, and what is wrong', async () => {
    expect(await said(BEN.writes('/status'))).toEqual([expect.stringMatching(/^🟢 All is well\.\nIt is .* in Europe\/Berlin\.\nNothing was done for you yet\./)]);
    await inTransaction(dataSource, (manager) => queueNotice(manager, { channel: 'telegram', recipient: '502', messageType: 'reminder', content: {}, dedupeKey: 'ben' }));
    await rows(`UPDATE notices.notice SET status = 'undeliverable' WHERE dedupe_key = 'ben'`);
    await rows(`UPDATE memory.reminder SET due_at = now() - interval '2 minutes' WHERE owner_id = '502'`);
    await rows(`INSERT INTO memory.audit (owner_id, entity_type, entity_id, action, actor) VALUES ('502', 'reminder', 'x', 'fired', 'system:scheduler')`);
    const [status] = await said(BEN.writes('/status'));
    expect(status).toMatch(/^🔴 1 reminder is overdue: .*\n🟠 1 message of the last week did not arrive\.\n.*\nLast done for you: reminder fired, .*\nLast told you: .*, and it did not arrive\./);
  });

  it('for another time zone gets it, at once or after being asked which, and hears what is none', async () => {
    expect(await said(BEN.writes('/zone Asia/Tokyo'))).toEqual([expect.stringContaining('Your time zone is <b>Asia/Tokyo</b> now')]);
    expect(await said(BEN.writes('/zone'))).toEqual([expect.stringContaining('Which one is it to be?')]);
    expect(await said(BEN.writes('the moon'))).toEqual([expect.stringContaining('is no time zone')]);
    await said(BEN.writes('America/New_York'));
    expect(await rows(`SELECT time_zone FROM memory.setting WHERE user_id = '502'`)).toEqual([{ time_zone: 'America/New_York' }]);
    await said(BEN.writes('call home 2040-02-03 10:00'));
    await said(BEN.presses(bot().button('Confirm')));
    expect(await rows(`SELECT fire_at FROM memory.reminder r WHERE owner_id = '502' AND memory_id IS NOT NULL`)).toEqual([{ fire_at: new Date('2040-02-03T15:00:00Z') }]);
  });
});

describe('a time that the rules can not read', () => {
  it('is asked of the model when there is one, proposed or taken, and the audit says who read it; a note about nothing of that sort is not shown to it', async () => {
    const asked: string[] = [];
    const model = createServer((request, response) => {
      void json(request).then((body) => {
        asked.push(JSON.stringify(body));
        response.setHeader('content-type', 'application/json').end(JSON.stringify({ choices: [{ message: { content: '{"time": "2030-12-01T09:00", "words": "when Advent begins"}' } }] }));
      });
    }).listen(0, '127.0.0.1');
    await once(model, 'listening');
    const withModel = createMemoryServices({ dataSource, settings: services.settings, model: Object.assign(new MemoryModelSettings(), { memoryLlmBaseUrl: `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`, memoryLlmModel: 'small' }) });
    const cleverly = async (...updates: Parameters<ReturnType<typeof bot>['gets']>): Promise<string[]> => (await botUnderTest(dataSource, telegram, [memorySurface(withModel, undefined)]).gets(...updates)).map(({ text }) => text ?? '').filter((text) => text !== '');
    try {
      expect(await cleverly(ANN.writes('the candles are in the attic'))).toEqual(['📝 Noted.']);
      expect(asked).toEqual([]);
      expect(await cleverly(ANN.writes('remind me to light the candles when Advent begins'))).toEqual(['Shall I remind you of <b>light the candles</b>, Sun 1 Dec 2030, 09:00?']);
      expect(await cleverly(ANN.presses(bot().button('Confirm')))).toEqual(['⏰ I shall remind you, Sun 1 Dec 2030, 09:00.']);
      await cleverly(ANN.writes('bake biscuits'));
      await cleverly(ANN.presses(bot().button('Task')));
      await cleverly(ANN.presses(bot().button('Custom')));
      expect(await cleverly(ANN.writes('when Advent begins'))).toEqual(['✅ It is a task, due Sun 1 Dec 2030, 09:00.']);
      expect(await rows(`SELECT entity_type, detail->'read_by' AS by FROM memory.audit WHERE detail ? 'read_by' ORDER BY id`)).toEqual(['reminder', 'task'].map((entity_type) => ({ entity_type, by: { provider: 'memory', model: 'small', prompt_version: READ_TIME.version } })));
      expect(await cleverly(ANN.writes('/status'))).toEqual([expect.stringContaining('by a language model where the rules do not know')]);
    } finally {
      model.closeAllConnections();
      model.close();
    }
    // Without one it is asked when.
    expect(await said(ANN.writes('remind me to light the candles when Advent begins'))).toEqual(['❓ When shall I remind you of “light the candles when Advent begins”?']);
  });
});

describe('the buttons below a notice', () => {
  const fired = async (text: string): Promise<string> => {
    const { id } = await createReminder(services, '501', { text, fire_at: '2020-01-05T09:00', recurrence_minutes: 60 });
    await rows('UPDATE memory.reminder SET fired = true, fired_at = now() WHERE id = $1', [id]);
    return (await rows<{ token: string }>('SELECT token FROM memory.reminder WHERE id = $1', [id]))[0]?.token ?? '';
  };

  it('snooze it, once however often the press is handled, and only for the person whose it is', async () => {
    const token = await fired('snooze me');
    const press = ANN.presses(`m:${token}:s10`);
    const [answer] = await bot().gets(press);
    expect(answer?.text).toMatch(/^Snoozed until /);
    await bot().gets(BEN.presses(`m:${token}:s10`));
    expect(await rows(`SELECT recurrence FROM memory.reminder WHERE text = 'snooze me' AND NOT fired`)).toEqual([{ recurrence: null }]);
  });

  it('reschedule it: it is armed again', async () => {
    const token = await fired('move me');
    await said(ANN.presses(`m:${token}:when`));
    expect(await said(ANN.writes('2040-05-06 07:00'))).toEqual(['⏰ I shall remind you, Sun 6 May 2040, 07:00.']);
    expect(await rows(`SELECT fired, fire_at FROM memory.reminder WHERE text = 'move me'`)).toEqual([{ fired: false, fire_at: new Date('2040-05-06T05:00:00Z') }]);
  });

  it('end it, and what repeats it', async () => {
    const token = await fired('stop me');
    await said(ANN.presses(`m:${token}:stop`));
    await said(ANN.presses(`m:${token}:done`));
    expect(await rows(`SELECT recurrence, done_at IS NOT NULL AS done FROM memory.reminder WHERE text = 'stop me'`)).toEqual([{ recurrence: null, done: true }]);
  });

  it('confirm an event, which makes its reminder', async () => {
    const { id } = await createEvent(services, '501', { description: 'dentist', event_time: '2040-01-05T09:00', source_type: 'email' });
    const [{ token } = { token: '' }] = await rows<{ token: string }>('SELECT token FROM memory.event WHERE id = $1', [id]);
    const [answer] = await bot().gets(ANN.presses(`m:${token}:yes`));
    expect(answer?.text).toBe('Confirmed. You will be reminded.');
    expect(await rows('SELECT e.status, r.fire_at FROM memory.event e JOIN memory.reminder r ON r.id = e.reminder_id WHERE e.id = $1', [id])).toEqual([{ status: 'confirmed', fire_at: new Date('2040-01-05T07:00:00Z') }]);
  });
});
