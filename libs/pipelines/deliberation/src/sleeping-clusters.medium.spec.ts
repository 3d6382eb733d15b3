import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hours } from '@carillon/engine';
import { encodeVector } from '@carillon/language';
import { testDatabase } from '@carillon/testing';
import type { TestDatabase } from '@carillon/testing';
import type { BatchUnderTest } from './batch.fixture.js';
import { batchUnderTest, concerns } from './batch.fixture.js';
import { verifyEvidence } from './evidence/verify-evidence.js';
import { sealPending } from './evidence/sealer.js';
import { SleepingClusters1769000000000 } from './migrations/1769000000000-sleeping-clusters.js';
import { countOwed } from './pushes/owed.js';
import { linkChat, seen, tell, told } from './pushes/pushes.fixture.js';
import { clusterStory } from './read/cluster-story.js';
import { currentCycle } from './read/cycles.js';
import { listClusters } from './read/list-clusters.js';
import { runSummary } from './read/run-summary.js';
import { endorsable, endorse, withdrawEndorsement } from './store/endorsements.js';

let database: TestDatabase;
let batch: BatchUnderTest;
/** Of the six about parking, which scatter, and of the eight about each of the others. */
let parking: string[];
let others: string[][];
let cluster: string;
let home: Map<string, Buffer>;

/** Three groups, and a fourth, endorsed by two, whose concerns then turn out to be about the others: two about each. No group has half of them, so it falls asleep. */
beforeEach(async () => {
  database = await testDatabase();
  batch = await batchUnderTest({ url: database.url, settings: { minPreballotEndorsements: 100 } });
  parking = await batch.submit(concerns(0, 6));
  others = [await batch.submit(concerns(1, 8)), await batch.submit(concerns(2, 8)), await batch.submit(concerns(3, 8))];
  await batch.run();
  home = new Map((await batch.query<{ id: string; embedding: Buffer }>('SELECT id, embedding FROM deliberation.candidate WHERE id = ANY($1)', [parking])).map(({ id, embedding }) => [id, embedding]));
  cluster = (await listClusters(batch.dataSource)).find(({ size }) => size === 6)?.id ?? '';
  for (const fan of ['one', 'both']) await endorse(batch.dataSource, { accountId: await batch.account(fan), clusterId: cluster });
  for (const [index, [example = '']] of others.entries()) await moveTo(parking.slice(2 * index, 2 * index + 2), example);
});

afterEach(async () => {
  await batch.close();
  await database.drop();
});

/** Moves candidates to another's direction, as if they had been about the same. */
async function moveTo(candidateIds: readonly string[], likeCandidate: string): Promise<void> {
  const [row] = await batch.query<{ embedding: Buffer }>('SELECT embedding FROM deliberation.candidate WHERE id = $1', [likeCandidate]);
  for (const [index, id] of candidateIds.entries()) {
    const vector = Float32Array.from({ length: 24 }, (_, axis) => (row?.embedding.readFloatLE(axis * 4) ?? 0) + 0.02 * Math.sin(7 * index + 3 * axis));
    await batch.query('UPDATE deliberation.candidate SET embedding = $2 WHERE id = $1', [id, encodeVector(vector)]);
  }
}
async function comeHome(): Promise<void> {
  for (const [id, embedding] of home) await batch.query('UPDATE deliberation.candidate SET embedding = $2 WHERE id = $1', [id, embedding]);
}
const dormant = () => listClusters(batch.dataSource, { status: 'dormant' });
const endorsers = async (id: string): Promise<string[]> => (await batch.query<{ ref: string }>('SELECT a.ref FROM deliberation.endorsement e JOIN deliberation.account a ON a.id = e.account_id WHERE e.cluster_id = $1 ORDER BY 1', [id])).map(({ ref }) => ref);
const evidence = (event: string) => batch.query<{ entity: string; payload: object }>('SELECT entity_id AS entity, payload FROM deliberation.evidence WHERE event_type = $1', [event]);

