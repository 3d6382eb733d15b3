import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestDatabase } from '@carillon/testing';
import { testDatabase } from '@carillon/testing';
import { hours } from '@carillon/engine';
import { newId } from '@carillon/persistence';
import type { BatchUnderTest } from './batch.fixture.js';
import { batchUnderTest, concerns } from './batch.fixture.js';
import type { CycleListing } from './read/cycles.js';
import { currentCycle, pastCycles } from './read/cycles.js';
import { listClusters } from './read/list-clusters.js';
import { runSummary } from './read/run-summary.js';
import type { CastResult } from './store/votes.js';
import { castVote } from './store/votes.js';

let database: TestDatabase;
let batch: BatchUnderTest;

beforeEach(async () => {
  database = await testDatabase();
  batch = await batchUnderTest({ url: database.url });
});

afterEach(async () => {
  await batch.close();
  await database.drop();
});

/** Two concerns with 6 and 7 supporters on the ballot. */
async function openBallot(): Promise<CycleListing> {
  await batch.submit([...concerns(0, 6), ...concerns(1, 7)]);
  await batch.run();
  const cycle = await currentCycle(batch.dataSource);
  if (!cycle) throw new Error('no cycle was opened');
  return cycle;
}

const rules = { minAccountAgeHours: 48, requireContribution: true, maxVotes: 2 };
/** Votes for the option at a position of each item; 0 skips the item. */
async function vote(accountId: string, cycle: CycleListing, ...positions: number[]): Promise<CastResult> {
  const selections = cycle.items.flatMap(({ clusterId, options }, index) => {
    const option = options.find(({ position }) => position === positions[index]);
    return option ? [{ cluster_id: clusterId, option_id: option.id }] : [];
  });
  return castVote(batch.dataSource, { accountId, cycleId: cycle.id, selections }, rules);
}
const notices = () => batch.query<{ type: string; recipient: string; content: Record<string, unknown> }>('SELECT message_type AS type, recipient, content FROM notices.notice ORDER BY id');

describe('opening a ballot', () => {
  it('takes every concern with enough people behind it, most supported first, and tells the public channel once', async () => {
    const cycle = await openBallot();
    expect(cycle.items.map(({ title }) => title.en)).toEqual([expect.stringMatching(/school|lunch/i), expect.stringMatching(/parking|downtown/i)]);
    expect(cycle.items[0]?.options.map(({ position, label }) => [position, label.fa !== undefined])).toEqual([[1, true], [2, true]]);
    expect(cycle.endsAt.getTime() - cycle.startedAt.getTime()).toBe(hours(48));
    expect(cycle.results).toBeNull();
    const titles = cycle.items.map(({ title }) => title.en);
    expect(await notices()).toMatchObject([{ type: 'ballot_opened', recipient: 'channel:deliberation', content: { cycle_id: cycle.id, size: 2, topics: titles, topics_fa: titles, carried_over: 0 } }]);
  });

  it('one person with many submissions is one supporter (defect 17)', async () => {
    await batch.submit([...concerns(0, 9, { author: 'loud' }), ...concerns(1, 5)]);
    const run = await batch.run();
    expect(run.counts).toMatchObject({ agendaSize: 1, ballotSize: 1 });
    expect((await listClusters(batch.dataSource)).map(({ size, supporters, onBallot }) => ({ size, supporters, onBallot }))).toEqual([
      { size: 5, supporters: 5, onBallot: true },
      { size: 9, supporters: 1, onBallot: false },
    ]);
  });

  it('with a cap carries the rest over, and says so', async () => {
    const capped = await batchUnderTest({ url: database.url, settings: { maxBallotSize: 1 } });
    await capped.submit([...concerns(0, 6), ...concerns(1, 7)]);
    expect((await capped.run()).counts).toMatchObject({ agendaSize: 2, ballotSize: 1, carriedOver: 1 });
    expect((await currentCycle(capped.dataSource))?.items[0]?.title.en).toMatch(/school|lunch/i);
    expect(await notices()).toMatchObject([{ content: { carried_over: 1 } }]);
    await capped.close();
  });

  it('never opens a second one while one is active, not even by hand (defects 9 and 12)', async () => {
    await openBallot();
    await batch.submit(concerns(2, 8));
    expect((await batch.run()).counts).toMatchObject({ agendaSize: 1, cyclesOpened: 0 });
    const rival = `INSERT INTO deliberation.voting_cycle (id, started_at, ends_at, status, opened_run_id) VALUES ($1, engine.clock(), engine.clock() + interval '1 hour', 'active', $1)`;
    await expect(batch.query(rival, [newId()])).rejects.toThrow(/voting_cycle_one_active/);
  });

  it('what people vote on stays as it is: members may join, question and options do not change', async () => {
    const before = await openBallot();
    await batch.submit(concerns(1, 20));
    await batch.run();
    expect((await currentCycle(batch.dataSource))?.items).toEqual(before.items);
    expect((await listClusters(batch.dataSource))[0]).toMatchObject({ id: before.items[0]?.clusterId, size: 27, onBallot: true });
  });
});

