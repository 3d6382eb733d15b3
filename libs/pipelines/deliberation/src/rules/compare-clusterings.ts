/** What changed between two groupings of the same concerns: which groups are still there, which fell apart or came together, and who moved. */
import { adjustedRandIndex } from '@carillon/clustering';

/** One run's raw result: candidate id → label, −1 for noise. */
export type Labelling = ReadonlyMap<string, number>;

export type GroupFate = 'same' | 'changed' | 'split' | 'merged' | 'gone' | 'new';

export interface GroupChange {
  /** Labels in the two runs; undefined where there is no such group. */
  before?: number;
  after?: number;
  fate: GroupFate;
  /** Over the candidates that both runs saw, 0 to 1. */
  jaccard: number;
  sizeBefore: number;
  sizeAfter: number;
  /** Of a split or merge: the labels on the other side that share at least a fifth of the smaller group. */
  others: number[];
}

export interface ClusteringComparison {
  /** Candidates that both runs saw, and those that only one did. */
  common: number;
  onlyBefore: number;
  onlyAfter: number;
  /** Labels are equal up to their names, on the same candidates. */
  identical: boolean;
  /** Adjusted Rand index over the common candidates, each noise point a group of its own; 1 is the same grouping. */
  agreement: number;
  /** Noise before and in a group after, the reverse, and from one group to another that does not continue it. */
  leftNoise: number;
  becameNoise: number;
  moved: number;
  groups: GroupChange[];
}

/** Shares below this are chance, not kinship. */
const KIN = 0.2;

export function compareClusterings(before: Labelling, after: Labelling): ClusteringComparison {
  const common = [...before.keys()].filter((id) => after.has(id)).sort();
  const [left, right] = [common.map((id) => before.get(id) ?? -1), common.map((id) => after.get(id) ?? -1)];
  const shared = countPairs(left, right);
  const sizes = { before: countLabels(left), after: countLabels(right) };
  const partners = greedyPartners(shared, sizes);
  const groups = changesOf(shared, sizes, partners, { before: labelsOf(before), after: labelsOf(after) });
  const continues = (from: number, to: number): boolean => partners.get(from) === to;
  return {
    common: common.length,
    onlyBefore: before.size - common.length,
    onlyAfter: after.size - common.length,
    identical: before.size === common.length && after.size === common.length && groups.every(({ fate }) => fate === 'same') && left.every((label, index) => (label < 0) === ((right[index] ?? -1) < 0)),
    agreement: common.length === 0 ? 1 : adjustedRandIndex(noiseApart(left), noiseApart(right)),
    leftNoise: left.filter((label, index) => label < 0 && (right[index] ?? -1) >= 0).length,
    becameNoise: left.filter((label, index) => label >= 0 && (right[index] ?? -1) < 0).length,
    moved: left.filter((label, index) => label >= 0 && (right[index] ?? -1) >= 0 && !continues(label, right[index] ?? -1)).length,
    groups,
  };
}

interface Shared {
  before: number;
  after: number;
  count: number;
}

type Sizes = Record<'before' | 'after', ReadonlyMap<number, number>>;

function countPairs(left: readonly number[], right: readonly number[]): Shared[] {
  const counts = new Map<string, Shared>();
  left.forEach((before, index) => {
    const after = right[index] ?? -1;
    if (before < 0 || after < 0) return;
    const key = `${before}/${after}`;
    const pair = counts.get(key) ?? { before, after, count: 0 };
    counts.set(key, { ...pair, count: pair.count + 1 });
  });
  return [...counts.values()];
}

function countLabels(labels: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const label of labels) if (label >= 0) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

const labelsOf = (labelling: Labelling): Map<number, number> => countLabels([...labelling.values()]);
const jaccardOf = ({ before, after, count }: Shared, sizes: Sizes): number => count / ((sizes.before.get(before) ?? 0) + (sizes.after.get(after) ?? 0) - count);

/** One to one, the best Jaccard first; ties go to the lower labels. */
function greedyPartners(shared: readonly Shared[], sizes: Sizes): Map<number, number> {
  const partners = new Map<number, number>();
  const taken = new Set<number>();
  const inOrder = [...shared].sort((one, other) => jaccardOf(other, sizes) - jaccardOf(one, sizes) || one.before - other.before || one.after - other.after);
  for (const pair of inOrder) {
    if (partners.has(pair.before) || taken.has(pair.after)) continue;
    partners.set(pair.before, pair.after);
    taken.add(pair.after);
  }
  return partners;
}

function changesOf(shared: readonly Shared[], sizes: Sizes, partners: ReadonlyMap<number, number>, all: Sizes): GroupChange[] {
  const kin = shared.filter((pair) => pair.count >= KIN * Math.min(sizes.before.get(pair.before) ?? 0, sizes.after.get(pair.after) ?? 0));
  const children = (before: number): number[] => kin.filter((pair) => pair.before === before).map(({ after }) => after).sort((one, other) => one - other);
  const parents = (after: number): number[] => kin.filter((pair) => pair.after === after).map((pair) => pair.before).sort((one, other) => one - other);
  const from = [...all.before.keys()].sort((one, other) => one - other).map((before): GroupChange => {
    const after = partners.get(before);
    const sizeBefore = all.before.get(before) ?? 0;
    if (after === undefined) return { before, fate: 'gone', jaccard: 0, sizeBefore, sizeAfter: 0, others: children(before) };
    const sizeAfter = all.after.get(after) ?? 0;
    const jaccard = jaccardOf(shared.find((pair) => pair.before === before && pair.after === after) ?? { before, after, count: 0 }, sizes);
    const [split, merged] = [children(before).filter((label) => label !== after), parents(after).filter((label) => label !== before)];
    const fate = split.length > 0 ? 'split' : merged.length > 0 ? 'merged' : jaccard === 1 && sizeBefore === sizeAfter ? 'same' : 'changed';
    return { before, after, fate, jaccard, sizeBefore, sizeAfter, others: split.length > 0 ? split : merged };
  });
  const continued = new Set(partners.values());
  const fresh = [...all.after.keys()].filter((after) => !continued.has(after)).sort((one, other) => one - other);
  return [...from, ...fresh.map((after): GroupChange => ({ after, fate: 'new', jaccard: 0, sizeBefore: 0, sizeAfter: all.after.get(after) ?? 0, others: parents(after) }))];
}

/** Noise is no group: two points of noise are not together. */
function noiseApart(labels: readonly number[]): number[] {
  let next = Math.max(-1, ...labels) + 1;
  return labels.map((label) => (label < 0 ? next++ : label));
}
