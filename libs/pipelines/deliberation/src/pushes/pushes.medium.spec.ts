import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { hours, minutes } from '@carillon/engine';
import type { StepContext, StepOutcome } from '@carillon/engine';
import { chatIdentity, databaseNow, newId } from '@carillon/persistence';
import { testDatabase } from '@carillon/testing';
import type { TestDatabase } from '@carillon/testing';
import { render } from '@carillon/texts';
import type { BatchUnderTest } from '../batch.fixture.js';
import { batchUnderTest, concerns } from '../batch.fixture.js';
import { currentCycle } from '../read/cycles.js';
import type { DeliberationServices } from '../services.js';
import { castVote } from '../store/votes.js';
import { deliberationNotices } from '../texts/notices.js';
import { countOwed } from './owed.js';
import { tellPeople } from './tell-people.js';

let database: TestDatabase;
let batch: BatchUnderTest;
const people: Record<string, string> = {};
const seen = (text: string): string => text.replaceAll(/[\u200F\u2068\u2069]/g, '');

/** Three people with a linked chat: ann submitted what goes on the ballot, ben will vote, cyd can not vote yet. */
beforeAll(async () => {
  database = await testDatabase();
  batch = await batchUnderTest({ url: database.url });
  for (const [chatId, [name, locale, contributions]] of [['ann', 'en', 1], ['ben', 'fa', 1], ['cyd', 'en', 0]].entries() as IterableIterator<[number, [string, string, number]]>) {
    people[name] = await batch.account(name, { contributions });
    const { ref } = await chatIdentity(batch.dataSource, 500 + chatId, locale);
    await batch.query('UPDATE deliberation.account SET chat_ref = $2, locale = $3 WHERE id = $1', [people[name], ref, locale]);
  }
}, 30_000);
afterAll(async () => {
  await batch.close();
  await database.drop();
});

async function tell(): Promise<Record<string, number>> {
  const { services } = batch;
  const context = { services, run: { id: newId() }, now: await databaseNow(batch.dataSource.manager), signal: new AbortController().signal, progress: () => undefined } as unknown as StepContext<DeliberationServices>;
  const outcome = (await (tellPeople.run as (given: unknown) => Promise<StepOutcome>)(context)) as Extract<StepOutcome, { kind: 'done' }>;
  return (outcome.counts ?? {}) as Record<string, number>;
}
const notices = async () => {
  const rows = await batch.query<{ recipient: string; type: string; content: Record<string, unknown> }>(`SELECT recipient, message_type AS type, content FROM notices.notice WHERE recipient LIKE 'account:%' ORDER BY id`);
  return rows.map(({ recipient, type, content }) => ({ who: Object.entries(people).find(([, id]) => recipient === `account:${id}`)?.[0], type, ...render(deliberationNotices, type, content) }));
};

it('nobody is told of what nobody does', async () => {
  expect(await countOwed(batch.dataSource.manager, batch.settings)).toBe(0);
  expect(await tell()).toEqual({ noticesQueued: 0 });
});

it('people are told that a ballot opened, and whose concern went on it; each once', async () => {
  await batch.submit([...concerns(0, 6), ...concerns(0, 1, { author: 'ann' }), ...concerns(1, 6)]);
  await batch.run();
  expect(await countOwed(batch.dataSource.manager, batch.settings)).toBe(1);
  expect(await tell()).toMatchObject({ toldOpened: 3, toldJoined: 1 });
  expect(await tell()).toEqual({ noticesQueued: 0 });
  const told = await notices();
  expect(told.filter(({ type }) => type === 'concern_joined')).toMatchObject([{ who: 'ann', text: expect.stringMatching(/^Your concern joined “.+”, with 6 others\.$/) }]);
  const opened = new Map(told.filter(({ type }) => type === 'ballot_opened_to_you').map((one) => [one.who, one]));
  expect(opened.get('ann')?.text).toMatch(/^<b>A ballot is open<\/b> until .* UTC, on 2 topics\.\n\nYour concern went to vote:\n• .+$/);
  expect(seen(opened.get('ben')?.text ?? '')).toMatch(/^<b>رأی‌گیری باز است<\/b>، تا .*، دربارهٔ ۲ موضوع\.$/);
  expect(opened.get('ben')?.buttons).toEqual([[{ text: 'رأی دادن', token: expect.stringMatching(/^[\w-]{22}$/) }]]);
});

it('a day before the end those who may vote and have not are reminded, once', async () => {
  const cycle = await currentCycle(batch.dataSource);
  const selections = (cycle?.items ?? []).slice(0, 1).map(({ clusterId, options }) => ({ cluster_id: clusterId, option_id: options[0]?.id ?? '' }));
  await castVote(batch.dataSource, { accountId: people['ben'] ?? '', cycleId: cycle?.id ?? '', selections }, { minAccountAgeHours: 48, requireContribution: true, maxVotes: 2 });
  await batch.advance(hours(23));
  expect(await tell()).toEqual({ noticesQueued: 0 });
  await batch.advance(hours(1) + minutes(1));
  expect(await tell()).toEqual({ noticesQueued: 1, reminded: 1 });
  expect(await tell()).toEqual({ noticesQueued: 0 });
  expect((await notices()).filter(({ type }) => type === 'ballot_reminder')).toMatchObject([{ who: 'ann', text: expect.stringContaining('you have not voted yet'), buttons: [[{ text: 'Vote' }]] }]);
});

it('when it is counted all are told, once', async () => {
  await batch.advance(hours(25));
  await batch.run();
  expect(await tell()).toMatchObject({ toldResults: 3 });
  expect(await tell()).toEqual({ noticesQueued: 0 });
  expect((await notices()).filter(({ type }) => type === 'ballot_results_to_you').map(({ text }) => text)[0]).toContain('closed and counted');
});
