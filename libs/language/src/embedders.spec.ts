import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidVector } from './errors.js';
import { HashedNgramEmbedder } from './hashed-ngram-embedder.js';
import { decodeVector, encodeVector } from './vector-bytes.js';

const hashed = new HashedNgramEmbedder();
const vectorsOf = async (texts: string[]): Promise<Float32Array[]> => (await hashed.embed(texts)).map(({ vector }) => vector);
const cosine = (a: Float32Array = new Float32Array(), b: Float32Array = new Float32Array()): number => a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

describe('hashed n-gram vectors', () => {
  it('have 512 dimensions, length 1, a model name, and are the same every time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        const [first, again] = await hashed.embed([text, text]);
        expect(first?.model).toBe('hashed-ngram-512');
        expect(first?.vector.length).toBe(512);
        expect(Math.hypot(...(first?.vector ?? []))).toBeCloseTo(1, 5);
        expect(again?.vector).toEqual(first?.vector);
      }),
    );
  });

  it('do not change between releases', async () => {
    const [vector] = await vectorsOf(['قانون مالیات']);
    const places = [...(vector ?? [])].flatMap((value, index) => (Math.abs(value) > 0.25 ? [index] : []));
    expect(places).toEqual([25, 409]);
  });

  it('bring Persian sentences of one topic closer than those of two', async () => {
    const topics = [
      ['مالیات کارگران باید کمتر شود', 'مالیات برای کارگران خیلی زیاد است', 'قانون مالیات کارگران عادلانه نیست'],
      ['آلودگی هوای تهران خطرناک است', 'هوای تهران آلوده است', 'برای آلودگی هوا فکری کنید'],
      ['اتوبوس‌های شهر همیشه دیر می‌رسند', 'اتوبوس شهری بیشتری لازم داریم', 'خط اتوبوس شهر را گسترش دهید'],
    ];
    const vectors = await vectorsOf(topics.flat());
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    const topicOf = (index: number): number => Math.floor(index / 3);
    const pairs = vectors.flatMap((a, i) => vectors.map((b, j) => ({ i, j, same: topicOf(i) === topicOf(j), cosine: cosine(a, b) }))).filter(({ i, j }) => i !== j);
    const within = pairs.filter(({ same }) => same).map((pair) => pair.cosine);
    const across = pairs.filter(({ same }) => !same).map((pair) => pair.cosine);
    expect(mean(within)).toBeGreaterThan(mean(across) + 0.15);
    for (const index of vectors.keys()) {
      const [nearest] = pairs.filter(({ i }) => i === index).sort((a, b) => b.cosine - a.cosine);
      expect(nearest?.same).toBe(true);
    }
  });

  it('do not care how Persian is typed', async () => {
    const [persian, arabicKeyboard, joined] = await vectorsOf(['کتاب‌های فارسی ۱۲', 'كتاب‌هاي فارسي ١٢', 'کتاب های فارسی 12']);
    expect(cosine(persian, arabicKeyboard)).toBeCloseTo(1, 5);
    expect(cosine(persian, joined)).toBeCloseTo(1, 5);
  });
});

describe('vectors as bytes', () => {
  it('come back exactly', () => {
    fc.assert(fc.property(fc.float32Array(), (vector) => expect(decodeVector(encodeVector(vector))).toEqual(vector)));
  });

  it('are little-endian Float32 wherever they are read from', () => {
    expect([...encodeVector(Float32Array.of(1, -2))]).toEqual([0, 0, 128, 63, 0, 0, 0, 192]);
    expect(decodeVector(Buffer.from([9, 0, 0, 128, 63]).subarray(1))).toEqual(Float32Array.of(1));
  });

  it('are refused when cut', () => {
    expect(() => decodeVector(Buffer.alloc(7))).toThrow(InvalidVector);
  });
});
