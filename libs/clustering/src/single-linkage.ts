/** The spanning tree read as a history of mergers, closest pair first: the dendrogram of single linkage over mutual reachability. */
import type { SpanningTree } from './spanning-tree.js';

/**
 * A binary tree of 2n - 1 nodes: nodes 0 … n - 1 are the points, and merger m made node n + m from `left[m]` and `right[m]` at `distance[m]`.
 * Distances never fall from one merger to the next, so a node's number is larger than those of all its descendants.
 */
export interface Dendrogram {
  pointCount: number;
  left: Int32Array;
  right: Int32Array;
  distance: Float64Array;
  /** Points below node n + m. */
  size: Int32Array;
}

/** Builds the dendrogram of a spanning tree whose edges are sorted by weight. Near-linear in the number of edges. */
export function singleLinkage(tree: SpanningTree): Dendrogram {
  const mergers = tree.weight.length;
  const pointCount = mergers + 1;
  const left = new Int32Array(mergers);
  const right = new Int32Array(mergers);
  const size = new Int32Array(mergers);
  // Union-find whose representative is always the newest node.
  const above = Int32Array.from({ length: pointCount + mergers }, (_, node) => node);
  const find = (start: number): number => {
    let node = start;
    while (above[node] !== node) {
      above[node] = above[above[node]!]!;
      node = above[node]!;
    }
    return node;
  };
  const sizeOf = (node: number): number => (node < pointCount ? 1 : size[node - pointCount]!);
  for (let merger = 0; merger < mergers; merger++) {
    const a = find(tree.from[merger]!);
    const b = find(tree.to[merger]!);
    left[merger] = a;
    right[merger] = b;
    size[merger] = sizeOf(a) + sizeOf(b);
    above[a] = pointCount + merger;
    above[b] = pointCount + merger;
  }
  return { pointCount, left, right, distance: tree.weight, size };
}
