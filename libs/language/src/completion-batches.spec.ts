import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fakeBatchServer } from '@carillon/testing';
import type { FakeBatch, FakeBatchServer } from '@carillon/testing';
import type { CompletionBatches } from './completion-batches.js';
import type { LanguageConfig } from './model-config.js';
import { LanguageRouter } from './router.js';

let server: FakeBatchServer;
beforeEach(async () => void (server = await fakeBatchServer()));
afterEach(() => server.close());

const config = (priceFactor?: number): LanguageConfig => ({
  servers: { cloud: { baseUrl: server.baseUrl, ...(priceFactor !== undefined && { batches: { priceFactor } }) } },
  models: { writer: { server: 'cloud', price: { inputPerMillionUsd: 2, outputPerMillionUsd: 10 } } },
  tiers: { summaries: { primary: 'writer' } },
});
const batches = (): CompletionBatches => new LanguageRouter(config(0.5)).batches('summaries') as CompletionBatches;
const questions = new Map([
  ['a', { tier: 'summaries', system: 'Summarise.', prompt: 'about parking', temperature: 0.1 }],
  ['b', { tier: 'summaries', system: 'Summarise.', prompt: 'about food', maxTokens: 50 }],
]);
const only = (): FakeBatch => server.batches[0] as FakeBatch;

describe('questions that are handed in together', () => {
  it('are the ones that would be asked one by one, each under its name', async () => {
    expect(await batches().handIn('run 1', questions)).toBe('batch-1');
    expect(only()).toMatchObject({ metadata: { carillon: 'run 1' }, request_counts: { total: 2 } });
    expect(server.questions(only())).toEqual([
      { custom_id: 'a', method: 'POST', url: '/v1/chat/completions', body: { model: 'writer', messages: [{ role: 'system', content: 'Summarise.' }, { role: 'user', content: 'about parking' }], temperature: 0.1 } },
      { custom_id: 'b', method: 'POST', url: '/v1/chat/completions', body: { model: 'writer', messages: [{ role: 'system', content: 'Summarise.' }, { role: 'user', content: 'about food' }], max_tokens: 50 } },
    ]);
  });

  it('say how far they are, and when they are over what came, at the price of batches', async () => {
    const id = await batches().handIn('run 1', questions);
    only().request_counts.completed = 1;
    expect(await batches().look(id)).toEqual({ over: false, answered: 1, asked: 2 });
    server.end(only(), ({ custom_id }) => `${custom_id} it is`);
    const state = await batches().look(id);
    expect(state).toMatchObject({ over: true, how: 'completed' });
    expect(state.over && [...state.answers]).toEqual([
      ['b', expect.objectContaining({ text: 'b it is', model: 'writer', provider: 'cloud', usage: { inputTokens: 1_000, outputTokens: 100, costUsd: 0.0015, priced: true, estimated: false } })],
      ['a', expect.objectContaining({ text: 'a it is' })],
    ]);
  });

  it.each(['failed', 'expired', 'cancelled'])('that ended as %s give the answers that there are', async (status) => {
    const id = await batches().handIn('run 1', questions);
    server.end(only(), ({ custom_id }) => (custom_id === 'a' ? 'in time' : undefined), status);
    const state = await batches().look(id);
    expect(state.over && [state.how, ...[...state.answers].map(([name, { text }]) => `${name}: ${text}`)]).toEqual([status, 'a: in time']);
  });

  it('leave out what failed, what is empty, and lines that are no JSON', async () => {
    const id = await batches().handIn('run 1', questions);
    server.end(only(), ({ custom_id }) => (custom_id === 'a' ? 429 : ' '));
    server.files.set('batch-1-output', `${server.files.get('batch-1-output')}\n{"custom_id":`);
    const state = await batches().look(id);
    expect(state.over && state.answers.size).toBe(0);
  });

  it('are found again by their name', async () => {
    await batches().handIn('run 1', questions);
    await batches().handIn('run 2', questions);
    expect(await batches().find('run 1')).toBe('batch-1');
    expect(await batches().find('run 3')).toBeUndefined();
  });

  it('can be cancelled, and nothing of them stays at the server', async () => {
    const id = await batches().handIn('run 1', questions);
    await batches().cancel(id);
    expect(only().status).toBe('cancelled');
    server.end(only(), () => 'late');
    await batches().forget(id);
    expect([...server.files.keys()]).toEqual([]);
  });

  it('that the server refuses fail in words, without what was asked', async () => {
    server.refuseWith(503);
    await expect(batches().handIn('run 1', questions)).rejects.toThrow(/writer.*HTTP 503/);
    await expect(batches().handIn('run 1', questions)).rejects.not.toThrow(/parking/);
  });

  it('need a server that takes them', () => {
    expect(new LanguageRouter(config()).batches('summaries')).toBeUndefined();
    expect(() => new LanguageRouter(config()).batches('poems')).toThrow('"poems", which is not configured');
  });
});
