import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { chainOf, draftNumber } from './chain.fixture.js';
import { entryHash, GENESIS } from './entry.js';
import { MalformedEntryError, NotCanonicalError } from './errors.js';
import { sealEntries } from './seal-entries.js';

const FIELDS = {
  timestamp: '2026-11-03T07:05:00.120Z',
  event_type: 'vote_cast',
  entity_type: 'cycle',
  entity_id: '019a4c1e-6d1c-7b3a-9f10-2c5f7d3b8a61',
  payload: { selections: ['b', 'a'], title: 'Überfahrt' },
  prev_hash: 'genesis',
};

describe('sealing entries', () => {
  it('hashes the UTF-8 bytes of exactly this text', () => {
    const text =
      '{"entity_id":"019a4c1e-6d1c-7b3a-9f10-2c5f7d3b8a61","entity_type":"cycle","event_type":"vote_cast","payload":{"selections":["b","a"],"title":"Überfahrt"},"prev_hash":"genesis","timestamp":"2026-11-03T07:05:00.120Z"}';
    expect(entryHash(FIELDS)).toBe(createHash('sha256').update(Buffer.from(text, 'utf8')).digest('hex'));
  });

  it('starts at genesis and links each entry to the one before', () => {
    const [first, second, third] = chainOf(3);
    expect(first).toMatchObject({ seq: 1, prev_hash: 'genesis' });
    expect(second).toMatchObject({ seq: 2, prev_hash: first?.hash });
    expect(third).toMatchObject({ seq: 3, prev_hash: second?.hash });
  });

  it('gives one chain whether sealed at once or in parts', () => {
    const drafts = [0, 1, 2, 3, 4].map(draftNumber);
    const start = sealEntries(GENESIS, drafts.slice(0, 2));
    const rest = sealEntries({ count: 2, hash: start[1]?.hash ?? '' }, drafts.slice(2));
    expect([...start, ...rest]).toEqual(sealEntries(GENESIS, drafts));
    expect(sealEntries(GENESIS, [])).toEqual([]);
  });

  it.each([
    ['timestamp', '2026-11-03T07:05:00Z'],
    ['timestamp', '2026-11-03T07:05:00.120456Z'],
    ['timestamp', '2026-11-03T08:05:00.120+01:00'],
    ['timestamp', '2026-02-30T07:05:00.120Z'],
    ['event_type', ''],
    ['entity_type', ''],
    ['entity_id', FIELDS.entity_id.toUpperCase()],
    ['prev_hash', 'A'.repeat(64)],
  ])('refuses the %s "%s"', (field, value) => {
    expect(() => entryHash({ ...FIELDS, [field]: value })).toThrow(MalformedEntryError);
    expect(() => entryHash({ ...FIELDS, [field]: value })).toThrow(`${field} is "${value}"`);
  });

  it('seals nothing when one draft can not be evidence', () => {
    expect(() => sealEntries(GENESIS, [draftNumber(0), { ...draftNumber(1), payload: { share: Number.NaN } }])).toThrow(NotCanonicalError);
  });
});
