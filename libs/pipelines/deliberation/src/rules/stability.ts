/**
 * Would the same people end up together if a tenth of them had stayed silent? A cluster that falls apart when a few members are missing is a product
 * of chance, and is marked so. Informational: it still goes to the agenda.
 */

/** A clustering of some of the points. */
export interface Rerun {
  /** Positions of the points that took part. */
  indices: ArrayLike<number>;
  /** Their labels, in that order; -1 is noise. */
  labels: ArrayLike<number>;
}

/**
 * Per cluster of the reference, the mean over the re-runs of its best Jaccard index with any of their clusters, counted over the points that took part (0 to 1).
 * A re-run that left out every member of a cluster says nothing about it.
 */
export function stabilities(reference: ArrayLike<number>, reruns: readonly Rerun[]): Map<number, number> {
  const scores = new Map<number, number[]>();
  for (const rerun of reruns) {
    for (const [label, jaccard] of bestMatches(reference, rerun)) scores.set(label, [...(scores.get(label) ?? []), jaccard]);
  }
  return new Map([...scores].map(([label, values]) => [label, values.reduce((sum, value) => sum + value, 0) / values.length]));
}

/** A share of the positions 0 to count − 1, ascending; the same seed gives the same ones. */
export function subsample(count: number, share: number, seed: number): Int32Array {
  const positions = Int32Array.from({ length: count }, (_, index) => index);
  const size = Math.round(count * share);
  const random = mulberry32(seed);
  for (let index = 0; index < size; index += 1) {
    const other = index + Math.floor(random() * (count - index));
    [positions[index], positions[other]] = [positions[other] ?? 0, positions[index] ?? 0];
  }
  return positions.slice(0, size).sort();
}

/**
 * Whether an unstable cluster wants a new summary: when it has just become unstable, or is so and its members changed in this run. On unchanged members the same
 * finding comes back every run, and asking again would only cost.
 */
export function wantsResummary(finding: { unstable: boolean; wasUnstable: boolean; membersChanged: boolean }): boolean {
  return finding.unstable && (!finding.wasUnstable || finding.membersChanged);
}

function bestMatches(reference: ArrayLike<number>, rerun: Rerun): Map<number, number> {
  const sizes = new Map<number, number>();
  const rerunSizes = new Map<number, number>();
  const shared = new Map<number, Map<number, number>>();
  for (let index = 0; index < rerun.indices.length; index += 1) {
    const label = reference[rerun.indices[index] ?? -1] ?? -1;
    const found = rerun.labels[index] ?? -1;
    if (found >= 0) increment(rerunSizes, found);
    if (label < 0) continue;
    increment(sizes, label);
    if (found >= 0) increment(shared.get(label) ?? put(shared, label), found);
  }
  return new Map(
    [...sizes].map(([label, size]) => {
      const jaccards = [...(shared.get(label) ?? [])].map(([found, both]) => both / (size + (rerunSizes.get(found) ?? 0) - both));
      return [label, Math.max(0, ...jaccards)];
    }),
  );
}

function increment(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function put(rows: Map<number, Map<number, number>>, label: number): Map<number, number> {
  const row = new Map<number, number>();
  rows.set(label, row);
  return row;
}

/** A small seeded generator (mulberry32, T. Ettinger, public domain): chance that can be repeated, not secrets. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