describe('a cluster that no group continues', () => {
  it('falls asleep with its endorsements, its concerns go where they belong now, and the chain says why', async () => {
    const run = await batch.run();
    expect(run.counts).toMatchObject({ clustersAsleep: 1, clustersEnded: 0, clustersMerged: 0, clustersUpdated: 3 });
    expect((await runSummary(batch.dataSource, run.id)).changes).toEqual({ match: 3, sleep: 1 });
    expect(await dormant()).toMatchObject([{ id: cluster, status: 'dormant', size: 6, supporters: 2, dormantSince: expect.any(Date), lastChange: { kind: 'sleep', with: null, left: 6 } }]);
    expect((await listClusters(batch.dataSource)).map(({ id, size }) => [id === cluster, size])).toEqual([[false, 10], [false, 10], [false, 10]]);
    expect(await endorsers(cluster)).toEqual(['both', 'one']);
    expect(await evidence('cluster_dormant')).toEqual([{ entity: cluster, payload: { cluster_id: cluster, run_id: run.id, member_count: 6, alone: 0, elsewhere: 6, largest_share: '0.3333' } }]);
    // A run that changes nothing leaves it in peace.
    expect((await batch.run()).counts).toMatchObject({ clustersAsleep: 0, clustersWoken: 0, clustersEnded: 0 });
    expect(await evidence('cluster_dormant')).toHaveLength(1);
  });

  it('can not be endorsed while it sleeps, is not offered, and lets endorsements be taken back', async () => {
    await batch.run();
    const [newcomer, fan] = [await batch.account('newcomer'), await batch.account('one')];
    expect(await endorse(batch.dataSource, { accountId: newcomer, clusterId: cluster })).toBe('asleep');
    for (let next = await endorsable(batch.dataSource.manager, newcomer); next; next = await endorsable(batch.dataSource.manager, newcomer, next.id)) expect(next.id).not.toBe(cluster);
    expect(await withdrawEndorsement(batch.dataSource, { accountId: fan, clusterId: cluster })).toBe('withdrawn');
    expect(await endorsers(cluster)).toEqual(['both']);
  });

  it('is on no ballot, however many stand behind it', async () => {
    for (let fan = 0; fan < 30; fan += 1) await endorse(batch.dataSource, { accountId: await batch.account(`fan-${fan}`), clusterId: cluster });
    const voting = await batchUnderTest({ url: database.url, settings: { minPreballotEndorsements: 5 } });
    expect((await voting.run()).counts).toMatchObject({ clustersAsleep: 1, agendaSize: 3, ballotSize: 3 });
    expect((await currentCycle(voting.dataSource))?.items.map(({ clusterId }) => clusterId)).not.toContain(cluster);
    await voting.close();
  });
});

