import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FakeModelServer } from '../spec/fake-model-server.js';
import { fails, fakeModelServer, says } from '../spec/fake-model-server.js';
import { LanguageRouter } from './router.js';
import { playedTape, recordingTape } from './tape.js';
import type { Tape } from './tape.js';

let server: FakeModelServer;
let folder: string;
let path: string;
beforeEach(async () => {
  server = await fakeModelServer();
  folder = await mkdtemp(join(tmpdir(), 'carillon-tape-'));
  path = join(folder, 'tape.jsonl');
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const router = (tape: Tape): LanguageRouter =>
  new LanguageRouter({ servers: { one: { baseUrl: server.baseUrl } }, models: { m: { server: 'one', price: { inputPerMillionUsd: 1, outputPerMillionUsd: 1 } }, n: { server: 'one' } }, tiers: { t: { primary: 'm', fallback: 'n' } }, maxRetries: 1 }, { tape });
const parking = { tier: 't', system: 'Answer.', prompt: 'Where to park?' };

describe('answers of models on a tape', () => {
  it('are played back as they were recorded, with their cost, and nobody is asked', async () => {
    server.answerWith(says('by the river'), says('at noon'));
    const recorder = router(recordingTape(path));
    const where = await recorder.complete(parking);
    const when = await recorder.complete({ ...parking, prompt: 'When to eat?' });
    await server.close();
    const player = router(playedTape(path));
    expect(await player.complete(parking)).toEqual(where);
    expect(await player.complete({ ...parking, prompt: 'When to eat?' })).toEqual(when);
    expect(where).toMatchObject({ text: 'by the river', usage: { inputTokens: 10, outputTokens: 5 } });
    server = await fakeModelServer();
  });

  it('do not hold what was asked', async () => {
    await router(recordingTape(path)).complete(parking);
    expect(await readFile(path, 'utf8')).not.toMatch(/park|Answer/);
  });

  it.each([
    ['another prompt', { ...parking, prompt: 'Where to park? ' }],
    ['another instruction', { ...parking, system: 'Answer!' }],
    ['another temperature', { ...parking, temperature: 0.5 }],
  ])('are for one question: %s is told, and neither the server nor a fallback is asked', async (_what, request) => {
    await router(recordingTape(path)).complete(parking);
    const asked = server.seen.length;
    await expect(router(playedTape(path)).complete(request)).rejects.toThrow(/has no answer of "m" to the question [0-9a-f]{16}.*record it anew/);
    expect(server.seen.length).toBe(asked);
  });

  it('are recorded when they came: a failure is tried again as ever, and not kept', async () => {
    server.answerWith(fails(500), says('by the river'));
    await router(recordingTape(path)).complete(parking);
    expect((await readFile(path, 'utf8')).trim().split('\n').map((line) => (JSON.parse(line) as { model: string }).model)).toEqual(['n']);
  });

  it('recorded at once do not mix', async () => {
    const recorder = router(recordingTape(path));
    await Promise.all(Array.from({ length: 50 }, (_none, nth) => recorder.complete({ ...parking, prompt: `${nth} ${'long '.repeat(2_000)}` })));
    expect((await readFile(path, 'utf8')).trim().split('\n').map((line) => (JSON.parse(line) as { text: string }).text)).toEqual(Array(50).fill('hello'));
  });

  it('that cannot be read are told with their line', async () => {
    await writeFile(path, '{"key":"a","model":"m","text":"x","usage":{}}\n{"key":');
    expect(() => playedTape(path)).toThrow(`${path}, line 2 is no recorded answer`);
  });
});
