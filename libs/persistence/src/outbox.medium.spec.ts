import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ledger } from '../spec/ledger.js';
import type { Ledger } from '../spec/ledger.js';
import { promise, relayBatch } from './index.js';

let house: Ledger;
beforeAll(async () => void (house = await ledger()));
afterAll(() => house.close());

describe('the outbox', () => {
  it('is not held up by messages that the bus refuses, however many', async () => {
    for (let n = 0; n < 30; n += 1) await promise(house.dataSource.manager, { subject: 'nobody.listens', payload: { n } });
    await promise(house.dataSource.manager, { subject: 'step.bell.one', payload: {} });
    const published: string[] = [];
    const taken: number[] = [];
    do taken.push((await relayBatch(house.dataSource, 10, async (messages) => {
      const good = messages.filter((message) => message.subject === 'step.bell.one');
      published.push(...good.map((message) => message.subject));
      return good.map((message) => message.id);
    })).taken); while (taken.at(-1) === 10);
    expect(taken).toEqual([10, 10, 10, 1]);
    expect(published).toEqual(['step.bell.one']);
    expect(await house.query('SELECT FROM engine.outbox')).toHaveLength(30);
  });

  it('keeps everything as it is when the bus is away', async () => {
    const before = await house.query('SELECT id, available_at FROM engine.outbox ORDER BY id');
    await house.moveClock(6_000);
    await expect(relayBatch(house.dataSource, 10, () => Promise.reject(new Error('no bus')))).rejects.toThrow('no bus');
    expect(await house.query('SELECT id, available_at FROM engine.outbox ORDER BY id')).toEqual(before);
  });
});
