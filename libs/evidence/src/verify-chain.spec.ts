import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chainOf, draftNumber } from './chain.fixture.js';
import { GENESIS } from './entry.js';
import type { ChainHead, EvidenceEntry } from './entry.js';
import { newSalt, saltedHash } from './salted-hash.js';
import { sealEntries } from './seal-entries.js';
import { verifyChain } from './verify-chain.js';

describe('verifying a chain', () => {
  it('accepts what was sealed, and names its head', async () => {
    const chain = chainOf(5);
    await expect(verifyChain(chain)).resolves.toEqual({ valid: true, checked: 5, head: headOf(chain) });
    await expect(verifyChain([])).resolves.toEqual({ valid: true, checked: 0, head: GENESIS });
  });

  it('holds for the public export, because private fields were hashed before they went in', async () => {
    const salt = newSalt();
    const entries = sealEntries(GENESIS, [{ ...draftNumber(0), payload: { user_hash: saltedHash('019a-user', salt), text: 'a' } }]);
    const exported = entries.map((entry) => JSON.stringify(entry));
    await expect(verifyChain(exported.map((line) => JSON.parse(line) as unknown))).resolves.toMatchObject({ valid: true });
  });

  it('survives a store that writes numbers and key order its own way', async () => {
    const [entry] = sealEntries(GENESIS, [{ ...draftNumber(0), payload: { share: 5.0, epsilon: 1e-7 } }]);
    const stored = { ...entry, payload: JSON.parse('{"epsilon": 0.0000001, "share": 5}') as unknown };
    await expect(verifyChain([stored])).resolves.toMatchObject({ valid: true });
  });

  it.each<[string, Partial<EvidenceEntry>, string]>([
    ['payload', { payload: { raw_text: 'something else' } }, 'wrong_hash'],
    ['timestamp', { timestamp: '2026-11-03T07:00:09.000Z' }, 'wrong_hash'],
    ['event type', { event_type: 'cycle_closed' }, 'wrong_hash'],
    ['entity type', { entity_type: 'user' }, 'wrong_hash'],
    ['entity id', { entity_id: '019a0000-0000-7000-9000-ffffffffffff' }, 'wrong_hash'],
    ['hash', { hash: '0'.repeat(64) }, 'wrong_hash'],
    ['link', { prev_hash: '0'.repeat(64) }, 'broken_link'],
    ['sequence number', { seq: 7 }, 'wrong_sequence'],
    ['shape', { payload: [] as never }, 'malformed'],
  ])('finds a changed %s at the entry where it happened', async (_, change, reason) => {
    const chain = chainOf(5);
    const tampered = chain.map((entry) => (entry.seq === 3 ? { ...entry, ...change } : entry));
    const verdict = await verifyChain(tampered);
    expect(verdict).toEqual({ valid: false, checked: 2, brokenAt: { position: 3, seq: change.seq ?? 3, reason }, head: headOf(chain.slice(0, 2)) });
  });

  it('finds an entry that was rewritten together with its hash, at the next link', async () => {
    const chain = chainOf(5);
    const [rewritten] = sealEntries(headOf(chain.slice(0, 2)), [{ ...draftNumber(2), payload: { raw_text: 'something else' } }]);
    const verdict = await verifyChain(chain.map((entry) => (entry.seq === 3 ? rewritten : entry)));
    expect(verdict.brokenAt).toEqual({ position: 4, seq: 4, reason: 'broken_link' });
  });

  it('finds a removed entry, also when the rest was renumbered', async () => {
    const left = chainOf(5).filter((entry) => entry.seq !== 3);
    expect((await verifyChain(left)).brokenAt).toEqual({ position: 3, seq: 4, reason: 'wrong_sequence' });
    const renumbered = left.map((entry, index) => ({ ...entry, seq: index + 1 }));
    expect((await verifyChain(renumbered)).brokenAt).toEqual({ position: 3, seq: 3, reason: 'broken_link' });
  });

  it.each([null, 'text', 12, {}, [], { seq: 1, prev_hash: 'genesis' }])('calls %j no entry instead of failing on it', async (line) => {
    expect((await verifyChain([line])).valid).toBe(false);
  });

  describe('against a head that was noted earlier', () => {
    const chain = chainOf(5);
    const noted = headOf(chain.slice(0, 4));

    it('finds a cut at the end, which nothing else can', async () => {
      const cut = chain.slice(0, 3);
      await expect(verifyChain(cut)).resolves.toMatchObject({ valid: true });
      const verdict = await verifyChain(cut, { expected: noted });
      expect(verdict).toMatchObject({ valid: false, checked: 3, brokenAt: { position: 4, seq: undefined, reason: 'truncated' } });
    });

    it('accepts a chain that has grown since', async () => {
      await expect(verifyChain(chain, { expected: noted })).resolves.toMatchObject({ valid: true, checked: 5 });
    });

    it('finds another chain that is consistent in itself', async () => {
      const other = sealEntries(GENESIS, [1, 1, 2, 3, 4].map(draftNumber));
      await expect(verifyChain(other)).resolves.toMatchObject({ valid: true });
      expect((await verifyChain(other, { expected: noted })).brokenAt).toEqual({ position: 4, seq: 4, reason: 'unexpected_head' });
    });
  });

  it('reads one entry at a time and stops at the first bad one', async () => {
    const chain = chainOf(6);
    let read = 0;
    async function* cursor(): AsyncGenerator<unknown> {
      for (const entry of chain) {
        read += 1;
        yield entry.seq === 3 ? { ...entry, event_type: 'other' } : entry;
      }
    }
    await verifyChain(cursor());
    expect(read).toBe(3);
  });

  it('finds any change of any covered field of any entry', async () => {
    const chain = chainOf(6);
    const field = fc.constantFrom('timestamp', 'event_type', 'entity_type', 'entity_id', 'payload', 'prev_hash', 'hash', 'seq');
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 5 }), field, fc.oneof(fc.string(), fc.jsonValue(), fc.nat()), async (index, name, value) => {
        fc.pre(JSON.stringify(chain[index]?.[name as keyof EvidenceEntry]) !== JSON.stringify(value));
        const verdict = await verifyChain(chain.map((entry, at) => (at === index ? { ...entry, [name]: value } : entry)));
        expect(verdict.brokenAt?.position).toBe(index + 1);
      }),
    );
  });

  it('finds any other order, renumbered or not', async () => {
    const chain = chainOf(6);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(chain, { minLength: 2 }), fc.boolean(), async (order, renumber) => {
        fc.pre(order.some((entry, index) => entry !== chain[index]));
        const entries = renumber ? order.map((entry, index) => ({ ...entry, seq: index + 1 })) : order;
        expect((await verifyChain(entries)).valid).toBe(false);
      }),
    );
  });
});

function headOf(chain: readonly EvidenceEntry[]): ChainHead {
  const last = chain.at(-1);
  return last === undefined ? GENESIS : { count: last.seq, hash: last.hash };
}
