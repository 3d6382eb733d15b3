import { Worker } from 'node:worker_threads';
import { createRequire } from 'node:module';
import { afterAll, describe, expect, it } from '@jest/globals';
import { EmbedderClosed, EmbeddingWorkerCrashed } from './errors.js';
import { LocalEmbedder } from './local-embedder.js';
import { UseLiteEmbedder } from './use-lite-embedder.js';

const shared = new UseLiteEmbedder();
afterAll(() => shared.close());

const cosine = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

describe('sentence vectors in English', () => {
  it('bring sentences of one topic closer than those of another', async () => {
    const topics = [
      ['The bus should run later at night.', 'Public transport needs more frequent service.'],
      ['Teachers deserve higher salaries.', 'Our schools are underfunded and classes too large.'],
      ['Rent is unaffordable for young families.', 'We need more low-cost apartments.'],
      ['Marijuana should be legalized.', 'Cannabis ought to be legal and taxed.'],
      ['The river is polluted by factories.', 'Industrial waste is poisoning our water.'],
      ['Hospitals need more nurses.', 'Waiting times at the clinic are too long for patients.'],
    ];
    const vectors = (await shared.embed(topics.flat())).map(({ vector }) => vector);
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    const within = topics.map((_, topic) => cosine(vectors[2 * topic] ?? new Float32Array(), vectors[2 * topic + 1] ?? new Float32Array()));
    const across = vectors.flatMap((a, i) => vectors.filter((_, j) => Math.floor(j / 2) !== Math.floor(i / 2)).map((b) => cosine(a, b)));
    expect(mean(within)).toBeGreaterThan(mean(across) + 0.15);
    expect(Math.min(...within)).toBeGreaterThan(mean(across));
  });

  it('have 512 dimensions and length 1, and do not depend on the batch', async () => {
    const [alone] = await shared.embed(['Fix the roads.']);
    const many = await shared.embed([...Array.from({ length: 40 }, (_, index) => `comment number ${index}`), 'Fix the roads.']);
    expect(alone?.model).toBe('use-lite-en-512');
    expect(alone?.vector.length).toBe(512);
    expect(Math.hypot(...(alone?.vector ?? []))).toBeCloseTo(1, 5);
    expect(many.length).toBe(41);
    expect(cosine(alone?.vector ?? new Float32Array(), many[40]?.vector ?? new Float32Array())).toBeCloseTo(1, 5);
  });

  it('exist for every string', async () => {
    const odd = await shared.embed(['', '  ', '😊', '\u0000', '\ud800', 'a'.repeat(100_000)]);
    for (const { vector } of odd) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  });

  it('leave the event loop free while they are made', async () => {
    let turns = 0;
    let done = false;
    const count = (): void => {
      turns += 1;
      if (!done) setImmediate(count);
    };
    setImmediate(count);
    await shared.embed(Array.from({ length: 64 }, (_, index) => `The street number ${index} needs a sidewalk and lights.`));
    done = true;
    // Two batches in this thread would leave a handful of turns between them.
    expect(turns).toBeGreaterThan(1_000);
  });

  it('stop between batches when the caller aborts', async () => {
    const abort = new AbortController();
    const call = shared.embed(Array.from({ length: 64 }, () => 'Fix the roads.'), { signal: abort.signal });
    abort.abort(new Error('shutting down'));
    await expect(call).rejects.toThrow('shutting down');
  });
});

describe('a worker that dies', () => {
  it('fails the calls that wait, and the next call works', async () => {
    const workers: Worker[] = [];
    const sut = new UseLiteEmbedder(() => {
      const worker = new Worker(createRequire(import.meta.url).resolve('#use-lite-worker'));
      workers.push(worker);
      return worker;
    });
    const calls = Promise.allSettled([sut.embed(['one']), sut.embed(['two'])]);
    void workers[0]?.terminate();
    for (const call of await calls) expect(call).toMatchObject({ status: 'rejected', reason: expect.any(EmbeddingWorkerCrashed) });
    expect(await sut.embed(['three'])).toHaveLength(1);
    expect(workers).toHaveLength(2);
    await sut.close();
  });

  it('after an answer that is an error: a model that did not load is not asked again', async () => {
    const failing = "const { parentPort } = require('node:worker_threads'); parentPort.on('message', ({ id }) => parentPort.postMessage({ id, error: new Error('no backend') }));";
    let started = 0;
    const sut = new UseLiteEmbedder(() => (started++ === 0 ? new Worker(failing, { eval: true }) : new Worker(createRequire(import.meta.url).resolve('#use-lite-worker'))));
    await expect(sut.embed(['one'])).rejects.toMatchObject({ name: 'EmbeddingWorkerCrashed', cause: { message: 'no backend' } });
    expect(await sut.embed(['two'])).toHaveLength(1);
    expect(started).toBe(2);
    await sut.close();
  });

  it('of an error is named with its cause', async () => {
    const sut = new UseLiteEmbedder(() => new Worker('throw new Error("no memory for the model")', { eval: true }));
    await expect(sut.embed(['one'])).rejects.toMatchObject({ name: 'EmbeddingWorkerCrashed', cause: { message: 'no memory for the model' } });
    await sut.close();
  });
});

describe('closing', () => {
  it('fails the calls that wait and all later ones, and is safe to repeat', async () => {
    const sut = new UseLiteEmbedder();
    const call = sut.embed(['one']);
    const failed = expect(call).rejects.toThrow(EmbedderClosed);
    await sut.close();
    await sut.close();
    await failed;
    await expect(sut.embed(['two'])).rejects.toThrow(EmbedderClosed);
  });
});

describe('the local embedder', () => {
  it('sends each language where it belongs and keeps the order', async () => {
    const sut = new LocalEmbedder(shared);
    expect(sut.models).toEqual(['use-lite-en-512', 'hashed-ngram-512']);
    const embeddings = await sut.embed(['مالیات را کم کنید', 'Lower the taxes.', '', 'Die Steuern sind zu hoch und das ist nicht gut', 'Fix the roads.']);
    expect(embeddings.map(({ model }) => model)).toEqual(['hashed-ngram-512', 'use-lite-en-512', 'hashed-ngram-512', 'hashed-ngram-512', 'use-lite-en-512']);
    const [roads] = await shared.embed(['Fix the roads.']);
    expect(embeddings[4]?.vector).toEqual(roads?.vector);
  });
});
