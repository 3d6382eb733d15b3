/**
 * The dendrogram without its dust: a split counts only when both sides have `minClusterSize` points; otherwise the few points fall out of a cluster that lives
 * on (McInnes and Healy 2017, section 2.3). Levels are densities, lambda = 1 / distance: the root is at 0, duplicates are at Infinity.
 */
import type { Dendrogram } from './single-linkage.js';

/** Clusters are numbered from the root, 0, and every parent comes before its children. */
export interface CondensedTree {
  clusterCount: number;
  /** Parent of each cluster; -1 for the root. */
  parent: Int32Array;
  /** The first of each cluster's two children, the second follows it; -1 for a leaf. */
  firstChild: Int32Array;
  /** Lambda at which each cluster split off its parent. */
  birth: Float64Array;
  /** The largest lambda at which a point fell out of each cluster or the cluster split. */
  death: Float64Array;
  /** Points in each cluster at its birth. */
  size: Int32Array;
  /** The smallest cluster that each point was ever in, and the lambda at which it fell out of it. */
  pointCluster: Int32Array;
  pointLambda: Float64Array;
}

/** Condenses a dendrogram of at least one point. Linear time. */
export function condense(dendrogram: Dendrogram, minClusterSize: number): CondensedTree {
  const { pointCount, left, right, distance } = dendrogram;
  const parent = [-1];
  const firstChild = [-1];
  const birth = [0];
  const size = [pointCount];
  const sizeOf = (node: number): number => (node < pointCount ? 1 : dendrogram.size[node - pointCount]!);

  // For each node the cluster it belongs to, and the lambda at which it fell out of it: NaN while it has not.
  const cluster = new Int32Array(pointCount + left.length);
  const fellAt = new Float64Array(pointCount + left.length).fill(NaN);
  for (let merger = left.length - 1; merger >= 0; merger--) {
    const node = pointCount + merger;
    const children = [left[merger]!, right[merger]!] as const;
    const home = cluster[node]!;
    const lambda = 1 / distance[merger]!;
    const large = children.map((child) => sizeOf(child) >= minClusterSize);
    const splits = Number.isNaN(fellAt[node]!) && large[0] && large[1];
    if (splits) firstChild[home] = parent.length;
    children.forEach((child, side) => {
      cluster[child] = home;
      if (!Number.isNaN(fellAt[node]!)) fellAt[child] = fellAt[node]!;
      else if (splits) {
        cluster[child] = parent.length;
        parent.push(home);
        firstChild.push(-1);
        birth.push(lambda);
        size.push(sizeOf(child));
      } else if (!large[side]) fellAt[child] = lambda;
    });
  }

  const tree = { clusterCount: parent.length, parent: Int32Array.from(parent), firstChild: Int32Array.from(firstChild), birth: Float64Array.from(birth), size: Int32Array.from(size) };
  const pointCluster = cluster.slice(0, pointCount);
  const pointLambda = fellAt.slice(0, pointCount);
  return { ...tree, death: deaths(parent, birth, pointCluster, pointLambda), pointCluster, pointLambda };
}

function deaths(parent: number[], birth: number[], pointCluster: Int32Array, pointLambda: Float64Array): Float64Array {
  const death = new Float64Array(parent.length);
  pointCluster.forEach((cluster, point) => {
    death[cluster] = Math.max(death[cluster]!, pointLambda[point]!);
  });
  parent.forEach((cluster, child) => {
    if (cluster >= 0) death[cluster] = Math.max(death[cluster]!, birth[child]!);
  });
  return death;
}
