import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FakeModelServer } from '../spec/fake-model-server.js';
import { fails, fakeModelServer, hangs, hangsUp, says, saysWithoutUsage, sendsBrokenBody, sendsHtml, stalls } from '../spec/fake-model-server.js';
import { AllModelsFailed, BudgetExhausted, InvalidModelConfig } from './errors.js';
import type { LanguageConfig } from './model-config.js';
import { LanguageRouter } from './router.js';

const key = 'sk-very-secret-0123456789';
const prompt = 'the private words of a citizen';
let server: FakeModelServer;
let spare: FakeModelServer;

beforeEach(async () => {
  [server, spare] = await Promise.all([fakeModelServer(), fakeModelServer()]);
});
afterEach(async () => {
  await Promise.all([server.close(), spare.close()]);
});

function routerUnderTest(overrides: Partial<LanguageConfig> = {}) {
  const slept: number[] = [];
  const config: LanguageConfig = {
    servers: { main: { baseUrl: server.baseUrl, apiKey: key }, spare: { baseUrl: spare.baseUrl } },
    models: { big: { server: 'main', price: { inputPerMillionUsd: 3, outputPerMillionUsd: 15 } }, small: { server: 'spare' } },
    tiers: { canonicalization: { primary: 'big', fallback: 'small' }, alone: { primary: 'big' } },
    maxRetries: 3,
    backoffMs: 100,
    ...overrides,
  };
  const sut = new LanguageRouter(config, {
    random: () => 1,
    now: () => Date.parse('2026-01-01T00:00:00Z'),
    sleep: (milliseconds) => Promise.resolve(void slept.push(milliseconds)),
  });
  return { sut, slept };
}

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('expected a failure');
}

describe('a completion', () => {
  it('gives the text, who answered and what it cost', async () => {
    const { sut } = routerUnderTest();
    server.answerWith(says('Dear citizens'));
    const completion = await sut.complete({ tier: 'canonicalization', system: 'be brief', prompt, temperature: 0.1, maxTokens: 50 });
    expect(completion).toEqual({ text: 'Dear citizens', model: 'big', provider: 'main', usage: { inputTokens: 10, outputTokens: 5, costUsd: 0.000105, priced: true, estimated: false } });
    expect(server.seen).toMatchObject([{ path: '/v1/chat/completions', key: `Bearer ${key}`, body: { model: 'big', temperature: 0.1, max_tokens: 50, messages: [{ role: 'system', content: 'be brief' }, { role: 'user', content: prompt }] } }]);
  });

  it('guesses the tokens when the server sends no usage, and says so', async () => {
    const { sut } = routerUnderTest();
    server.answerWith(saysWithoutUsage('12345678'));
    const { usage } = await sut.complete({ tier: 'alone', prompt: '1234' });
    expect(usage).toMatchObject({ inputTokens: 1, outputTokens: 2, estimated: true });
  });

  it('shows images after the prompt, in the same message', async () => {
    const { sut } = routerUnderTest();
    await sut.complete({ tier: 'alone', prompt, images: [{ type: 'image/png', bytes: Uint8Array.of(1, 2, 3) }] });
    expect(server.seen[0]?.body.messages).toEqual([{ role: 'user', content: [{ type: 'text', text: prompt }, { type: 'image_url', image_url: { url: 'data:image/png;base64,AQID' } }] }]);
  });

  it('calls the output limit what the model wants it called', async () => {
    const { sut } = routerUnderTest({ models: { big: { server: 'main', outputLimitField: 'max_completion_tokens' }, small: { server: 'spare' } } });
    await sut.complete({ tier: 'alone', prompt, maxTokens: 9 });
    expect(server.seen[0]?.body).toMatchObject({ max_completion_tokens: 9 });
    expect(server.seen[0]?.body).not.toHaveProperty('max_tokens');
  });
});

