import { expect, it } from '@jest/globals';
import { normalise } from './normalise.js';
import type { NormalPosting } from './normalise.js';
import { planScan } from './plan-scan.js';
import type { StoredPosting } from './plan-scan.js';

const source = { name: 'Acme', type: 'lever' as const, identifier: 'acme' };
const fetched = (externalId: string, description = 'text', url = 'https://x.org/1'): NormalPosting =>
  normalise({ externalId, title: ' An\n Engineer ', location: ' ', description, url, postedAt: null, updatedAt: null, details: {} }, source);
const stored = (posting: NormalPosting, closed = false): StoredPosting => ({ jobKey: posting.jobKey, contentHash: posting.contentHash, factsHash: posting.factsHash, closed });
const plan = (before: readonly StoredPosting[], now: readonly NormalPosting[], change: { known?: string[]; closes?: boolean } = {}) => planScan(before, now, { known: [], closes: true, source, ...change });

it('an unknown key is new, another text is a change, another address is stored, the same is left alone', () => {
  const before = ['b', 'c', 'd'].map((id) => stored(fetched(id)));
  const now = [fetched('a'), fetched('b', 'other'), fetched('c', 'text', 'https://x.org/2'), fetched('d', ' TEXT ')];
  const { inserts, updates, facts, unchanged } = plan(before, now);
  expect([inserts, updates, facts].map((list) => list.map(({ externalId }) => externalId))).toEqual([['a'], ['b'], ['c']]);
  expect(unchanged).toBe(1);
});

it('what is not there any more is closed, and what is there again is open (defect 11)', () => {
  const [a, b] = [fetched('a'), fetched('b')];
  expect(plan([stored(a), stored(b, true)], [b])).toMatchObject({ closed: [a.jobKey], reopened: [b.jobKey], inserts: [] });
});

it('half a board closes nothing', () => expect(plan([stored(fetched('a'))], [], { closes: false }).closed).toEqual([]));
it('what was not read again is there', () => expect(plan([stored(fetched('a'))], [], { known: ['a'] })).toMatchObject({ closed: [], unchanged: 1 }));
it('the same id twice is one posting', () => expect(plan([], [fetched('a'), fetched('a', 'other')]).inserts).toHaveLength(1));
it('texts are stored in one line where they are one, without what a database does not take', () => {
  expect(normalise({ externalId: '1', title: 'a\u0000\n b', company: ' C ', location: null, description: 'x \ud800', url: 'u', postedAt: null, updatedAt: null, details: { cities: ['y\u0000'] } }, source)).toMatchObject({ title: 'a b', company: 'C', description: 'x \ufffd', details: { cities: ['y'] } });
});
