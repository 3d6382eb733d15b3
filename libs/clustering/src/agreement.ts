/** How much two groupings of the same things agree. */
import { InvalidLabelsError } from './errors.js';

/**
 * Adjusted Rand index of two labellings (Hubert and Arabie 1985): 1 for the same partition up to renaming, about 0 for chance, negative for less than chance.
 * Every label is a group, so noise (-1) counts as one group.
 * @throws InvalidLabelsError when the labellings differ in length.
 */
export function adjustedRandIndex(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new InvalidLabelsError(`adjustedRandIndex compares labels of the same points, but was given ${a.length} and ${b.length}: align them first.`);
  const both = new Map<string, number>();
  const inA = new Map<string, number>();
  const inB = new Map<string, number>();
  for (let point = 0; point < a.length; point++) {
    increase(both, `${a[point]} ${b[point]}`);
    increase(inA, `${a[point]}`);
    increase(inB, `${b[point]}`);
  }
  const together = pairs(both);
  const togetherInA = pairs(inA);
  const togetherInB = pairs(inB);
  const all = (a.length * (a.length - 1)) / 2;
  const expected = all === 0 ? 0 : (togetherInA * togetherInB) / all;
  const most = (togetherInA + togetherInB) / 2;
  // Both all together, or both all apart: nothing left to chance, and they agree.
  return most === expected ? 1 : (together - expected) / (most - expected);
}

/** Shared members as a share of all members; 1 for two empty sets. */
export function jaccard<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): number {
  const [small, large] = a.size <= b.size ? [a, b] : [b, a];
  let shared = 0;
  for (const member of small) if (large.has(member)) shared++;
  const union = a.size + b.size - shared;
  return union === 0 ? 1 : shared / union;
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function pairs(counts: Map<string, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += (count * (count - 1)) / 2;
  return sum;
}
