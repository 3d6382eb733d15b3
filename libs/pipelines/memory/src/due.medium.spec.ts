/** The narrow table of what is due: in step with the reminders whoever writes them, and what the step takes from. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { createDataSource, inTransaction } from '@carillon/persistence';
import { changeReminder, createReminder, deleteReminder, pressReminder, reminderOfToken } from './intake/reminders.js';
import { ANN, memoryUnderTest } from './memory.fixture.js';
import type { MemoryUnderTest } from './memory.fixture.js';
import { Due1769400000000 } from './migrations/1769400000000-due.js';
import { FoundByOwner1769500000000 } from './migrations/1769500000000-found-by-owner.js';
import { createMemoryServices } from './services.js';
import type { MemoryServices } from './services.js';
import { MemorySettings } from './settings.js';
import { claimDueReminders } from './store/due-reminders.js';

let sut: MemoryUnderTest;
let services: MemoryServices;
const open = async (): Promise<MemoryUnderTest> => {
  sut = await memoryUnderTest();
  services = createMemoryServices({ dataSource: await sut.bell.database(), settings: new MemorySettings() });
  await sut.person();
  return sut;
};
afterEach(() => sut.bell.close());

const due = (): Promise<unknown[]> => sut.query('SELECT reminder_id AS id, due_at AS at FROM memory.due ORDER BY due_at, reminder_id');
/** What has not fired, by the reminders themselves. */
const unfired = (): Promise<unknown[]> => sut.query('SELECT id, due_at AS at FROM memory.reminder WHERE NOT fired ORDER BY due_at, id');
const tokenIn = (content: Record<string, unknown> | undefined): string => String(content?.['token']);

