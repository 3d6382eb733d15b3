import { describe, expect, it, jest } from '@jest/globals';
import { Batch } from './batch.js';

/** Rounds that end when they are told to. */
function rounds(options: { most?: number; flights?: number; patienceMs?: number; blames?: () => boolean } = {}): { batch: Batch<number, number>; begun: number[][]; end: (which: number, error?: Error) => void } {
  const begun: number[][] = [];
  const ends: ((error?: Error) => void)[] = [];
  const round = (items: number[]): Promise<number[]> =>
    new Promise((resolve, reject) => {
      begun.push(items);
      ends.push((error) => (error ? reject(error) : resolve(items.map((item) => item * 10))));
    });
  return { batch: new Batch({ round, most: 3, flights: 2, ...options }), begun, end: (which, error) => ends[which]?.(error) };
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('a batch', () => {
  it('takes what comes in one turn together, and answers each', async () => {
    const { batch, begun, end } = rounds();
    const answers = Promise.all([batch.add(1), batch.add(2)]);
    await turn();
    expect(begun).toEqual([[1, 2]]);
    end(0);
    expect(await answers).toEqual([10, 20]);
  });

  it('without patience begins another round at once beside the first, and no more rounds than may fly', async () => {
    const { batch, begun, end } = rounds();
    const answers = [batch.add(1)];
    await turn();
    answers.push(batch.add(2));
    await turn();
    answers.push(batch.add(3), batch.add(4));
    await turn();
    expect(begun).toEqual([[1], [2]]);
    end(0);
    await turn();
    expect(begun).toEqual([[1], [2], [3, 4]]);
    end(1);
    end(2);
    expect(await Promise.all(answers)).toEqual([10, 20, 30, 40]);
  });

  it('with patience begins another round only when it is full, or when the first has been under way for long', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    try {
      const { batch, begun } = rounds({ patienceMs: 5, flights: 3 });
      void batch.add(1);
      await turn();
      void batch.add(2);
      void batch.add(3);
      await turn();
      expect(begun).toEqual([[1]]);
      void batch.add(4);
      await turn();
      expect(begun).toEqual([[1], [2, 3, 4]]);
      void batch.add(5);
      await turn();
      expect(begun).toHaveLength(2);
      jest.advanceTimersByTime(5);
      expect(begun).toEqual([[1], [2, 3, 4], [5]]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('with patience goes on as soon as the round before has ended', async () => {
    const { batch, begun, end } = rounds({ patienceMs: 60_000 });
    const answers = [batch.add(1)];
    await turn();
    answers.push(batch.add(2));
    end(0);
    await turn();
    expect(begun).toEqual([[1], [2]]);
    end(1);
    expect(await Promise.all(answers)).toEqual([10, 20]);
  });

  it('tries each alone when a round failed for the fault of one', async () => {
    const { batch, begun, end } = rounds({ blames: () => true });
    const answers = Promise.allSettled([batch.add(1), batch.add(2)]);
    await turn();
    end(0, new Error('one is broken'));
    await turn();
    end(1, new Error('this one'));
    await turn();
    end(2);
    expect(await answers).toMatchObject([{ status: 'rejected', reason: { message: 'this one' } }, { status: 'fulfilled', value: 20 }]);
    expect(begun).toEqual([[1, 2], [1], [2]]);
  });
});
