/** From selected clusters to what a caller reads: a label and a strength of membership for each point. */
import type { CondensedTree } from './condensed-tree.js';

export interface Labelling {
  /** Cluster of each point; -1 is noise. Clusters are numbered by their first member in the order of the points. */
  labels: Int32Array;
  /** 0 for noise, up to 1 for the densest members of a cluster. */
  probabilities: Float64Array;
  /** For each label the cluster of the condensed tree. */
  clusters: number[];
}

/**
 * Gives each point the selected cluster it was in. The root, where it may be a cluster at all, keeps only the points that stayed to its death
 * (or, with an epsilon, those denser than 1 / epsilon): every point begins in the root, so being in it says nothing.
 */
export function labelPoints(tree: CondensedTree, selected: readonly number[], clusterSelectionEpsilon: number): Labelling {
  const owner = owners(tree, selected);
  const rootLevel = clusterSelectionEpsilon > 0 ? 1 / clusterSelectionEpsilon : tree.death[0]!;
  const labels = new Int32Array(tree.pointCluster.length).fill(-1);
  const probabilities = new Float64Array(labels.length);
  const labelOf = new Map<number, number>();
  for (let point = 0; point < labels.length; point++) {
    const cluster = owner[tree.pointCluster[point]!]!;
    const lambda = tree.pointLambda[point]!;
    if (cluster < 0 || (cluster === 0 && lambda < rootLevel)) continue;
    const label = labelOf.get(cluster) ?? labelOf.size;
    labelOf.set(cluster, label);
    labels[point] = label;
    probabilities[point] = strength(lambda, tree.death[cluster]!);
  }
  return { labels, probabilities, clusters: [...labelOf.keys()] };
}

/** For each cluster of the tree the selected one that it is or lies in, or -1. */
function owners(tree: CondensedTree, selected: readonly number[]): Int32Array {
  const owner = new Int32Array(tree.clusterCount).fill(-1);
  for (const cluster of selected) owner[cluster] = cluster;
  for (let cluster = 1; cluster < tree.clusterCount; cluster++) {
    if (owner[cluster] === -1) owner[cluster] = owner[tree.parent[cluster]!]!;
  }
  return owner;
}

function strength(lambda: number, death: number): number {
  return death === 0 || !Number.isFinite(lambda) ? 1 : Math.min(lambda, death) / death;
}
