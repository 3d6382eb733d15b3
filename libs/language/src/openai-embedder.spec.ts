import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FakeModelServer } from '../spec/fake-model-server.js';
import { embedsInto, fails, fakeModelServer, hangs } from '../spec/fake-model-server.js';
import { AllModelsFailed, BudgetExhausted } from './errors.js';
import { OpenAiEmbedder } from './openai-embedder.js';
import { LocalSpendMeter } from './spend-meter.js';

let server: FakeModelServer;
let spare: FakeModelServer;

beforeEach(async () => {
  [server, spare] = await Promise.all([fakeModelServer(), fakeModelServer()]);
  server.answerWith(embedsInto(8));
  spare.answerWith(embedsInto(4));
});
afterEach(async () => {
  await Promise.all([server.close(), spare.close()]);
});

function embedderUnderTest(dimensions?: number, timeoutMs = 10_000) {
  const config = {
    servers: { main: { baseUrl: server.baseUrl, apiKey: 'sk-secret' }, spare: { baseUrl: spare.baseUrl } },
    models: { large: { server: 'main', price: { inputPerMillionUsd: 1, outputPerMillionUsd: 0 } }, small: { server: 'spare' } },
    tiers: { embedding: { primary: 'large', fallback: 'small' } },
    maxRetries: 3,
    timeoutMs,
  };
  return new OpenAiEmbedder(config, { tier: 'embedding', ...(dimensions === undefined ? {} : { dimensions }) }, { sleep: () => Promise.resolve() });
}

const texts = (count: number): string[] => Array.from({ length: count }, (_, index) => 'x'.repeat(index + 1));

describe('embedding on a server', () => {
  it('sends batches of 64 and keeps the order of the texts, whatever the order of the answer', async () => {
    const embeddings = await embedderUnderTest(8).embed(texts(150));
    expect(server.seen.map(({ body }) => [body.input?.length, body.dimensions, body['encoding_format']])).toEqual([[64, 8, 'float'], [64, 8, 'float'], [22, 8, 'float']]);
    expect(embeddings.map(({ model }) => model)).toEqual(Array.from({ length: 150 }, () => 'large'));
    const lengths = embeddings.map(({ vector }) => Math.round((vector[0] ?? 0) / (vector[1] ?? 1)));
    expect(lengths).toEqual(texts(150).map((text) => text.length));
    for (const { vector } of embeddings) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  });

  it('never mixes two models: a fallback embeds the whole call', async () => {
    server.answerWith(embedsInto(8), fails(400));
    const embeddings = await embedderUnderTest().embed(texts(100));
    expect(new Set(embeddings.map(({ model, vector }) => `${model} ${vector.length}`))).toEqual(new Set(['small 4']));
    expect(embeddings.length).toBe(100);
  });

  it('tries again after transient codes', async () => {
    server.answerWith(fails(429), fails(503), embedsInto(8));
    expect((await embedderUnderTest().embed(['a']))[0]?.model).toBe('large');
  });

  it('goes straight to the fallback after a timeout', async () => {
    server.answerWith(hangs);
    expect((await embedderUnderTest(undefined, 60).embed(['a']))[0]?.model).toBe('small');
    expect(server.seen.length).toBe(1);
  });

  it('refuses vectors that are too few or of the wrong dimension', async () => {
    server.answerWith(embedsInto(8, 1));
    const error = await embedderUnderTest(8).embed(['a', 'b']).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(AllModelsFailed);
    expect((error as Error).message).toMatch(/1 vectors for 2 texts.*vectors of 4 dimensions where 8 were asked for/);
  });

  it('counts its cost and obeys the budget', async () => {
    const meter = new LocalSpendMeter({ budgetTokens: 14 });
    const error = await embedderUnderTest().embed(texts(200), { meter }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(BudgetExhausted);
    expect(meter.spent).toEqual({ calls: 2, inputTokens: 14, outputTokens: 0, costUsd: 0.000014, unpricedCalls: 0 });
  });

  it('asks nothing for no texts', async () => {
    expect(await embedderUnderTest().embed([])).toEqual([]);
    expect(server.seen).toEqual([]);
  });
});
