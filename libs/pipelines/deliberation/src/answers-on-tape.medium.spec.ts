/**
 * The whole way with models and without a network: their answers are on a tape. It was recorded with LLM_RECORD_FILE from a server whose answers were written by hand; a change to a prompt
 * makes its answers unplayable, which is meant. To record it anew, set RECORD_ANSWERS_FROM to the base URL of a server and run this spec once.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { testDatabase } from '@carillon/testing';
import type { TestDatabase } from '@carillon/testing';
import type { BatchUnderTest } from './batch.fixture.js';
import { batchUnderTest, concerns } from './batch.fixture.js';
import { languageConfig } from './language-models.js';
import { openDispute } from './people/disputes.js';
import { currentCycle } from './read/cycles.js';
import { listClusters } from './read/list-clusters.js';
import { DeliberationSettings } from './settings.js';

const TAPE = join(import.meta.dirname, 'answers-on-tape.fixture.jsonl');
const recordFrom = process.env['RECORD_ANSWERS_FROM'];
const models = { canonicalizationModel: 'reader', englishReasoningModel: 'summarizer', optionGenerationModel: 'proposer', llmMaxRetries: 1, llmPrices: ['reader=1/2', 'summarizer=2/10', 'proposer=2/10'] };
const played = recordFrom === undefined ? { ...models, llmReplayFile: TAPE } : { ...models, llmBaseUrl: recordFrom, llmRecordFile: TAPE };

let database: TestDatabase;
let batch: BatchUnderTest;
beforeAll(async () => {
  if (recordFrom !== undefined) await rm(TAPE, { force: true });
  database = await testDatabase();
  const embedder = { models: ['spec-24'], embed: async (texts: readonly string[]) => texts.map(() => ({ vector: new Float32Array(24).fill(0.2), model: 'spec-24' })), close: async () => undefined };
  batch = await batchUnderTest({ url: database.url, settings: played, embedder });
});
afterAll(async () => {
  await batch.close();
  await database.drop();
});

describe('with the answers of models on a tape', () => {
  it('a submission is read, in any language, and what is none is told why', async () => {
    expect(await batch.services.canonicalizer.read('The downtown garage is full every market day, so please build a second one near the station.')).toMatchObject({
      usable: true,
      reader: { provider: 'default', modelVersion: 'reader' },
      candidates: [{ title: 'Build a second parking garage near the railway station', stance: 'support' }],
    });
    expect(await batch.services.canonicalizer.read('ناهار مدرسه باید رایگان و سالم باشد.')).toMatchObject({ usable: true, language: 'fa', candidates: [{ title: 'Make healthy school lunches free of charge' }] });
    expect(await batch.services.canonicalizer.read('good morning everybody!!')).toMatchObject({ usable: false, reasonCode: 'not_policy', reason: expect.stringContaining('greeting') });
  });

  it('groups get their titles, questions and options, and a ballot opens', async () => {
    await batch.submit([...concerns(0, 6), ...concerns(1, 6)]);
    expect(await batch.run()).toMatchObject({ status: 'succeeded', errors: [], counts: { clustersSummarized: 2, clustersWithNewOptions: 2, llmCalls: 4 } });
    expect((await listClusters(batch.dataSource)).map(({ title, provider, modelVersion }) => [title.en, title.fa, provider, modelVersion]).sort()).toEqual([
      ['Parking in the centre of town', 'پارکینگ در مرکز شهر', 'default', 'summarizer'],
      ['What schools serve for lunch', 'ناهار مدرسه‌ها', 'default', 'summarizer'],
    ]);
    expect((await currentCycle(batch.dataSource))?.items.map(({ options }) => options.length).sort()).toEqual([2, 3]);
  });

  it('a dispute is read again by the model, and its cost counts to the day', async () => {
    const author = await batch.account('ann');
    await batch.submit([{ topic: 2, author: 'ann', title: 'River pollution concern of Ann' }]);
    const [submission] = await batch.query<{ id: string }>('SELECT id FROM deliberation.submission WHERE account_id = $1', [author]);
    const result = await openDispute(batch.services, { accountId: author, kind: 'misunderstood', submissionId: submission?.id ?? '', note: 'I want the paper mill to be fined when it poisons the river.' });
    expect(result).toMatchObject({ dispute: { status: 'upheld', finding: { because: 'read_differently' } } });
    expect(await batch.query(`SELECT model, calls::int FROM engine.model_spend WHERE run_id = '00000000-0000-0000-0000-000000000000'`)).toEqual([{ model: 'reader', calls: 1 }]);
  });

  it('a question that is not on it is told, and never asked elsewhere', async () => {
    if (recordFrom !== undefined) return;
    await expect(batch.services.canonicalizer.read('A text that nobody recorded: trams should run at night.')).rejects.toThrow(/answers-on-tape\.fixture\.jsonl has no answer of "reader" to the question [0-9a-f]{16}/);
  });

  it.each([
    ['played and recorded', { llmReplayFile: TAPE, llmRecordFile: TAPE }, 'LLM_REPLAY_FILE and LLM_RECORD_FILE are both set'],
    ['played while vectors would be asked over the network', { llmReplayFile: TAPE, embeddingModel: 'embedder' }, 'EMBEDDING_MODEL is "embedder", which would be asked over the network'],
  ])('answers are not %s', (_what, settings, problem) => {
    expect(() => languageConfig(Object.assign(new DeliberationSettings(), models, settings))).toThrow(problem);
  });
});