describe('what is due', () => {
  it('is every reminder that has not fired, at its time, whoever set, moved, fired, armed again or deleted it', async () => {
    const { bell, reminder, query } = await open();
    const { id: once } = await createReminder(services, ANN, { text: 'once', fire_at: '2026-03-01T10:00:00Z' });
    const { id: hourly } = await createReminder(services, ANN, { text: 'hourly', fire_at: '2026-03-01T10:00:00Z', recurrence_minutes: 60 });
    const { id: moved } = await createReminder(services, ANN, { text: 'moved', fire_at: '2026-03-01T10:00:00Z' });
    await changeReminder(services, ANN, moved, { fire_at: '2026-03-02T10:00:00Z' });
    const broken = await reminder('2026-03-01T10:00:00Z', { recurrence: { kind: 'rule', rule: 'FREQ=NEVER', start: '2026-03-01T10:00:00', timeZone: 'UTC' } });
    expect(await due()).toEqual(await unfired());
    expect(await due()).toHaveLength(4);
    await bell.between('2026-03-01T09:59:00Z', '2026-03-01T10:00:10Z');
    expect(await due()).toEqual(await unfired());
    // The hourly one goes on, the broken one is set aside for a minute, the moved one waits.
    expect(await due()).toEqual([{ id: broken, at: new Date('2026-03-01T10:01:00Z') }, { id: expect.any(String), at: new Date('2026-03-01T11:00:00Z') }, { id: moved, at: new Date('2026-03-02T10:00:00Z') }]);
    await changeReminder(services, ANN, once, { fire_at: '2026-03-03T10:00:00Z' });
    await deleteReminder(services, ANN, moved);
    await pressReminder(services, ANN, hourly, 'stop', 'a press');
    expect(await due()).toEqual(await unfired());
    expect(await due()).toEqual([{ id: broken, at: new Date('2026-03-01T10:01:00Z') }, { id: once, at: new Date('2026-03-03T10:00:00Z') }]);
    // By hand, in a statement for many.
    await query(`UPDATE memory.reminder SET fired = true, fired_at = engine.clock() WHERE NOT fired`);
    expect(await due()).toEqual([]);
    await query(`UPDATE memory.reminder SET fired = false, fired_at = NULL`);
    expect(await due()).toEqual(await unfired());
    await query('DELETE FROM memory.reminder');
    expect(await due()).toEqual([]);
  });

  it('is found of reminders that were stored before there was such a table, and rings once', async () => {
    const { bell, reminder, query } = await open();
    const migrations = [new Due1769400000000(), new FoundByOwner1769500000000()];
    const runner = (await bell.database()).createQueryRunner();
    try {
      for (const migration of migrations.toReversed()) await migration.down(runner);
      const waiting = [await reminder('2026-03-01T10:00:00Z', { text: 'stored before' }), await reminder('2026-03-01T10:00:00Z', { text: 'stored before, hourly', recurrence: { kind: 'minutes', minutes: 60 } })];
      const fired = await reminder('2026-03-01T09:00:00Z', { text: 'fired before' });
      await query(`UPDATE memory.reminder SET fired = true, fired_at = fire_at, token = 'abcdefghijklmnopqrstuv' WHERE id = $1`, [fired]);
      for (const migration of migrations) await migration.up(runner);
      expect(await query('SELECT reminder_id AS id FROM memory.due ORDER BY id')).toEqual([...waiting].sort().map((id) => ({ id })));
      // Its buttons carry what they carried when it was told.
      expect(await reminderOfToken(services, ANN, 'abcdefghijklmnopqrstuv')).toBe(fired);
    } finally {
      await runner.release();
    }
    const { notices } = await bell.between('2026-03-01T09:59:00Z', '2026-03-01T10:30:00Z');
    expect(notices.map(({ content }) => content['text']).sort()).toEqual(['stored before', 'stored before, hourly']);
  });

  it('is about a memory of the same person or none, whoever writes it', async () => {
    const { person, note, reminder, query } = await open();
    const [hers, his] = [await note(), await note({ owner: await person('4812') })];
    const id = await reminder('2026-03-01T10:00:00Z', { memory: hers });
    await expect(query('UPDATE memory.reminder SET memory_id = $2 WHERE id = $1', [id, his])).rejects.toThrow('reminder_memory_of_owner');
  });

  it('is left alone while a person moves it, and nobody waits for anybody', async () => {
    const { reminder, query } = await open();
    const [held, free] = [await reminder('2026-03-01T10:00:00Z'), await reminder('2026-03-01T10:00:01Z')];
    const { dataSource } = services;
    const now = new Date('2026-03-01T10:00:02Z');
    await inTransaction(dataSource, async (person) => {
      await person.query('SELECT 1 FROM memory.reminder WHERE id = $1 FOR NO KEY UPDATE', [held]);
      const claimed = await inTransaction(dataSource, async (step) => (await claimDueReminders(step, now, 10)).map(({ id }) => id));
      expect(claimed).toEqual([free]);
      await person.query(`UPDATE memory.reminder SET fire_at = '2026-03-02T10:00:00Z', due_at = '2026-03-02T10:00:00Z' WHERE id = $1`, [held]);
    });
    expect(await inTransaction(dataSource, async (step) => (await claimDueReminders(step, now, 10)).map(({ id }) => id))).toEqual([free]);
    expect(await query('SELECT due_at AS at FROM memory.due WHERE reminder_id = $1', [held])).toEqual([{ at: new Date('2026-03-02T10:00:00Z') }]);
  });

  it('is taken in the order of its time', async () => {
    const { reminder } = await open();
    const seconds = [7, 3, 9, 1, 5, 0, 8, 2, 6, 4];
    for (const second of seconds) await reminder(`2026-03-01T10:00:0${second}Z`);
    const claimed = await inTransaction(services.dataSource, (manager) => claimDueReminders(manager, new Date('2026-03-01T10:01:00Z'), 10));
    expect(claimed.map(({ fireAt }) => fireAt.getUTCSeconds())).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('is taken by one of many that take at the same time', async () => {
    const { reminder } = await open();
    for (let n = 0; n < 30; n += 1) await reminder('2026-03-01T10:00:00Z');
    const { dataSource } = services;
    const other = await createDataSource({ url: (dataSource.options as { url: string }).url, service: 'spec', poolSize: 2 });
    try {
      const taken = await inTransaction(dataSource, async (one) => {
        const first = await claimDueReminders(one, new Date('2026-03-01T10:00:02Z'), 20);
        const second = await inTransaction(other, (two) => claimDueReminders(two, new Date('2026-03-01T10:00:02Z'), 20));
        return [first.length, second.length, new Set([...first, ...second].map(({ id }) => id)).size];
      });
      expect(taken).toEqual([20, 10, 30]);
    } finally {
      await other.destroy();
    }
  });
});

describe('firing', () => {
  it('changes nothing that an index of the reminders holds, which would make each firing several times as dear', async () => {
    const { query } = await open();
    const indexes = await query<{ definition: string }>(`SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_index WHERE indrelid = 'memory.reminder'::regclass`);
    expect(indexes.length).toBeGreaterThan(0);
    // The token is made with the row, and replaced only when a reminder rings again.
    expect(indexes.filter(({ definition }) => /\b(fired|fired_at|missed|failures|last_error|due_at|updated_at)\b/.test(definition))).toEqual([]);
  });

  it('gives buttons that belong to the last notice, until it rings again', async () => {
    const { bell, reminder } = await open();
    const id = await reminder('2026-03-01T10:00:00Z', { text: 'press me' });
    const first = await bell.between('2026-03-01T09:59:00Z', '2026-03-01T10:00:10Z');
    const token = tokenIn(first.notices[0]?.content);
    expect(token).toMatch(/^[\w-]{22}$/);
    expect(await reminderOfToken(services, ANN, token)).toBe(id);
    await sut.person('2002');
    expect(await reminderOfToken(services, '2002', token)).toBeUndefined();
    await changeReminder(services, ANN, id, { fire_at: '2026-03-01T11:00:00Z' });
    expect(await reminderOfToken(services, ANN, token)).toBe(id);
    const second = await bell.between('2026-03-01T10:00:10Z', '2026-03-01T11:00:10Z');
    expect(await reminderOfToken(services, ANN, token)).toBeUndefined();
    expect(await reminderOfToken(services, ANN, tokenIn(second.notices.at(-1)?.content))).toBe(id);
  });
});