describe('a cluster that sleeps', () => {
  it('wakes as itself when a later run finds it again: id, question, options and endorsements, also beside newcomers of the time in between', async () => {
    const before = await clusterStory(batch.dataSource, cluster);
    await batch.run();
    await batch.advance(hours(1));
    await batch.submit(concerns(0, 4));
    await batch.run();
    await comeHome();
    const run = await batch.run();
    expect(run.counts).toMatchObject({ clustersWoken: 1, clustersUpdated: 3 });
    expect((await runSummary(batch.dataSource, run.id)).changes).toEqual({ match: 3, wake: 1 });
    expect(await dormant()).toEqual([]);
    const after = await clusterStory(batch.dataSource, cluster);
    expect(after?.cluster).toMatchObject({ status: 'open', dormantSince: null, size: 10, supporters: 12, lastChange: { kind: 'wake', joined: 10 } });
    expect(after?.options[0]?.labels).toEqual(before?.options[0]?.labels);
    expect(await endorsers(cluster)).toEqual(['both', 'one']);
    expect(await evidence('cluster_woken')).toEqual([{ entity: cluster, payload: { cluster_id: cluster, run_id: run.id, member_count: 10, jaccard: '1.0000' } }]);
    expect(await endorse(batch.dataSource, { accountId: await batch.account('newcomer'), clusterId: cluster })).toBe('endorsed');
    await sealPending(batch.dataSource);
    expect(await verifyEvidence(batch.dataSource)).toMatchObject({ valid: true });
  });

  it('tells in its history when and why it fell asleep and woke, and who went and came', async () => {
    await batch.run();
    await comeHome();
    await batch.run();
    const story = await clusterStory(batch.dataSource, cluster);
    expect(story?.events.filter(({ event }) => /dormant|woken/.test(event)).map(({ says }) => says)).toEqual([
      'fell asleep: of its 6 concerns 0 were in no group and 6 in others, at most 33 % of them together; its endorsements wait with it',
      'woke: a group of 6 concerns is 100 % the same, of what was known when it fell asleep; its endorsements count again',
    ]);
    expect(story?.runs.map(({ joined, left, size }) => [joined.length, left.length, size])).toEqual([[6, 0, 6], [0, 6, 0], [6, 0, 6]]);
  });

  it('may fall asleep and wake again and again', async () => {
    for (let round = 0; round < 2; round += 1) {
      for (const [index, [example = '']] of others.entries()) await moveTo(parking.slice(2 * index, 2 * index + 2), example);
      expect((await batch.run()).counts).toMatchObject({ clustersAsleep: 1 });
      await comeHome();
      expect((await batch.run()).counts).toMatchObject({ clustersWoken: 1, clustersCreated: 0 });
    }
    expect(await endorsers(cluster)).toEqual(['both', 'one']);
  });

  it('is told about to those who endorsed it, once a waking, in their own language, and to nobody else', async () => {
    const people = { one: await batch.account('one'), both: await batch.account('both'), late: await batch.account('late'), other: await batch.account('other') };
    for (const [index, [name, accountId]] of Object.entries(people).entries()) await linkChat(batch, accountId, { chatId: 700 + index, locale: name === 'both' ? 'fa' : 'en' });
    const [elsewhere] = (await listClusters(batch.dataSource)).filter(({ id }) => id !== cluster);
    await endorse(batch.dataSource, { accountId: people.other, clusterId: elsewhere?.id ?? '' });
    await batch.run();
    expect(await tell(batch)).toEqual({ noticesQueued: 0 });
    await comeHome();
    await batch.run();
    await endorse(batch.dataSource, { accountId: people.late, clusterId: cluster });
    expect(await countOwed(batch.dataSource.manager, batch.settings)).toBe(1);
    expect(await tell(batch)).toEqual({ noticesQueued: 2, toldWoken: 2 });
    expect((await told(batch, people)).map(({ who, type, text }) => [who, type, seen(text)]).sort()).toEqual([
      ['both', 'concern_woken', expect.stringMatching(/^دغدغهٔ «.+»، که از آن پشتیبانی کرده‌اید، دوباره مطرح است\. /)],
      ['one', 'concern_woken', expect.stringMatching(/^“.+”, which you endorsed, is on the table again\. Your endorsement still counts\.$/)],
    ]);
    await batch.run();
    expect([await countOwed(batch.dataSource.manager, batch.settings), await tell(batch)]).toEqual([0, { noticesQueued: 0 }]);
    for (const [index, [example = '']] of others.entries()) await moveTo(parking.slice(2 * index, 2 * index + 2), example);
    await batch.run();
    await comeHome();
    await batch.run();
    expect(await tell(batch)).toEqual({ noticesQueued: 3, toldWoken: 3 });
  });

  it('is no news a day after it woke, and none once it sleeps again', async () => {
    const fan = await batch.account('one');
    await linkChat(batch, fan, { chatId: 700, locale: 'en' });
    await batch.run();
    await comeHome();
    await batch.run();
    expect(await countOwed(batch.dataSource.manager, batch.settings)).toBe(1);
    await batch.advance(hours(24) + 1);
    expect(await countOwed(batch.dataSource.manager, batch.settings)).toBe(0);
    await batch.advance(-hours(24));
    for (const [index, [example = '']] of others.entries()) await moveTo(parking.slice(2 * index, 2 * index + 2), example);
    expect((await batch.run()).counts).toMatchObject({ clustersAsleep: 1 });
    expect(await countOwed(batch.dataSource.manager, batch.settings)).toBe(0);
  });

  it('hands its endorsements to the group that half of its concerns end up in, each person once', async () => {
    const heir = (await listClusters(batch.dataSource)).find(({ sampleTitles }) => sampleTitles[0]?.startsWith('School'))?.id ?? '';
    await endorse(batch.dataSource, { accountId: await batch.account('both'), clusterId: heir });
    await batch.run();
    await moveTo(parking, others[0]?.[0] ?? '');
    expect((await batch.run()).counts).toMatchObject({ clustersMerged: 1, clustersEnded: 1 });
    expect([await dormant(), await endorsers(cluster), await endorsers(heir)]).toEqual([[], [], ['both', 'one']]);
    expect(await listClusters(batch.dataSource, { status: 'archived' })).toMatchObject([{ id: cluster, dormantSince: null, lastChange: { kind: 'merge', with: heir, left: 0 } }]);
    // The heir holds them now; that they had left the sleeper takes nothing from it.
    expect((await listClusters(batch.dataSource)).find(({ id }) => id === heir)).toMatchObject({ size: 14 });
  });

  it('ends when so few of its concerns are left that nothing can wake it', async () => {
    await batch.run();
    await batch.query('UPDATE deliberation.candidate SET archived_at = engine.clock() WHERE id = ANY($1)', [parking.slice(0, 3)]);
    expect((await batch.run()).counts).toMatchObject({ clustersEnded: 0 });
    await batch.query('UPDATE deliberation.candidate SET archived_at = engine.clock() WHERE id = ANY($1)', [parking.slice(3, 4)]);
    expect((await batch.run()).counts).toMatchObject({ clustersEnded: 1 });
    expect(await evidence('cluster_archived')).toMatchObject([{ entity: cluster, payload: { reason: 'too few of its concerns are left to wake it' } }]);
  });

  it('does not get back what a dispute has parted from it', async () => {
    await batch.query('INSERT INTO deliberation.cluster_exclusion (cluster_id, candidate_id) VALUES ($1, $2)', [cluster, parking[0]]);
    await batch.run();
    await comeHome();
    await batch.run();
    expect((await listClusters(batch.dataSource)).find(({ id }) => id === cluster)).toMatchObject({ size: 5 });
  });
});

it('the migration can be taken back: what sleeps has ended, as it would have before, and can be made again', async () => {
  await batch.run();
  const migration = new SleepingClusters1769000000000();
  const runner = batch.dataSource.createQueryRunner();
  try {
    await migration.down(runner);
    expect(await batch.query('SELECT status, archived_at IS NOT NULL AS ended FROM deliberation.cluster WHERE id = $1', [cluster])).toEqual([{ status: 'archived', ended: true }]);
    expect(await batch.query(`SELECT kind FROM deliberation.cluster_change WHERE cluster_id = $1 ORDER BY id`, [cluster])).toEqual([{ kind: 'birth' }, { kind: 'death' }]);
    await migration.up(runner);
  } finally {
    await runner.release();
  }
  expect((await batch.run()).status).toBe('succeeded');
});
