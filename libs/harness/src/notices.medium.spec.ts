/** A bell with a database: what steps write is there, with the virtual clock's time, and the notices that they queued are told. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { dailyAt, done, PermanentError, withServices } from '@carillon/engine';
import { databaseNow, managerOf, queueNotice } from '@carillon/persistence';
import { ring } from './index.js';
import type { Bell, Database } from './index.js';

let bell: Bell | undefined;
afterEach(async () => bell?.close());

const { step, pipeline } = withServices<{ database: Database }>();
const announce = step('announce', {
  does: 'tells the day',
  run: async ({ now, run }) =>
    done({
      write: async (transaction) => {
        const day = now.toISOString().slice(0, 10);
        await queueNotice(managerOf(transaction), { channel: 'telegram', recipient: 'channel:news', messageType: 'day', content: { day }, runId: run.id, dedupeKey: `day.${day}` });
      },
    }),
});
const read = step('read', { does: 'asks the database', run: async ({ services }) => done({ output: { at: (await databaseNow(services.database.manager)).toISOString() } }) });
const days = pipeline('days', { does: 'tells each day', trigger: dailyAt('07:00', 'Europe/Berlin'), steps: [read, announce] });
const hung = (): Bell => (bell = ring(days, { tables: {}, services: (database) => ({ database }) }));

describe('a bell with a database', () => {
  it('tells the notices of each day, at that day', async () => {
    const { notices, runs } = await hung().between('2026-03-28', '2026-03-31', 'Europe/Berlin');
    expect(notices.map(({ content, queuedAt }) => [content['day'], queuedAt.toISOString()])).toEqual([['2026-03-28', '2026-03-28T06:00:00.000Z'], ['2026-03-29', '2026-03-29T05:00:00.000Z'], ['2026-03-30', '2026-03-30T05:00:00.000Z']]);
    expect(notices[0]).toMatchObject({ channel: 'telegram', recipient: 'channel:news', messageType: 'day' });
    expect(runs.map(({ outputs }) => outputs['read'])).toEqual(notices.map(({ queuedAt }) => ({ at: queuedAt.toISOString() })));
  });

  it('tells none of what a failed attempt would have written, and none twice', async () => {
    hung().fails(announce, new PermanentError('no')).takes(announce, 60_000);
    expect((await bell?.at('2026-03-28T07:00', 'Europe/Berlin'))?.notices).toEqual([]);
    await bell?.close();
    const { runs, notices } = await hung().takes(announce, 60_000).down('2026-03-28T07:00:30', '2026-03-28T07:10', 'Europe/Berlin').at('2026-03-28T07:00', 'Europe/Berlin');
    expect(runs[0]?.steps.map(({ name, status }) => `${name} ${status}`)).toEqual(['read done', 'announce lost', 'announce done']);
    expect(notices).toHaveLength(1);
  });
});
