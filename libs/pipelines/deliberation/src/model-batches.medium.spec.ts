import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, fakeBatchServer, testDatabase } from '@carillon/testing';
import type { AskedLine, FakeBatch, FakeBatchServer, TestDatabase } from '@carillon/testing';
import type { BatchUnderTest } from './batch.fixture.js';
import { batchUnderTest, concerns } from './batch.fixture.js';
import { listClusters } from './read/list-clusters.js';
import type { DeliberationSettings } from './settings.js';

let database: TestDatabase;
let server: FakeBatchServer;
let batch: BatchUnderTest;

beforeEach(async () => {
  [database, server] = await Promise.all([testDatabase(), fakeBatchServer()]);
});
afterEach(async () => {
  await batch.close();
  await server.close();
  await database.drop();
});

const both = (en: string) => ({ en, fa: `${en} fa` });
const answerTo = ({ model, messages }: AskedLine['body']): string => {
  if (model === 'proposer') return JSON.stringify([1, 2].map((nth) => ({ label: both(`Way ${nth}`), description: both('It costs and it gains.') })));
  return JSON.stringify({ title: both(messages[1]?.content.includes('Parking') ? 'Where to park' : 'What to eat'), summary: both('People differ.'), question: both('What should be done?') });
};

/** The pipeline with two groups to summarise, and a server that takes batches. */
async function twoTopics(settings: Partial<DeliberationSettings> = {}): Promise<void> {
  const models = { englishReasoningModel: 'summarizer', optionGenerationModel: 'proposer', llmMaxRetries: 1, llmCompletionRetryBackoffBaseSeconds: 0, llmPrices: ['summarizer=2/10', 'proposer=2/10'] };
  batch = await batchUnderTest({ url: database.url, settings: { llmBaseUrl: server.baseUrl, llmBatch: true, ...models, ...settings } });
  server.onCompletion(answerTo);
  await batch.submit([...concerns(0, 6), ...concerns(1, 6)]);
}
const handedIn = (nth: number): Promise<FakeBatch> => eventually(() => server.batches[nth - 1], { within: 20_000, what: `batch ${nth} to be handed in` });
const titles = async (): Promise<(string | undefined)[]> => (await listClusters(batch.dataSource)).map(({ title }) => title.en).sort();
const TITLES = ['What to eat', 'Where to park'];

describe('questions about many groups', () => {
  it('are handed in together, wait for their answers without asking again, and cost what batches cost', async () => {
    await twoTopics();
    const running = batch.run();
    const summaries = await handedIn(1);
    expect(server.questions(summaries).map(({ body }) => body.model)).toEqual(['summarizer', 'summarizer']);
    const [waiting] = await eventually(async () => {
      const rows = await batch.query<{ reason: string }>(`SELECT error->>'message' AS reason FROM engine.step WHERE name = 'summarize' AND status = 'snoozed'`);
      return rows.length > 1 && rows;
    });
    expect(waiting).toBeDefined();
    server.end(summaries, ({ body }) => answerTo(body));
    server.end(await handedIn(2), ({ body }) => answerTo(body));
    const run = await running;
    expect(run).toMatchObject({ status: 'succeeded', counts: { clustersSummarized: 2, clustersWithNewOptions: 2, llmCalls: 4, llmInputTokens: 4_000, llmCostMicroUsd: 6_000 } });
    expect(await titles()).toEqual(TITLES);
    expect(server.singly).toEqual([]);
    expect(server.batches).toHaveLength(2);
    // Nothing of what people wrote stays there.
    expect([...server.files.keys()]).toEqual([]);
    expect(await batch.query('SELECT sum(calls)::int AS calls, sum(cost_usd)::float8 AS usd FROM engine.model_spend')).toEqual([{ calls: 4, usd: 0.006 }]);
  });

  it('that a batch did not answer, or not as asked, are asked one by one', async () => {
    await twoTopics();
    const running = batch.run();
    let nth = 0;
    server.end(await handedIn(1), () => ((nth += 1) === 1 ? undefined : 'I would rather\0not.'), 'expired');
    server.end(await handedIn(2), ({ body }) => answerTo(body));
    expect((await running).status).toBe('succeeded');
    expect(await titles()).toEqual(TITLES);
    expect(server.singly.map(({ model }) => model)).toEqual(['summarizer', 'summarizer']);
  });

  it('that take longer than we have patience are cancelled, and asked one by one', async () => {
    await twoTopics({ llmBatchPatienceMinutes: 30 });
    const running = batch.run();
    await handedIn(1);
    await batch.advance(31 * 60_000);
    server.end(await handedIn(2), ({ body }) => answerTo(body));
    expect((await running).status).toBe('succeeded');
    expect(server.batches[0]?.status).toBe('cancelled');
    expect(await titles()).toEqual(TITLES);
    expect(await batch.query('SELECT step, outcome FROM deliberation.model_batch ORDER BY step')).toEqual([{ step: 'proposeOptions', outcome: 'completed' }, { step: 'summarize', outcome: 'too late' }]);
  });

  it('that a server does not take together are asked one by one', async () => {
    await twoTopics();
    server.refuseWith(404);
    expect((await batch.run()).status).toBe('succeeded');
    expect(await titles()).toEqual(TITLES);
    expect(server.singly).toHaveLength(4);
  });

  it('are handed in once, when a worker dies after it, and when it died before it noted what the server calls them', async () => {
    await twoTopics();
    const running = batch.run({ dieIn: ['summarize'] });
    const summaries = await handedIn(1);
    await eventually(async () => (await batch.query('UPDATE deliberation.model_batch SET provider_id = NULL WHERE provider_id IS NOT NULL RETURNING step')).flat().length > 0);
    await eventually(async () => (await batch.query<{ id: string | null }>('SELECT provider_id AS id FROM deliberation.model_batch'))[0]?.id === summaries.id, { what: 'the batch to be found by its name' });
    server.end(summaries, ({ body }) => answerTo(body));
    server.end(await handedIn(2), ({ body }) => answerTo(body));
    expect((await running).status).toBe('succeeded');
    expect(server.batches).toHaveLength(2);
    expect(await batch.query('SELECT sum(calls)::int AS calls FROM engine.model_spend')).toEqual([{ calls: 4 }]);
  });

  it('are not handed in when the budget is spent: the local provider answers', async () => {
    await twoTopics({ llmBudgetUsdPerDay: 0 });
    expect((await batch.run()).status).toBe('succeeded');
    expect(server.batches).toEqual([]);
    expect((await listClusters(batch.dataSource)).map(({ provider }) => provider)).toEqual(['local', 'local']);
  });
});
