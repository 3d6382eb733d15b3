import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ledger } from '../spec/ledger.js';
import type { Ledger } from '../spec/ledger.js';
import { createApiKey, DeadLetterStore, holderOf, revokeApiKey, rotateApiKey } from './index.js';

let house: Ledger;
beforeAll(async () => void (house = await ledger()));
afterAll(() => house.close());

describe('an API key', () => {
  it('is known by its text and kept as a hash only', async () => {
    const key = (await createApiKey(house.dataSource, 'town', ['submit', 'read'])) ?? '';
    expect(await holderOf(house.dataSource, key)).toMatchObject({ name: 'town', rights: ['submit', 'read'] });
    const [row] = await house.query<{ row: string }>('SELECT to_jsonb(k)::text AS row FROM engine.api_key k');
    expect(row?.row).not.toContain(key.slice(4));
    expect(await holderOf(house.dataSource, `${key}x`)).toBeUndefined();
  });

  it('is made once per name, also by two at a time', async () => {
    const made = await Promise.all([1, 2, 3].map(() => createApiKey(house.dataSource, 'first', ['operate'])));
    expect(made.filter((key) => key !== undefined)).toHaveLength(1);
  });

  it('ends when it is revoked or replaced', async () => {
    const old = (await createApiKey(house.dataSource, 'clerk', ['operate'])) ?? '';
    const fresh = (await rotateApiKey(house.dataSource, 'clerk')) ?? '';
    expect(await holderOf(house.dataSource, old)).toBeUndefined();
    expect(await holderOf(house.dataSource, fresh)).toMatchObject({ name: 'clerk', rights: ['operate'] });
    const narrower = (await rotateApiKey(house.dataSource, 'clerk', ['read'])) ?? '';
    expect(await holderOf(house.dataSource, fresh)).toBeUndefined();
    expect(await holderOf(house.dataSource, narrower)).toMatchObject({ name: 'clerk', rights: ['read'] });
    expect(await revokeApiKey(house.dataSource, 'clerk')).toBe(true);
    expect(await holderOf(house.dataSource, narrower)).toBeUndefined();
    expect([await revokeApiKey(house.dataSource, 'clerk'), await rotateApiKey(house.dataSource, 'nobody')]).toEqual([false, undefined]);
  });
});

describe('a dead letter', () => {
  const letter = { service: 'spec', subject: 'step.bell.one', payload: Buffer.from([0, 255, 1, 0]), headers: {}, reason: 'undecodable', deliveries: 1 };

  it('keeps the bytes that came, whatever they were', async () => {
    const store = new DeadLetterStore(house.dataSource);
    await store.write(letter);
    await store.write({ ...letter, payload: 'text \0 with NUL' });
    const rows = await house.query<{ payload: Buffer }>('SELECT payload FROM engine.dead_letter ORDER BY id');
    expect(rows.map((row) => [...row.payload])).toEqual([[0, 255, 1, 0], [...Buffer.from('text \0 with NUL')]]);
  });

  it('bears NUL and half characters in everything that is text', async () => {
    const nasty = 'a\0b\ud800c';
    await new DeadLetterStore(house.dataSource).write({ ...letter, subject: nasty, messageId: nasty, headers: { [nasty]: nasty }, reason: nasty, error: nasty.repeat(1_000) });
    const [row] = await house.query<Record<string, unknown>>('SELECT subject, message_id, headers, reason, length(error) AS length FROM engine.dead_letter ORDER BY id DESC LIMIT 1');
    const clean = 'a\uFFFDb\uFFFDc';
    expect(row).toEqual({ subject: clean, message_id: clean, headers: { [clean]: clean }, reason: clean, length: 2_000 });
  });

  it('is listed newest first until it is re-driven or discarded', async () => {
    const store = new DeadLetterStore(house.dataSource);
    await house.query('DELETE FROM engine.dead_letter');
    for (const reason of ['first', 'second', 'third']) await store.write({ ...letter, reason });
    await house.query(`UPDATE engine.dead_letter SET discarded_at = engine.clock() WHERE reason = 'second'`);
    expect((await store.list(10)).map((one) => one.reason)).toEqual(['third', 'first']);
    expect(await store.list(1)).toHaveLength(1);
  });
});
