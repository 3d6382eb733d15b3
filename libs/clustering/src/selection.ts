/** Which clusters of the condensed tree become the answer: a set of which none contains another. */
import type { CondensedTree } from './condensed-tree.js';

export interface SelectionRules {
  /** `eom`: the set with the largest total stability; `leaf`: the smallest clusters there are, finer and more alike in size. */
  selection: 'eom' | 'leaf';
  /** Clusters that split below this distance are joined again; 0 joins none. */
  clusterSelectionEpsilon: number;
  /** With `eom`, clusters of more points than this are passed over for their children; 0 means no limit. */
  maxClusterSize: number;
  /** Whether all points together may be one cluster. */
  allowSingleCluster: boolean;
}

/**
 * Stability of each cluster: the sum over its points of (lambda at which the point leaves - lambda at which the cluster was born), as in
 * McInnes and Healy 2017, section 2.3. Infinite for a cluster with duplicates in its core.
 */
export function stabilities(tree: CondensedTree): Float64Array {
  const stability = new Float64Array(tree.clusterCount);
  tree.pointCluster.forEach((cluster, point) => {
    stability[cluster]! += rise(tree.birth[cluster]!, tree.pointLambda[point]!);
  });
  for (let child = 1; child < tree.clusterCount; child++) {
    const parent = tree.parent[child]!;
    stability[parent]! += rise(tree.birth[parent]!, tree.birth[child]!) * tree.size[child]!;
  }
  return stability;
}

/** The selected clusters in ascending order. */
export function selectClusters(tree: CondensedTree, stability: Float64Array, rules: SelectionRules): number[] {
  const chosen = rules.selection === 'eom' ? excessOfMass(tree, stability, rules) : leaves(tree, rules);
  return rules.clusterSelectionEpsilon > 0 ? joinBelow(tree, chosen, rules) : chosen;
}

/** Campello, Moulavi, Sander 2013, algorithm 3: a cluster gives way when its subtree holds more stability than itself. A tie keeps the larger cluster. */
function excessOfMass(tree: CondensedTree, stability: Float64Array, rules: SelectionRules): number[] {
  const limit = rules.maxClusterSize || Infinity;
  const best = stability.slice();
  const keeps = new Uint8Array(tree.clusterCount);
  for (let cluster = tree.clusterCount - 1; cluster >= 0; cluster--) {
    const first = tree.firstChild[cluster]!;
    const below = first < 0 ? 0 : best[first]! + best[first + 1]!;
    if ((cluster === 0 && !rules.allowSingleCluster) || below > stability[cluster]! || tree.size[cluster]! > limit) best[cluster] = below;
    else keeps[cluster] = 1;
  }
  return outermost(tree, keeps);
}

function leaves(tree: CondensedTree, rules: SelectionRules): number[] {
  const first = rules.allowSingleCluster ? 0 : 1;
  return Array.from(tree.firstChild.keys()).filter((cluster) => cluster >= first && tree.firstChild[cluster] === -1);
}

/**
 * Malzer and Baum 2020, "A hybrid approach to hierarchical density-based cluster selection": a cluster that was born below the distance epsilon gives way to
 * its nearest ancestor that was born above it.
 */
function joinBelow(tree: CondensedTree, chosen: readonly number[], rules: SelectionRules): number[] {
  const bornAt = (cluster: number): number => 1 / tree.birth[cluster]!;
  const keeps = new Uint8Array(tree.clusterCount);
  for (let cluster of chosen) {
    if (cluster > 0 && bornAt(cluster) < rules.clusterSelectionEpsilon) {
      do {
        const parent = tree.parent[cluster]!;
        if (parent === 0 && !rules.allowSingleCluster) break;
        cluster = parent;
      } while (cluster > 0 && bornAt(cluster) <= rules.clusterSelectionEpsilon);
    }
    keeps[cluster] = 1;
  }
  return outermost(tree, keeps);
}

/** The marked clusters that no other marked cluster contains. */
function outermost(tree: CondensedTree, keeps: Uint8Array): number[] {
  const covered = new Uint8Array(tree.clusterCount);
  const result: number[] = [];
  for (let cluster = 0; cluster < tree.clusterCount; cluster++) {
    const parent = tree.parent[cluster]!;
    covered[cluster] = parent >= 0 && (covered[parent] || keeps[parent]) ? 1 : 0;
    if (keeps[cluster] && !covered[cluster]) result.push(cluster);
  }
  return result;
}

/** Two infinite levels are the same level; their difference would be NaN. */
function rise(from: number, to: number): number {
  return from === to ? 0 : to - from;
}
