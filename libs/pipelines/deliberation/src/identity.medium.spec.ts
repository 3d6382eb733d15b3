import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestDatabase } from '@carillon/testing';
import { testDatabase } from '@carillon/testing';
import { hours } from '@carillon/engine';
import { encodeVector } from '@carillon/language';
import type { BatchUnderTest } from './batch.fixture.js';
import { batchUnderTest, concerns } from './batch.fixture.js';
import { listClusters } from './read/list-clusters.js';
import { endorse } from './store/endorsements.js';

let database: TestDatabase;
let batch: BatchUnderTest;

beforeEach(async () => {
  database = await testDatabase();
  batch = await batchUnderTest({ url: database.url, settings: { minPreballotEndorsements: 100 } });
});

afterEach(async () => {
  await batch.close();
  await database.drop();
});

/** Moves candidates to another topic's direction, as if they had been about it. */
async function moveTo(candidateIds: readonly string[], likeCandidate: string): Promise<void> {
  for (const [index, id] of candidateIds.entries()) {
    const [row] = await batch.query<{ embedding: Buffer }>('SELECT embedding FROM deliberation.candidate WHERE id = $1', [likeCandidate]);
    const vector = Float32Array.from({ length: 24 }, (_, axis) => (row?.embedding.readFloatLE(axis * 4) ?? 0) + 0.02 * Math.sin(7 * index + 3 * axis));
    await batch.query('UPDATE deliberation.candidate SET embedding = $2 WHERE id = $1', [id, encodeVector(vector)]);
  }
}
const byTopic = async (word: string) => (await listClusters(batch.dataSource)).find(({ sampleTitles }) => sampleTitles[0]?.startsWith(word));
const changes = () => batch.query<{ kind: string; cluster: string; other: string | null }>('SELECT kind, cluster_id AS cluster, other_cluster_id AS other FROM deliberation.cluster_change ORDER BY id');
const events = async (): Promise<string[]> => (await batch.query<{ event: string }>('SELECT event_type AS event FROM deliberation.evidence ORDER BY id')).map(({ event }) => event);

