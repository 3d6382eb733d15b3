/**
 * One hash for one day. A daily root can be published in 64 characters, and an entry's membership shown with a handful of hashes instead
 * of the whole day.
 *
 * The tree is the one that the published roots are defined by: an odd level repeats its last node, a parent is the hash of its children's
 * hexadecimal text, left then right. Such a tree does not fix the number of its leaves (`[a, b, c]` and `[a, b, c, c]` share a root), so
 * a root is published together with its entry count; and since a parent looks like a leaf, a proof says something about an entry only if
 * the verifier computed the entry's hash itself.
 */
import { LeafOutOfRangeError } from './errors.js';
import { isSha256, sha256 } from './sha256.js';

/** The neighbours on the way from a leaf to the root, nearest first, each with the side it stands on. One leaf alone has none. */
export type InclusionProof = readonly { readonly side: 'left' | 'right'; readonly hash: string }[];

/** The root over entry hashes in chain order; a single leaf is its own root; undefined when there are none. */
export function merkleRoot(hashes: readonly string[]): string | undefined {
  let level = hashes;
  while (level.length > 1) level = parentsOf(level);
  return level[0];
}

/**
 * The proof that the hash at `index` (0-based) belongs under `merkleRoot(hashes)`: ⌈log2 n⌉ neighbours.
 *
 * @throws LeafOutOfRangeError
 */
export function inclusionProof(hashes: readonly string[], index: number): InclusionProof {
  if (!Number.isInteger(index) || index < 0 || index >= hashes.length) throw new LeafOutOfRangeError(index, hashes.length);
  const proof: { side: 'left' | 'right'; hash: string }[] = [];
  let level = hashes;
  for (let position = index; level.length > 1; position >>= 1) {
    proof.push(position % 2 === 1 ? { side: 'left', hash: nodeAt(level, position - 1) } : { side: 'right', hash: nodeAt(level, position + 1) });
    level = parentsOf(level);
  }
  return proof;
}

/** Whether `proof` leads from `hash` to `root`. Anything that is not 64 lowercase hexadecimal digits leads nowhere. */
export function verifyInclusion(hash: string, proof: InclusionProof, root: string): boolean {
  if (!isSha256(hash)) return false;
  let node = hash;
  for (const neighbour of proof) {
    if (!isSha256(neighbour.hash)) return false;
    node = neighbour.side === 'left' ? sha256(neighbour.hash + node) : sha256(node + neighbour.hash);
  }
  return node === root;
}

function parentsOf(level: readonly string[]): string[] {
  const parents: string[] = [];
  for (let left = 0; left < level.length; left += 2) parents.push(sha256(nodeAt(level, left) + nodeAt(level, left + 1)));
  return parents;
}

/** A node, or the last one where an odd level has no neighbour. */
function nodeAt(level: readonly string[], position: number): string {
  return level[Math.min(position, level.length - 1)] as string;
}