describe('voting', () => {
  it('records a vote and one revision, also when they come at once, and then says no', async () => {
    const cycle = await openBallot();
    const voter = await batch.account('voter');
    const answers = await Promise.all([vote(voter, cycle, 1), vote(voter, cycle, 2), vote(voter, cycle, 1, 1)]);
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['recorded', 'recorded', 'refused']);
    expect(answers.find(({ kind }) => kind === 'refused')).toEqual({ kind: 'refused', reason: 'vote_change_limit_reached' });
  });

  it('checks deadline, cycle, options and the right to vote (defect 21)', async () => {
    const cycle = await openBallot();
    const voter = await batch.account('voter');
    const cast = (accountId: string, cycleId: string, cluster_id: string, option_id: string) => castVote(batch.dataSource, { accountId, cycleId, selections: [{ cluster_id, option_id }] }, rules);
    const [one, other] = cycle.items.map(({ clusterId, options }) => ({ clusterId, optionId: options[0]?.id ?? '' }));
    expect(await cast(voter, newId(), one?.clusterId ?? '', one?.optionId ?? '')).toEqual({ kind: 'refused', reason: 'no_such_cycle' });
    expect(await cast(voter, cycle.id, one?.clusterId ?? '', other?.optionId ?? '')).toEqual({ kind: 'refused', reason: 'option_not_on_ballot' });
    expect(await cast(voter, cycle.id, newId(), one?.optionId ?? '')).toEqual({ kind: 'refused', reason: 'not_on_ballot' });
    expect(await vote(await batch.account('newcomer', { linkedHoursAgo: 1 }), cycle, 1)).toEqual({ kind: 'refused', reason: 'not_eligible' });
    expect(await vote(await batch.account('spectator', { contributions: 0 }), cycle, 1)).toEqual({ kind: 'refused', reason: 'not_eligible' });
    await batch.advance(hours(48));
    expect(await vote(voter, cycle, 1)).toEqual({ kind: 'refused', reason: 'cycle_closed' });
  });

  it('the voter is not in the public evidence', async () => {
    const cycle = await openBallot();
    const voter = await batch.account('voter');
    await vote(voter, cycle, 1);
    const [entry] = await batch.query<{ payload: Record<string, unknown> }>(`SELECT payload FROM deliberation.evidence WHERE event_type = 'vote_cast'`);
    expect(JSON.stringify(entry?.payload)).not.toContain(voter);
    expect(entry?.payload).toMatchObject({ cycle_id: cycle.id, user_id_hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });
});

describe('closing a ballot', () => {
  it('counts each person once with the last vote, archives what was voted on, and publishes the results once', async () => {
    const cycle = await openBallot();
    await vote(await batch.account('one'), cycle, 1, 1);
    await vote(await batch.account('one'), cycle, 2);
    await vote(await batch.account('two'), cycle, 2, 1);
    await batch.advance(hours(48));
    const run = await batch.run({ dieIn: ['closeExpiredCycles'] });

    expect(run.counts).toMatchObject({ cyclesClosed: 1, cyclesOpened: 0 });
    const [closed] = await pastCycles(batch.dataSource);
    expect(closed).toMatchObject({ id: cycle.id, status: 'tallied', totalVoters: 2 });
    expect(closed?.results).toMatchObject({ eligible: 15, voters: 2, abstentions: 13, turnout: '0.1333' });
    expect(closed?.results?.items[0]).toMatchObject({ voters: 2, skipped: 0, tied: false, options: [{ position: 2, votes: 2, share: '1.0000' }, { position: 1, votes: 0, share: '0.0000' }] });
    expect(closed?.results?.items[1]).toMatchObject({ voters: 1, skipped: 1 });
    expect(await runSummary(batch.dataSource, run.id)).toMatchObject({ cyclesClosed: [cycle.id], cycleOpened: null });
    expect(await listClusters(batch.dataSource)).toEqual([]);
    expect(await batch.query('SELECT count(*)::int AS open FROM deliberation.candidate WHERE archived_at IS NULL')).toEqual([{ open: 0 }]);
    expect((await notices()).map(({ type }) => type)).toEqual(['ballot_opened', 'results']);
    expect(await batch.query(`SELECT count(*)::int AS count FROM deliberation.evidence WHERE event_type = 'cycle_closed'`)).toEqual([{ count: 1 }]);
  });

  it('a later concern about the same topic starts afresh', async () => {
    const cycle = await openBallot();
    await batch.advance(hours(48));
    await batch.submit([...concerns(1, 6), ...concerns(4, 6)]);
    await batch.run();
    const fresh = await listClusters(batch.dataSource);
    expect(fresh.map(({ size, onBallot }) => ({ size, onBallot }))).toEqual([{ size: 6, onBallot: false }, { size: 6, onBallot: false }]);
    expect(fresh.some(({ id }) => cycle.items.some(({ clusterId }) => clusterId === id))).toBe(false);
  });

  it('leaves a ballot alone whose time is not up', async () => {
    const cycle = await openBallot();
    await batch.advance(hours(48) - 60_000);
    expect((await batch.run()).counts).toMatchObject({ cyclesClosed: 0 });
    expect((await currentCycle(batch.dataSource))?.id).toBe(cycle.id);
  });
});
