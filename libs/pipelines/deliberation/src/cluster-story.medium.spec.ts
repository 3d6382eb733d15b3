import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeVector } from '@carillon/language';
import { newId } from '@carillon/persistence';
import type { TestDatabase } from '@carillon/testing';
import { testDatabase } from '@carillon/testing';
import type { BatchUnderTest } from './batch.fixture.js';
import { batchUnderTest, concerns } from './batch.fixture.js';
import { clusterStory } from './read/cluster-story.js';
import { diffClusterings, findClustering, labellingOf, reproduceClustering } from './read/clusterings.js';
import { listClusters } from './read/list-clusters.js';

let database: TestDatabase;
let batch: BatchUnderTest;
let runs: string[];
/** Of the cluster that lives through everything, and of the one that goes into it. */
let parking: string;
let school: string;

const byTopic = async (word: string): Promise<string> => (await listClusters(batch.dataSource)).find(({ sampleTitles }) => sampleTitles[0]?.startsWith(word))?.id ?? '';

/** Three runs: two groups; newcomers in one; then the other's concerns turn out to be about the same, and both come together. */
beforeAll(async () => {
  database = await testDatabase();
  batch = await batchUnderTest({ url: database.url, settings: { minPreballotEndorsements: 8 } });
  const ids = await batch.submit([...concerns(0, 7), ...concerns(1, 6)]);
  runs = [(await batch.run()).id];
  [parking, school] = [await byTopic('Parking'), await byTopic('School')];
  await batch.submit([...concerns(0, 2), ...concerns(2, 6)]);
  runs.push((await batch.run()).id);
  const [like] = await batch.query<{ embedding: Buffer }>('SELECT embedding FROM deliberation.candidate WHERE id = $1', [ids[0]]);
  for (const [index, id] of ids.slice(7).entries()) {
    const vector = Float32Array.from({ length: 24 }, (_, axis) => (like?.embedding.readFloatLE(axis * 4) ?? 0) + 0.02 * Math.sin(7 * index + 3 * axis));
    await batch.query('UPDATE deliberation.candidate SET embedding = $2 WHERE id = $1', [id, encodeVector(vector)]);
  }
  runs.push((await batch.run()).id);
});
afterAll(async () => {
  await batch.close();
  await database.drop();
});

describe('the history of a cluster', () => {
  it('tells who joined and who left in each run', async () => {
    const story = await clusterStory(batch.dataSource, parking);
    expect(story?.runs.map(({ runId, size, joined, left }) => [runId, joined.length, left.length, size])).toEqual([[runs[0], 7, 0, 7], [runs[1], 2, 0, 9], [runs[2], 6, 0, 15]]);
    expect(story?.runs[1]?.joined.every(({ title }) => title.startsWith('Parking'))).toBe(true);
    const gone = await clusterStory(batch.dataSource, school);
    expect(gone?.runs.map(({ joined, left, size }) => [joined.length, left.length, size])).toEqual([[6, 0, 6], [0, 6, 0]]);
    expect(gone?.runs[1]?.left[0]).toMatchObject({ because: 'regrouped', title: expect.stringMatching(/^School/) });
  });

  it('tells in words how it began, grew, was named, and why it merged, from both sides', async () => {
    const [story, gone] = [await clusterStory(batch.dataSource, parking), await clusterStory(batch.dataSource, school)];
    expect(story?.events.map(({ event }) => event)).toEqual(expect.arrayContaining(['cluster_created', 'cluster_updated', 'cluster_merged', 'ballot_question_generated', 'policy_options_generated', 'cycle_opened']));
    expect(story?.events.find(({ event }) => event === 'cluster_merged')?.says).toMatch(/^took in “.+”: 100 % of its 6 concerns/);
    expect(gone?.events.find(({ event }) => event === 'cluster_merged')?.says).toMatch(/^went into “.+”, which took 100 % of its 6 concerns/);
    expect(gone?.events.some(({ event }) => event === 'cycle_opened')).toBe(false);
  });

  it('tells its options, generation by generation, and its ballots', async () => {
    const story = await clusterStory(batch.dataSource, parking);
    expect(story?.options.length).toBeGreaterThan(0);
    expect(story?.options[0]?.labels).toHaveLength(2);
    expect(story?.ballots).toMatchObject([{ position: 1, status: 'active', result: null }]);
    expect(await clusterStory(batch.dataSource, newId())).toBeUndefined();
  });
});

describe('two runs', () => {
  it('are compared: what came, what is new, what went into what', async () => {
    const grown = await diffClusterings(batch.dataSource, runs[0] ?? '', runs[1] ?? '');
    expect(grown).toMatchObject({ common: 13, onlyBefore: 0, onlyAfter: 8, moved: 0, identical: false, agreement: 1 });
    expect(grown.groups.map(({ fate }) => fate).sort()).toEqual(['changed', 'new', 'same']);
    const merged = await diffClusterings(batch.dataSource, runs[1] ?? '', runs[2] ?? '');
    expect(merged.groups.filter(({ fate }) => fate === 'merged')).toMatchObject([{ sizeBefore: 9, sizeAfter: 15 }]);
    expect(merged.groups.filter(({ fate }) => fate === 'gone')).toMatchObject([{ sizeBefore: 6 }]);
    expect((await diffClusterings(batch.dataSource, runs[1] ?? '', runs[1] ?? '')).identical).toBe(true);
  });

  it('that are not there are named', async () => {
    await expect(diffClusterings(batch.dataSource, newId(), runs[0] ?? '')).rejects.toThrow('there is no clustering');
  });
});

describe('an earlier grouping', () => {
  it('is made again from what was recorded, label for label', async () => {
    expect(await reproduceClustering(batch.dataSource, runs[2] ?? '')).toMatchObject({ identical: true, different: 0, sameVectors: true, missing: 0, agreement: 1 });
  });

  it('is told to be of other vectors when they were changed since, and impossible when another model replaced them', async () => {
    const { id } = await findClustering(batch.dataSource, runs[1] ?? '');
    expect(await reproduceClustering(batch.dataSource, id)).toMatchObject({ sameVectors: false, identical: false, missing: 0 });
    const [first] = (await labellingOf(batch.dataSource, id)).keys();
    await batch.query("UPDATE deliberation.candidate SET embedding_model = 'newer-24' WHERE id = $1", [first]);
    expect(await reproduceClustering(batch.dataSource, id)).toMatchObject({ identical: false, missing: 1 });
  });
});
