/** The acceptance criteria of the requirement and the table of expected behaviour of the specification, each by name, on a virtual clock and a real database. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ANN, memoryUnderTest } from './memory.fixture.js';
import type { MemoryUnderTest } from './memory.fixture.js';
import type { MemorySettings } from './settings.js';
import { expirePendingImages } from './steps/expire-pending-images.js';
import { fireDueReminders } from './steps/fire-due-reminders.js';

let sut: MemoryUnderTest;
const open = async (settings?: Partial<MemorySettings>): Promise<MemoryUnderTest> => {
  sut = await memoryUnderTest(settings);
  await sut.person();
  return sut;
};
afterEach(() => sut.bell.close());

describe('acceptance', () => {
  it('2, 3, 4, 5, 11: a due reminder is fired, marked, told, followed by its next occurrence, and all of it is in the audit log', async () => {
    const { bell, note, reminder, query, audit } = await open();
    const id = await reminder('2026-03-01T10:00:00Z', { memory: await note({ content: 'water the plants' }), text: 'plants!', recurrence: { kind: 'minutes', minutes: 60 } });
    const { runs, notices } = await bell.between('2026-03-01T09:58:50Z', '2026-03-01T10:01:00Z');
    // The engine slept until the very second, though the tick is every 30.
    expect(runs.map(({ requestedAt, reason }) => `${requestedAt.toISOString().slice(11, 19)} ${reason}`)).toEqual(['10:00:00 1 dueThings (threshold 1)']);
    expect(notices.map(({ messageType, recipient, content }) => ({ messageType, recipient, content }))).toMatchObject([
      { messageType: 'reminder', recipient: ANN, content: { reminder_id: id, memory_content: 'water the plants', text: 'plants!', fire_at: '2026-03-01T10:00:00.000Z', late_by: 0, missed: 0, next_at: '2026-03-01T11:00:00.000Z', repeats: 'every 60 minutes' } },
    ]);
    expect(await query('SELECT fired, fire_at, text, recurrence FROM memory.reminder ORDER BY fire_at')).toEqual([
      { fired: true, fire_at: new Date('2026-03-01T10:00:00Z'), text: 'plants!', recurrence: { kind: 'minutes', minutes: 60 } },
      { fired: false, fire_at: new Date('2026-03-01T11:00:00Z'), text: 'plants!', recurrence: { kind: 'minutes', minutes: 60 } },
    ]);
    expect(await audit()).toEqual(['reminder fired', 'reminder created {"source": "recurrence"}']);
    // The message carries what the requirement lists, and the row that it nudges.
    const [message] = await query<{ subject: string; payload: { user_id: string; message_type: string; content: object } }>(`SELECT subject, payload FROM engine.outbox WHERE subject = 'notify.telegram'`);
    expect(message).toMatchObject({ subject: 'notify.telegram', payload: { user_id: ANN, message_type: 'reminder', content: { reminder_id: id, memory_content: 'water the plants', fire_at: '2026-03-01T10:00:00.000Z' }, notice_id: expect.any(String) } });
  });

  it('2: one whose time had passed before anybody looked is fired within the tick', async () => {
    const { bell, reminder } = await open({ memoryTickSeconds: 30 });
    await reminder('2026-03-01T08:00:00Z', { text: 'late' });
    const { runs, notices } = await bell.between('2026-03-01T10:00:00Z', '2026-03-01T10:02:00Z');
    expect(runs.map(({ requestedAt }) => requestedAt.toISOString().slice(11, 19))).toEqual(['10:00:30']);
    expect(notices).toMatchObject([{ content: { late_by: 7_230, missed: 0 } }]);
  });

  it('6: an expired pending image is deleted, row, tags and file', async () => {
    const { bell, note, tag, file, query, audit } = await open();
    const photo = await file('1001/cat.jpg');
    await tag(await note({ status: 'pending', expires: '2026-03-01T10:00:00Z', path: '1001/cat.jpg', content: null }), 'cat', '2026-03-01T09:00:00Z');
    await bell.between('2026-03-01T09:58:00Z', '2026-03-01T10:00:00Z');
    expect(existsSync(photo)).toBe(true);
    await bell.between('2026-03-01T10:00:00Z', '2026-03-01T10:00:30Z');
    expect([await query('SELECT 1 FROM memory.memory'), await query('SELECT 1 FROM memory.tag'), await query('SELECT 1 FROM memory.tombstone'), existsSync(photo)]).toEqual([[], [], [], false]);
    expect(await audit()).toEqual(['memory expired']);
  });

  it('7: a suggested tag goes after seven days to the second, and not before', async () => {
    const { bell, note, tag, query, audit } = await open({ memoryTickSeconds: 600 });
    const milk = await note();
    await tag(milk, 'old', '2026-03-01T10:00:00Z');
    await tag(milk, 'younger', '2026-03-01T11:00:01Z');
    await bell.between('2026-03-08T09:00:00Z', '2026-03-08T10:00:00Z');
    expect(await query('SELECT tag FROM memory.tag ORDER BY tag')).toEqual([{ tag: 'old' }, { tag: 'younger' }]);
    await bell.between('2026-03-08T10:00:00Z', '2026-03-08T11:00:00Z');
    expect(await query('SELECT tag FROM memory.tag')).toEqual([{ tag: 'younger' }]);
    expect(await audit()).toEqual(['memory expired {"tag": "old", "reason": "suggested_tag_expiry"}']);
  });

  it('8: a pending event is asked for again after a day, and pending_since begins anew', async () => {
    const { bell, event, query, audit } = await open({ memoryTickSeconds: 600 });
    const id = await event('2026-03-01T10:00:00Z', '2026-03-02T10:00:00Z');
    const { notices } = await bell.between('2026-03-02T09:00:00Z', '2026-03-02T11:00:00Z');
    expect(notices).toMatchObject([{ messageType: 'event_reprompt', content: { event_id: id, description: 'dentist', event_date: '2026-06-01T08:00:00.000Z', asked: 1, last: false } }]);
    expect(await query('SELECT pending_since, ask_at FROM memory.event')).toEqual([{ pending_since: new Date('2026-03-02T10:00:00Z'), ask_at: new Date('2026-03-04T10:00:00Z') }]);
    expect(await audit()).toEqual(['event requeued {"last": false, "asked": 1}']);
  });

  it('9: an action that throws keeps none of the others from running', async () => {
    const { bell, reminder, note, tag, event, query } = await open();
    await reminder('2026-03-01T10:00:00Z');
    await tag(await note(), 'old', '2026-02-01T10:00:00Z');
    await event('2026-02-01T10:00:00Z', '2026-02-02T10:00:00Z');
    const { runs } = await bell.fails(fireDueReminders, new Error('no bell'), { times: 1 }).fails(expirePendingImages, new Error('no disk'), { times: 1 }).between('2026-03-01T09:59:30Z', '2026-03-01T10:00:31Z');
    expect(runs[0]?.steps.map(({ name, status }) => `${name} ${status}`)).toEqual(['fireDueReminders failed', 'expirePendingImages failed', 'expireSuggestedTags done', 'repromptEvents done', 'removeFiles done']);
    expect(await query('SELECT 1 FROM memory.tag')).toEqual([]);
    // The reminder is not lost: the next look fires it, a second later and not after the next tick.
    await bell.between('2026-03-01T10:00:31Z', '2026-03-01T10:00:33Z');
    expect(await query('SELECT fired FROM memory.reminder')).toEqual([{ fired: true }]);
  });
});

describe('what is wanted where the original had a defect', () => {
  it('S1: a pending image that a reminder refers to stays and is reported; the others go, and no file goes before its row', async () => {
    const { bell, note, file, reminder, query, audit } = await open();
    const [kept, gone] = [await file('1001/kept.jpg'), await file('1001/gone.jpg')];
    const id = await note({ status: 'pending', expires: '2026-03-01T10:00:00Z', path: '1001/kept.jpg' });
    await reminder('2027-01-01T00:00:00Z', { memory: id });
    await note({ status: 'pending', expires: '2026-03-01T10:00:00Z', path: '1001/gone.jpg' });
    const { runs } = await bell.between('2026-03-01T09:58:00Z', '2026-03-01T10:05:00Z');
    expect(runs.map(({ status, errors }) => [status, errors])).toEqual([['partial', [`expirePendingImages: image ${id} can not expire: a reminder refers to it: confirm it, or delete the reminder`]]]);
    expect([existsSync(kept), existsSync(gone), await query('SELECT id FROM memory.memory')]).toEqual([true, false, [{ id }]]);
    expect(await audit()).toContain('memory failed {"wanted": "expired", "kept_by": "reminder"}');
    // The next reminder does not wait behind the run that was not whole.
    await reminder('2026-03-01T10:05:10Z');
    const { notices } = await bell.between('2026-03-01T10:05:00Z', '2026-03-01T10:05:40Z');
    expect(notices.map(({ queuedAt }) => queuedAt.toISOString().slice(11, 19))).toEqual(['10:05:10']);
  });

  it('S2: the offset that a time was sent with changes nothing', async () => {
    const { bell, reminder } = await open({ memoryTickSeconds: 600 });
    await reminder('2026-03-01T04:00:00-08:00', { text: 'twelve' });
    await reminder('2026-03-01T18:00:00+08:00', { text: 'ten' });
    const { notices } = await bell.between('2026-03-01T09:00:00Z', '2026-03-01T13:00:00Z');
    expect(notices.map(({ content, queuedAt }) => `${content['text']} ${queuedAt.toISOString().slice(11, 16)}`)).toEqual(['ten 10:00', 'twelve 12:00']);
  });

  it('S3, S10: what repeats stays at its local time when clocks change, and ends with its count', async () => {
    const { bell, reminder, query } = await open({ memoryTickSeconds: 3_600 });
    await reminder('2026-03-28T09:00:00+01:00', { recurrence: { kind: 'rule', rule: 'FREQ=DAILY;COUNT=3', start: '2026-03-28T09:00:00', timeZone: 'Europe/Berlin' } });
    const { notices } = await bell.between('2026-03-27T00:00:00Z', '2026-04-02T00:00:00Z');
    expect(notices.map(({ queuedAt }) => queuedAt.toISOString().slice(5, 16))).toEqual(['03-28T08:00', '03-29T07:00', '03-30T07:00']);
    expect(await query('SELECT 1 FROM memory.reminder WHERE NOT fired')).toEqual([]);
  });

  it('S4, the outage story: hourly, down for ten and a half hours: one notice for the eleven that were missed, the next one on time', async () => {
    const { bell, reminder, audit } = await open({ memoryTickSeconds: 600 });
    await reminder('2026-03-01T01:00:00Z', { recurrence: { kind: 'minutes', minutes: 60 } });
    const { notices } = await bell.down('2026-03-01T00:45:00Z', '2026-03-01T11:15:00Z').between('2026-03-01T00:00:00Z', '2026-03-01T13:00:00Z');
    expect(notices.map(({ queuedAt, content }) => [queuedAt.toISOString().slice(11, 16), content['fire_at'], content['missed'], content['late_by']])).toEqual([
      ['11:15', '2026-03-01T11:00:00.000Z', 11, expect.any(Number)], ['12:00', '2026-03-01T12:00:00.000Z', 0, 0],
    ]);
    expect((await audit())[0]).toBe('reminder fired {"missed": 11}');
  });

  it('S4: policy all tells each of them, oldest first; policy skip none that is too late', async () => {
    const { bell, reminder, audit } = await open({ memoryTickSeconds: 600 });
    await reminder('2026-03-01T01:00:00Z', { text: 'all', recurrence: { kind: 'minutes', minutes: 60 }, policy: 'all' });
    await reminder('2026-03-01T01:00:00Z', { text: 'skip', recurrence: { kind: 'minutes', minutes: 60 }, policy: 'skip' });
    const { notices } = await bell.down('2026-03-01T00:45:00Z', '2026-03-01T04:30:00Z').between('2026-03-01T00:00:00Z', '2026-03-01T05:30:00Z');
    expect(notices.filter(({ content }) => content['text'] === 'all').map(({ content }) => String(content['fire_at']).slice(11, 16))).toEqual(['01:00', '02:00', '03:00', '04:00', '05:00']);
    expect(notices.filter(({ content }) => content['text'] === 'skip').map(({ content }) => String(content['fire_at']).slice(11, 16))).toEqual(['05:00']);
    expect(await audit()).toContain('reminder skipped {"missed": 4}');
  });

  it('S5: one that can not be fired is set aside with its reason, and the others ring in the same second', async () => {
    const { bell, reminder, query } = await open();
    const broken = await reminder('2026-03-01T10:00:00Z', { recurrence: { kind: 'rule', rule: 'FREQ=NEVER', start: '2026-03-01T10:00:00', timeZone: 'UTC' } });
    for (const text of ['one', 'two', 'three']) await reminder('2026-03-01T10:00:00Z', { text });
    const { runs, notices } = await bell.between('2026-03-01T09:58:30Z', '2026-03-01T10:00:10Z');
    expect(notices.map(({ content, queuedAt }) => `${content['text']} ${queuedAt.toISOString().slice(17, 19)}`).sort()).toEqual(['one 00', 'three 00', 'two 00']);
    expect(runs[0]).toMatchObject({ status: 'partial', errors: [expect.stringContaining(`reminder ${broken}`)] });
    expect(await query('SELECT fired, due_at, failures, last_error FROM memory.reminder WHERE id = $1', [broken])).toMatchObject([{ fired: false, due_at: new Date('2026-03-01T10:01:00Z'), failures: 1, last_error: expect.stringContaining('FREQ is one of') }]);
  });

  it('S6: cut short anywhere between telling and marking, a reminder is neither told nor marked, and told once afterwards', async () => {
    const { bell, reminder, query } = await open();
    const id = await reminder('2026-03-01T10:00:00Z', { recurrence: { kind: 'minutes', minutes: 60 } });
    const told = `SELECT (SELECT count(*)::int FROM notices.notice) AS notices, (SELECT count(*)::int FROM engine.outbox WHERE subject LIKE 'notify.%') AS messages, (SELECT count(*)::int FROM memory.reminder WHERE fired) AS fired, (SELECT count(*)::int FROM memory.reminder) AS reminders`;
    // Refused when it is committed: by then everything was written, the notice, its message, the mark and what follows.
    await query(`CREATE FUNCTION memory.cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'cut short'; END $$`);
    await query('CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON notices.notice DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION memory.cut()');
    await bell.between('2026-03-01T09:58:30Z', '2026-03-01T10:00:10Z');
    expect(await query(told)).toEqual([{ notices: 0, messages: 0, fired: 0, reminders: 1 }]);
    expect(await query('SELECT failures, last_error FROM memory.reminder')).toEqual([{ failures: 1, last_error: 'cut short' }]);
    await query('DROP TRIGGER cut ON notices.notice');
    const { notices } = await bell.between('2026-03-01T10:00:10Z', '2026-03-01T10:05:00Z');
    expect(notices.map(({ content }) => [content['reminder_id'], content['fire_at'], content['missed']])).toEqual([[id, '2026-03-01T10:00:00.000Z', 0]]);
    expect(await query(told)).toEqual([{ notices: 1, messages: 1, fired: 1, reminders: 2 }]);
  });

  it('S7: an event that nobody answers is asked for after 24, 48 and 96 hours, and then not any more', async () => {
    const { bell, event } = await open({ memoryTickSeconds: 3_600 });
    await event('2026-03-01T10:00:00Z', '2026-03-02T10:00:00Z');
    const { notices } = await bell.between('2026-03-01T12:00:00Z', '2026-04-01T00:00:00Z');
    expect(notices.map(({ queuedAt, content }) => [queuedAt.toISOString().slice(5, 13), content['asked'], content['last']])).toEqual([['03-02T10', 1, false], ['03-04T10', 2, false], ['03-08T10', 3, true]]);
  });

  it('S7: in quiet hours it is filed, and not sent before they are over', async () => {
    const { bell, person, reminder, query } = await open();
    await person('2002', { timeZone: 'Europe/Berlin', quietFrom: '22:00', quietTo: '07:00' });
    await reminder('2026-03-01T22:30:00Z', { owner: '2002', text: 'night' });
    await bell.between('2026-03-01T22:00:00Z', '2026-03-01T23:00:00Z');
    expect(await query(`SELECT n.due_at, n.content->>'late_by' AS late, o.available_at FROM notices.notice n JOIN engine.outbox o ON o.payload->>'notice_id' = n.id::text`)).toEqual([
      { due_at: new Date('2026-03-02T06:00:00Z'), late: String(7.5 * 3_600), available_at: new Date('2026-03-02T06:00:00Z') },
    ]);
  });

  it('S8: the notice has the words of the reminder and those of the memory, and bears that there are none', async () => {
    const { bell, note, reminder } = await open();
    await reminder('2026-03-01T10:00:00Z', { memory: await note({ content: null }) });
    await reminder('2026-03-01T10:00:00Z', { text: 'own words' });
    const { notices } = await bell.between('2026-03-01T09:58:00Z', '2026-03-01T10:01:00Z');
    expect(notices.map(({ content }) => [content['text'], content['memory_content']])).toEqual(expect.arrayContaining([[null, null], ['own words', null]]));
  });

  it('S13: the audit log is kept for so long and no longer', async () => {
    const { bell, query } = await open({ memoryAuditDays: 30 });
    await query(`INSERT INTO memory.audit (owner_id, entity_type, entity_id, action, actor, created_at) VALUES ('1001', 'memory', 'x', 'created', 'user:1001', '2026-01-01T00:00Z'), ('1001', 'memory', 'y', 'created', 'user:1001', '2026-02-28T00:00Z')`);
    await bell.between('2026-03-01T00:00:00Z', '2026-03-01T00:00:01Z');
    await bell.run();
    expect(await query('SELECT entity_id FROM memory.audit')).toEqual([{ entity_id: 'y' }]);
  });

  it('a path or a link that leads out of the media root is left alone and reported, and the other files go', async () => {
    const { bell, media, note, file, query } = await open();
    const outside = join(dirname(media), 'outside.txt');
    await writeFile(outside, 'not ours');
    await symlink(dirname(media), join(media, 'link'));
    const photo = await file('1001/fine.jpg');
    for (const path of ['../outside.txt', 'link/outside.txt', '1001/fine.jpg', '1001/gone-already.jpg']) await note({ status: 'pending', expires: '2026-03-01T10:00:00Z', path });
    const { runs } = await bell.between('2026-03-01T09:58:00Z', '2026-03-01T10:00:10Z');
    expect([existsSync(outside), existsSync(photo)]).toEqual([true, false]);
    expect(runs[0]).toMatchObject({ status: 'partial', errors: [expect.stringContaining('out of the media root'), expect.stringContaining('out of the media root')], counts: { filesRemoved: 2, filesKept: 2 } });
    expect(await query('SELECT tries, error FROM memory.tombstone')).toMatchObject([{ tries: 1 }, { tries: 1 }]);
  });
});
