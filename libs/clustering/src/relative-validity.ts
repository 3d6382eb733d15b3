/** How good a clustering is, without knowing the truth: cheap, from the spanning tree alone. */
import type { SpanningTree } from './spanning-tree.js';

/**
 * An approximation of density-based validity (DBCV; Moulavi, Jaskowiak, Campello, Zimek, Sander 2014), as in the hdbscan package of scikit-learn-contrib: for each cluster
 * how much lighter its heaviest inner edge is than its lightest edge to another cluster, weighted by size. -1 to 1, larger is better; 0 without clusters. It compares
 * clusterings of the same points made with different options, and says nothing across different points.
 */
export function relativeValidity({ from, to, weight }: SpanningTree, labels: Int32Array, clusterCount: number): number {
  const sparseness = new Float64Array(clusterCount);
  const separation = new Float64Array(clusterCount).fill(Infinity);
  let toNoise = Infinity;
  let heaviest = 0;
  for (let edge = 0; edge < weight.length; edge++) {
    const length = weight[edge]!;
    const a = labels[from[edge]!]!;
    const b = labels[to[edge]!]!;
    heaviest = Math.max(heaviest, length);
    if (a < 0 && b < 0) continue;
    if (a < 0 || b < 0) toNoise = Math.min(toNoise, length);
    else if (a === b) sparseness[a] = Math.max(sparseness[a]!, length);
    else for (const label of [a, b]) separation[label] = Math.min(separation[label]!, length);
  }
  // A cluster that the tree joins to noise only lies far from all others; how far is not known, so twice the farthest seen stands in for it.
  const far = 2 * (clusterCount > 1 || toNoise === Infinity ? heaviest : toNoise);
  const sizes = new Float64Array(clusterCount);
  for (const label of labels) if (label >= 0) sizes[label]!++;
  let sum = 0;
  for (let label = 0; label < clusterCount; label++) {
    const apart = separation[label] === Infinity ? far : separation[label]!;
    const larger = Math.max(apart, sparseness[label]!);
    if (larger > 0) sum += (sizes[label]! / labels.length) * ((apart - sparseness[label]!) / larger);
  }
  return sum;
}
