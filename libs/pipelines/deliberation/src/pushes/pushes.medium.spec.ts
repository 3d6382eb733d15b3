import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { hours, minutes } from '@carillon/engine';
import { testDatabase } from '@carillon/testing';
import type { TestDatabase } from '@carillon/testing';
import type { BatchUnderTest } from '../batch.fixture.js';
import { batchUnderTest, concerns } from '../batch.fixture.js';
import type { Locale } from '../entities-intake.js';
import { currentCycle } from '../read/cycles.js';
import { castVote } from '../store/votes.js';
import { countOwed } from './owed.js';
import { linkChat, seen, tell, told } from './pushes.fixture.js';

let database: TestDatabase;
let batch: BatchUnderTest;
const people: Record<string, string> = {};

/** Three people with a linked chat: ann submitted what goes on the ballot, ben will vote, cyd can not vote yet. */
beforeAll(async () => {
  database = await testDatabase();
  batch = await batchUnderTest({ url: database.url });
  for (const [chatId, [name, locale, contributions]] of [['ann', 'en', 1], ['ben', 'fa', 1], ['cyd', 'en', 0]].entries() as IterableIterator<[number, [string, Locale, number]]>) {
    people[name] = await batch.account(name, { contributions });
    await linkChat(batch, people[name], { chatId: 500 + chatId, locale });
  }
});
afterAll(async () => {
  await batch.close();
  await database.drop();
});

it('nobody is told of what nobody does', async () => {
  expect(await countOwed(batch.dataSource.manager, batch.settings)).toBe(0);
  expect(await tell(batch)).toEqual({ noticesQueued: 0 });
});

it('people are told that a ballot opened, and whose concern went on it; each once', async () => {
  await batch.submit([...concerns(0, 6), ...concerns(0, 1, { author: 'ann' }), ...concerns(1, 6)]);
  await batch.run();
  expect(await countOwed(batch.dataSource.manager, batch.settings)).toBe(1);
  expect(await tell(batch)).toMatchObject({ toldOpened: 3, toldJoined: 1 });
  expect(await tell(batch)).toEqual({ noticesQueued: 0 });
  const notices = await told(batch, people);
  expect(notices.filter(({ type }) => type === 'concern_joined')).toMatchObject([{ who: 'ann', text: expect.stringMatching(/^Your concern joined “.+”, with 6 others\.$/) }]);
  const opened = new Map(notices.filter(({ type }) => type === 'ballot_opened_to_you').map((one) => [one.who, one]));
  expect(opened.get('ann')?.text).toMatch(/^<b>A ballot is open<\/b> until .* UTC, on 2 topics\.\n\nYour concern went to vote:\n• .+$/);
  expect(seen(opened.get('ben')?.text ?? '')).toMatch(/^<b>رأی‌گیری باز است<\/b>، تا .*، دربارهٔ ۲ موضوع\.$/);
  expect(opened.get('ben')?.buttons).toEqual([[{ text: 'رأی دادن', token: expect.stringMatching(/^[\w-]{22}$/) }]]);
});

it('a day before the end those who may vote and have not are reminded, once', async () => {
  const cycle = await currentCycle(batch.dataSource);
  const selections = (cycle?.items ?? []).slice(0, 1).map(({ clusterId, options }) => ({ cluster_id: clusterId, option_id: options[0]?.id ?? '' }));
  await castVote(batch.dataSource, { accountId: people['ben'] ?? '', cycleId: cycle?.id ?? '', selections }, { minAccountAgeHours: 48, requireContribution: true, maxVotes: 2 });
  await batch.advance(hours(23));
  expect(await tell(batch)).toEqual({ noticesQueued: 0 });
  await batch.advance(hours(1) + minutes(1));
  expect(await tell(batch)).toEqual({ noticesQueued: 1, reminded: 1 });
  expect(await tell(batch)).toEqual({ noticesQueued: 0 });
  expect((await told(batch, people)).filter(({ type }) => type === 'ballot_reminder')).toMatchObject([{ who: 'ann', text: expect.stringContaining('you have not voted yet'), buttons: [[{ text: 'Vote' }]] }]);
});

it('when it is counted all are told, once', async () => {
  await batch.advance(hours(25));
  await batch.run();
  expect(await tell(batch)).toMatchObject({ toldResults: 3 });
  expect(await tell(batch)).toEqual({ noticesQueued: 0 });
  expect((await told(batch, people)).filter(({ type }) => type === 'ballot_results_to_you').map(({ text }) => text)[0]).toContain('closed and counted');
});