describe('a failing server', () => {
  it.each([429, 500, 502, 503])('is tried again after HTTP %i, waiting twice as long each time', async (status) => {
    const { sut, slept } = routerUnderTest();
    server.answerWith(fails(status), fails(status), says('at last'));
    expect(await sut.complete({ tier: 'canonicalization', prompt })).toMatchObject({ text: 'at last', model: 'big' });
    expect(slept).toEqual([100, 200]);
  });

  it.each([400, 401, 403, 404])('is left at once for the fallback after HTTP %i', async (status) => {
    const { sut, slept } = routerUnderTest();
    server.answerWith(fails(status));
    spare.answerWith(says('from the spare'));
    const completion = await sut.complete({ tier: 'canonicalization', prompt });
    expect(completion).toMatchObject({ model: 'small', provider: 'spare', usage: { costUsd: 0, priced: false } });
    expect([server.seen.length, slept.length]).toEqual([1, 0]);
  });

  it.each([
    ['seconds', '7', 7_000],
    ['a date', 'Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
  ])('is given the time it asks for in %s', async (_, value, expected) => {
    const { sut, slept } = routerUnderTest();
    server.answerWith(fails(429, { 'retry-after': value }), says('now'));
    await sut.complete({ tier: 'alone', prompt });
    expect(slept).toEqual([expected]);
  });

  it('is left for the fallback when it asks for too long a wait', async () => {
    const { sut, slept } = routerUnderTest();
    server.answerWith(fails(429, { 'retry-after': '3600' }));
    expect(await sut.complete({ tier: 'canonicalization', prompt })).toMatchObject({ model: 'small' });
    expect(slept).toEqual([]);
  });

  it.each([
    ['never answers', hangs],
    ['stops in mid-body', stalls],
    ['hangs up', hangsUp],
  ])('that %s costs a bounded time and then the fallback answers', async (_, answer) => {
    // Long enough for the spare, which answers, on a machine that is busy.
    const { sut, slept } = routerUnderTest({ timeoutMs: 500, maxRetries: 2 });
    server.answerWith(answer);
    expect(await sut.complete({ tier: 'canonicalization', prompt })).toMatchObject({ model: 'small' });
    expect([server.seen.length, slept.length]).toEqual([2, 1]);
  });

  it('that is not there at all is named with the reason', async () => {
    const { sut } = routerUnderTest();
    await server.close();
    const error = await failureOf(sut.complete({ tier: 'alone', prompt }));
    expect(error.message).toMatch(/"alone" after 3 attempt\(s\): big at main: connection failed \(ECONNREFUSED\)/);
    server = await fakeModelServer();
  });

  it.each([
    ['HTML', sendsHtml],
    ['half a JSON', sendsBrokenBody],
    ['an empty text', says('  ')],
    ['a refusal without text', says(null)],
  ])('that sends %s counts as failed', async (_, answer) => {
    const { sut } = routerUnderTest();
    server.answerWith(answer);
    expect(await sut.complete({ tier: 'canonicalization', prompt })).toMatchObject({ model: 'small' });
    expect(server.seen.length).toBe(3);
  });

  it('and a failing fallback give one error that lists every cause and quotes neither key nor prompt', async () => {
    const { sut } = routerUnderTest({ maxRetries: 0 });
    server.answerWith(fails(401, {}, 'invalid_api_key'));
    spare.answerWith(fails(503));
    const error = await failureOf(sut.complete({ tier: 'canonicalization', prompt }));
    expect(error).toBeInstanceOf(AllModelsFailed);
    expect(error.message).toContain('big at main: HTTP 401 (invalid_api_key); small at spare: HTTP 503');
    const everything = JSON.stringify(error, (_, value: unknown) => (value instanceof Error ? { ...value, message: value.message, stack: value.stack, cause: value.cause } : value));
    expect(everything).not.toContain(key);
    expect(everything).not.toContain(prompt);
  });

  it('is not asked any more when the caller aborts', async () => {
    const { sut } = routerUnderTest();
    const abort = new AbortController();
    server.answerWith(() => abort.abort(new Error('shutting down')));
    expect(await failureOf(sut.complete({ tier: 'canonicalization', prompt, signal: abort.signal }))).toMatchObject({ message: 'shutting down' });
    expect([server.seen.length, spare.seen.length]).toEqual([1, 0]);
  });
});

describe('a wait between attempts', () => {
  it('ends with the caller\'s reason when the caller aborts', async () => {
    const abort = new AbortController();
    const sut = new LanguageRouter({
      servers: { main: { baseUrl: server.baseUrl } },
      models: { big: { server: 'main' } },
      tiers: { alone: { primary: 'big' } },
      backoffMs: 3_600_000,
    });
    server.answerWith((request, response) => {
      response.once('close', () => abort.abort(new Error('shutting down')));
      fails(503)(request, response);
    });
    expect(await failureOf(sut.complete({ tier: 'alone', prompt, signal: abort.signal }))).toMatchObject({ message: 'shutting down' });
  });
});

describe('a JSON completion', () => {
  const readTitle = (value: unknown): string => {
    const title = (value as { title?: unknown }).title;
    if (typeof title !== 'string') throw new Error('no title');
    return title;
  };

  it.each([
    ['bare JSON', '{"title":"Bus"}'],
    ['a fence', '```json\n{"title":"Bus"}\n```'],
    ['prose around it', 'Sure! Here [1] it is: {"title":"Bus"} Hope {that} helps.'],
    ['an array for an object', '[{"title":"Bus"},{"title":"Tram"}]'],
  ])('reads %s', async (_, content) => {
    const { sut } = routerUnderTest();
    server.answerWith(says(content));
    expect((await sut.completeJson({ tier: 'alone', prompt, read: readTitle })).value).toBe('Bus');
    expect(server.seen.length).toBe(1);
  });

  it('asks again without waiting when the answer is no JSON or not what was asked for', async () => {
    const { sut, slept } = routerUnderTest();
    server.answerWith(says('{"title": "Bus"'), says('{"name":"Bus"}'), says('{"title":"Bus"}'));
    const meter = sut.meter();
    expect(await sut.completeJson({ tier: 'alone', prompt, read: readTitle, meter })).toMatchObject({ value: 'Bus' });
    expect(slept).toEqual([]);
    expect(meter.spent).toMatchObject({ calls: 3, inputTokens: 30, outputTokens: 15 });
  });

  it('falls back, and fails without quoting the answers', async () => {
    const { sut } = routerUnderTest({ maxRetries: 2 });
    server.answerWith(says('I will not repeat "secret words"'));
    spare.answerWith(says('{"name":"secret words"}'));
    const error = await failureOf(sut.completeJson({ tier: 'canonicalization', prompt, read: readTitle }));
    expect(error.message).toMatch(/4 attempt.*no JSON object in an answer of 32 characters.*is not what was asked for/);
    expect(error.message).not.toContain('secret words');
  });
});

describe('a budget', () => {
  it('in tokens stops the next call', async () => {
    const { sut } = routerUnderTest();
    const meter = sut.meter({ budgetTokens: 30 });
    await sut.complete({ tier: 'alone', prompt, meter });
    await sut.complete({ tier: 'alone', prompt, meter });
    const error = await failureOf(sut.complete({ tier: 'alone', prompt, meter }));
    expect(error).toBeInstanceOf(BudgetExhausted);
    expect(error.message).toContain('the budget of 30 tokens is spent (30 tokens');
    expect(server.seen.length).toBe(2);
  });

  it('in dollars stops retries too, and leaves other runs alone', async () => {
    const { sut } = routerUnderTest();
    server.answerWith(says('no JSON'));
    const meter = sut.meter({ budgetUsd: 0.0002 });
    expect(await failureOf(sut.completeJson({ tier: 'canonicalization', prompt, meter, read: String }))).toBeInstanceOf(BudgetExhausted);
    expect(meter.spent).toMatchObject({ calls: 2, costUsd: 0.00021 });
    expect(await sut.complete({ tier: 'alone', prompt, meter: sut.meter({ budgetUsd: 1 }) })).toMatchObject({ text: 'no JSON' });
  });
});

describe('the configuration', () => {
  it.each([
    ['a tier with an unknown model', { tiers: { a: { primary: 'bigg' } } }, 'tiers.a.primary is "bigg", which is not configured: choose one of big, small'],
    ['a model on an unknown server', { models: { big: { server: 'nowhere' } }, tiers: {} }, 'models.big.server is "nowhere"'],
    ['a base URL that is none', { servers: { main: { baseUrl: 'example' }, spare: { baseUrl: 'http://x/v1' } } }, 'servers.main.baseUrl is not a URL'],
    ['no room for a single call', { concurrency: 0 }, 'concurrency is 0: it must be at least 1'],
  ])('with %s is refused at once', (_, overrides, message) => {
    expect(() => routerUnderTest(overrides)).toThrow(InvalidModelConfig);
    expect(() => routerUnderTest(overrides)).toThrow(message);
  });

  it('without the tier that is asked for says which there are', async () => {
    const { sut } = routerUnderTest();
    expect(await failureOf(sut.complete({ tier: 'canon', prompt }))).toMatchObject({ message: expect.stringContaining('choose one of canonicalization, alone') });
  });

  it('bounds the calls in flight', async () => {
    const { sut } = routerUnderTest({ concurrency: 2 });
    let inFlight = 0;
    let most = 0;
    server.answerWith((request, response) => {
      most = Math.max(most, (inFlight += 1));
      setImmediate(() => {
        inFlight -= 1;
        says('ok')(request, response);
      });
    });
    await Promise.all(Array.from({ length: 12 }, () => sut.complete({ tier: 'alone', prompt })));
    expect([most, server.seen.length]).toEqual([2, 12]);
  });
});
