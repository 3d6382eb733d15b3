import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LeafOutOfRangeError } from './errors.js';
import { inclusionProof, merkleRoot, verifyInclusion } from './merkle.js';

const [a, b, c] = ['a', 'b', 'c'].map(digest) as [string, string, string];

describe('the Merkle tree of a day', () => {
  it('has no root without leaves, and a single leaf is its own root', () => {
    expect(merkleRoot([])).toBeUndefined();
    expect(merkleRoot([a])).toBe(a);
    expect(inclusionProof([a], 0)).toEqual([]);
    expect(verifyInclusion(a, [], a)).toBe(true);
  });

  it('hashes the text of both children, and repeats the last node of an odd level', () => {
    expect(merkleRoot([a, b])).toBe(digest(a + b));
    expect(merkleRoot([a, b, c])).toBe(digest(digest(a + b) + digest(c + c)));
  });

  it('gives every leaf a proof of logarithmic length', () => {
    fc.assert(
      fc.property(leaves(), (hashes) => {
        const root = merkleRoot(hashes) ?? '';
        hashes.forEach((hash, index) => {
          const proof = inclusionProof(hashes, index);
          expect(proof).toHaveLength(Math.ceil(Math.log2(hashes.length)));
          expect(verifyInclusion(hash, proof, root)).toBe(true);
        });
      }),
    );
  });

  it('proves no other leaf, root or way', () => {
    fc.assert(
      fc.property(leaves(2), fc.nat(), fc.nat(), (hashes, leaf, stranger) => {
        const index = leaf % hashes.length;
        const hash = hashes[index] ?? '';
        const proof = inclusionProof(hashes, index);
        const root = merkleRoot(hashes) ?? '';
        const wrong = hashes[stranger % hashes.length] ?? '';
        if (wrong !== hash) expect(verifyInclusion(wrong, proof, root)).toBe(false);
        expect(verifyInclusion(digest(hash), proof, root)).toBe(false);
        expect(verifyInclusion(hash, proof, digest(root))).toBe(false);
        expect(verifyInclusion(hash, proof.slice(1), root)).toBe(false);
      }),
    );
  });

  it('depends on the order of the leaves', () => {
    expect(merkleRoot([a, b, c])).not.toBe(merkleRoot([a, c, b]));
  });

  it('leads nowhere from what is not a hash', () => {
    const root = merkleRoot([a, b]) ?? '';
    expect(verifyInclusion(a + b, [], root)).toBe(false);
    expect(verifyInclusion(a.slice(0, 32), [{ side: 'right', hash: a.slice(32) + b }], root)).toBe(false);
  });

  it.each([-1, 2, 0.5, Number.NaN])('has no proof for leaf %p of two', (index) => {
    expect(() => inclusionProof([a, b], index)).toThrow(LeafOutOfRangeError);
  });
});

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function leaves(minLength = 1): fc.Arbitrary<string[]> {
  return fc.uniqueArray(fc.nat(), { minLength, maxLength: 40 }).map((seeds) => seeds.map((seed) => digest(String(seed))));
}
