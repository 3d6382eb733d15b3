/** GLOSH: how far outside its surroundings each point lies, whatever clusters were selected. */
import type { CondensedTree } from './condensed-tree.js';

/**
 * For each point 1 - lambda(point) / lambda(densest point of the smallest cluster it was in, subclusters included): 0 in the core, towards 1 far outside
 * (Campello, Moulavi, Zimek, Sander 2015, "Hierarchical density estimates for data clustering, visualization, and outlier detection", section 5).
 */
export function outlierScores(tree: CondensedTree): Float64Array {
  const densest = tree.death.slice();
  for (let cluster = tree.clusterCount - 1; cluster > 0; cluster--) {
    const parent = tree.parent[cluster]!;
    densest[parent] = Math.max(densest[parent]!, densest[cluster]!);
  }
  return Float64Array.from(tree.pointLambda, (lambda, point) => {
    const top = densest[tree.pointCluster[point]!]!;
    return lambda === top ? 0 : 1 - lambda / top;
  });
}
