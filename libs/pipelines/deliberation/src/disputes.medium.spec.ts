import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { TestDatabase } from '@carillon/testing';
import { testDatabase } from '@carillon/testing';
import type { BatchUnderTest } from './batch.fixture.js';
import { batchUnderTest, concerns } from './batch.fixture.js';
import type { NewDispute } from './people/disputes.js';
import { openDispute } from './people/disputes.js';
import { listClusters } from './read/list-clusters.js';

let database: TestDatabase;
let batch: BatchUnderTest;
let author: string;

beforeAll(async () => {
  database = await testDatabase();
  const embedder = { models: ['spec-24'], embed: async (texts: readonly string[]) => texts.map(() => ({ vector: new Float32Array(24).fill(0.2), model: 'spec-24' })), close: async () => undefined };
  batch = await batchUnderTest({ url: database.url, settings: { minPreballotEndorsements: 100 }, embedder });
  await batch.submit([...concerns(0, 6), ...concerns(0, 1, { author: 'ann', title: 'The city should close the parking garage downtown because it makes the streets dangerous.' }), ...concerns(1, 6)]);
  await batch.run();
  author = await batch.account('ann');
});
afterAll(async () => {
  await batch.close();
  await database.drop();
});

const submissionOf = async (accountId: string): Promise<string> => (await batch.query<{ id: string }>('SELECT id FROM deliberation.submission WHERE account_id = $1', [accountId]))[0]?.id ?? '';
const dispute = (given: Omit<NewDispute, 'accountId'>, accountId = author) => openDispute(batch.services, { accountId, ...given });
const parking = async () => (await listClusters(batch.dataSource)).find(({ sampleTitles }) => sampleTitles.some((title) => title.startsWith('Parking')));

it('a concern that its group holds firmly stays, with the figures; only its author can ask', async () => {
  const submissionId = await submissionOf(author);
  expect(await dispute({ kind: 'wrong_group', submissionId })).toMatchObject({ kind: 'resolved', dispute: { status: 'refused', finding: { because: 'held_firmly', own: expect.stringMatching(/^0\.\d{4}$/) } } });
  expect(await dispute({ kind: 'wrong_group', submissionId }, await batch.account('stranger'))).toEqual({ kind: 'refused', reason: 'not_found' });
  expect(await dispute({ kind: 'misunderstood', submissionId, note: 'write to ann@town.example' })).toEqual({ kind: 'refused', reason: 'personal_data' });
});

it('one that is held weakly goes free, and does not come back in the next run', async () => {
  const submissionId = await submissionOf(author);
  const before = await parking();
  await batch.query('UPDATE deliberation.cluster_member SET probability = 0.3 WHERE candidate_id IN (SELECT id FROM deliberation.candidate WHERE submission_id = $1)', [submissionId]);
  expect(await dispute({ kind: 'wrong_group', submissionId })).toMatchObject({ dispute: { status: 'upheld', finding: { because: 'held_weakly', cluster_id: before?.id, probability: '0.3000' } } });
  expect((await parking())?.size).toBe(6);
  await batch.run();
  expect(await parking()).toMatchObject({ id: before?.id, size: 6 });
  expect(await batch.query(`SELECT left_because AS because FROM deliberation.cluster_membership WHERE left_at IS NOT NULL`)).toEqual([{ because: 'disputed' }]);
});

it('a text that reads differently with what its author adds is read anew, once, and grouped in the next run', async () => {
  const submissionId = await submissionOf(author);
  const result = await dispute({ kind: 'misunderstood', submissionId, note: 'What I want is that the city builds more bike lanes near every school.' });
  expect(result).toMatchObject({ dispute: { status: 'upheld', finding: { because: 'read_differently', replaced: [expect.any(String)] } } });
  expect(await batch.query(`SELECT status FROM deliberation.submission WHERE id = $1`, [submissionId])).toEqual([{ status: 'canonicalized' }]);
  expect(await batch.query(`SELECT count(*) FILTER (WHERE archived_at IS NULL)::int AS open, count(*) FILTER (WHERE archived_at IS NOT NULL)::int AS replaced FROM deliberation.candidate WHERE submission_id = $1`, [submissionId])).toMatchObject([{ replaced: 1 }]);
});

it('a group that holds together is one concern, and a title of its members stays; both are told with who knows what', async () => {
  const school = (await listClusters(batch.dataSource)).find(({ sampleTitles }) => sampleTitles[0]?.startsWith('School'));
  expect(await dispute({ kind: 'not_one_concern', clusterId: school?.id ?? '' })).toMatchObject({ dispute: { status: 'refused', finding: { because: 'holds_together', members: 6, nearer_to_others: 0 } } });
  expect(await dispute({ kind: 'misleading_title', clusterId: school?.id ?? '' })).toMatchObject({ dispute: { status: 'refused' } });
  expect(await dispute({ kind: 'not_one_concern', clusterId: school?.id ?? '' }, await batch.account('newcomer', { linkedHoursAgo: 1 }))).toEqual({ kind: 'refused', reason: 'not_eligible' });
  const other = (await parking())?.id ?? '';
  await batch.query(`UPDATE deliberation.candidate SET embedding = (SELECT centroid FROM deliberation.cluster WHERE id = $2) WHERE id IN (SELECT candidate_id FROM deliberation.cluster_member WHERE cluster_id = $1 ORDER BY candidate_id LIMIT 2)`, [school?.id, other]);
  expect(await dispute({ kind: 'not_one_concern', clusterId: school?.id ?? '' })).toMatchObject({ dispute: { status: 'upheld', finding: { nearer_to_others: 2 } } });
  expect((await listClusters(batch.dataSource, { id: school?.id ?? '' }))[0]?.size).toBe(4);
  expect(await batch.query(`SELECT count(*)::int AS count FROM deliberation.evidence WHERE event_type = 'dispute_resolved'`)).toEqual([{ count: 6 }]);
});