describe('a concern keeps its identity', () => {
  it('while it grows, however fast: id, endorsements and options stay', async () => {
    await batch.submit([...concerns(0, 6), ...concerns(1, 6)]);
    await batch.run();
    const before = await byTopic('Parking');
    await endorse(batch.dataSource, { accountId: await batch.account('supporter'), clusterId: before?.id ?? '' });
    await batch.submit(concerns(0, 30));
    const run = await batch.run();
    const after = await byTopic('Parking');
    expect(after).toMatchObject({ id: before?.id, size: 36, supporters: 37, lastChange: { kind: 'match', joined: 30, left: 0 } });
    expect(run.counts).toMatchObject({ clustersCreated: 0, clustersUpdated: 1, clustersNeedingResummarize: 1 });
  });

  it('asks for a new summary only when it grew by half since the last one', async () => {
    await batch.submit([...concerns(0, 8), ...concerns(1, 8)]);
    await batch.run();
    await batch.submit(concerns(0, 3));
    expect((await batch.run()).counts).toMatchObject({ clustersUpdated: 1, clustersSummarized: 0 });
    await batch.submit(concerns(0, 1));
    expect((await batch.run()).counts).toMatchObject({ clustersUpdated: 1, clustersSummarized: 1 });
  });

  it('options belong to a summary: a new summary retires them and new ones are proposed, the old ones are kept (defect 27)', async () => {
    await batch.submit([...concerns(0, 6), ...concerns(1, 6)]);
    await batch.run();
    await batch.submit(concerns(0, 6));
    await batch.run();
    const { id } = (await byTopic('Parking')) ?? { id: '' };
    expect(await batch.query('SELECT generation, count(*)::int AS options, bool_and(superseded_at IS NOT NULL) AS retired FROM deliberation.policy_option WHERE cluster_id = $1 GROUP BY 1 ORDER BY 1', [id])).toEqual([
      { generation: 1, options: 2, retired: true },
      { generation: 2, options: 2, retired: false },
    ]);
  });

  it('a merge moves endorsements, each person once, and never fails the run (defect 7)', async () => {
    const [survivors, absorbed] = [await batch.submit(concerns(0, 9)), await batch.submit(concerns(1, 6))];
    await batch.submit(concerns(2, 6));
    await batch.run();
    const [heir, merged] = [await byTopic('Parking'), await byTopic('School')];
    for (const clusterId of [heir?.id ?? '', merged?.id ?? '']) await endorse(batch.dataSource, { accountId: await batch.account('both'), clusterId });
    await endorse(batch.dataSource, { accountId: await batch.account('only-merged'), clusterId: merged?.id ?? '' });
    await moveTo(absorbed, survivors[0] ?? '');
    const run = await batch.run();

    expect(run).toMatchObject({ status: 'succeeded', counts: { clustersMerged: 1, clustersEnded: 1 } });
    expect(await listClusters(batch.dataSource, { status: 'archived' })).toMatchObject([{ id: merged?.id, lastChange: { kind: 'merge', with: heir?.id } }]);
    expect(await batch.query(`SELECT a.ref FROM deliberation.endorsement e JOIN deliberation.account a ON a.id = e.account_id WHERE e.cluster_id = $1 ORDER BY 1`, [heir?.id])).toEqual([{ ref: 'both' }, { ref: 'only-merged' }]);
    expect((await byTopic('Parking'))?.size).toBe(15);
    expect(await events()).toContain('cluster_merged');
    expect(await batch.run()).toMatchObject({ status: 'succeeded' });
  });

  it('a split names its parent, which lives on', async () => {
    const ids = await batch.submit(concerns(0, 16));
    await batch.submit(concerns(2, 6));
    const [example] = await batch.submit(concerns(3, 1));
    await batch.run();
    const parent = await byTopic('Parking');
    await moveTo(ids.slice(0, 6), example ?? '');
    await batch.run();
    const [split] = (await changes()).filter(({ kind }) => kind === 'split');
    expect(split).toMatchObject({ other: parent?.id });
    expect((await listClusters(batch.dataSource)).find(({ id }) => id === parent?.id)?.size).toBe(10);
    expect(await events()).toContain('cluster_split');
  });

  it('a cluster on the ballot is never merged away while people vote on it', async () => {
    const voting = await batchUnderTest({ url: database.url });
    const [survivors, held] = [await voting.submit(concerns(0, 20)), await voting.submit(concerns(1, 6))];
    await voting.submit(concerns(2, 6));
    await voting.run();
    const onBallot = await byTopic('School');
    await moveTo(held, survivors[0] ?? '');
    await voting.run();
    const [still] = (await listClusters(batch.dataSource)).filter(({ id }) => id === onBallot?.id);
    expect(still).toMatchObject({ status: 'open', onBallot: true, size: 6 });
    await voting.close();
  });

  it('endorsing checks that the cluster is there and open, and counts once (defect 28)', async () => {
    await batch.submit([...concerns(0, 6), ...concerns(1, 6)]);
    await batch.run();
    const clusterId = (await byTopic('Parking'))?.id ?? '';
    const accountId = await batch.account('fan', { contributions: 0 });
    expect(await Promise.all([1, 2, 3].map(() => endorse(batch.dataSource, { accountId, clusterId })))).toEqual(expect.arrayContaining(['endorsed', 'already_endorsed', 'already_endorsed']));
    expect(await batch.query('SELECT contribution_count AS count FROM deliberation.account WHERE id = $1', [accountId])).toEqual([{ count: 1 }]);
    expect(await endorse(batch.dataSource, { accountId, clusterId: accountId })).toBe('no_such_cluster');
    await batch.query(`UPDATE deliberation.cluster SET status = 'archived'`);
    expect(await endorse(batch.dataSource, { accountId, clusterId })).toBe('archived');
  });
});

describe('the stability check', () => {
  it('is skipped with few candidates', async () => {
    await batch.submit([...concerns(0, 6), ...concerns(1, 6)]);
    const run = await batch.run();
    expect(run.steps.find(({ name }) => name === 'checkStability')).toMatchObject({ status: 'skipped', reason: 'fewer than 20 candidates' });
    expect(run.status).toBe('succeeded');
  });

  it('flags an unstable cluster once, not again in every run on unchanged members (defect 26)', async () => {
    const strict = await batchUnderTest({ url: database.url, settings: { minPreballotEndorsements: 100, clusterStabilityThreshold: 1 } });
    await strict.submit([0, 1, 2, 3].flatMap((topic) => concerns(topic, 12, { spread: 0.25 })));
    const first = await strict.run();
    expect(first.counts['clustersUnstable']).toBeGreaterThan(0);
    await strict.advance(hours(1));
    const second = await strict.run();
    expect(second.counts).toMatchObject({ clustersUnstable: first.counts['clustersUnstable'], clustersNeedingResummarize: 0, clustersSummarized: 0 });
    await strict.close();
  });
});
