/**
 * HDBSCAN, exact: clusters are the parts of the data that stay together longest as the density threshold rises; what never stays together is noise
 * (Campello, Moulavi, Sander 2013; McInnes and Healy 2017). This file holds the options and the order of the steps.
 */
import { condense } from './condensed-tree.js';
import { coreDistances } from './core-distances.js';
import { labelPoints } from './labelling.js';
import { isWhole, refuseUnknownOptions, requireOption } from './options.js';
import { outlierScores } from './outlier-scores.js';
import { checkPoints } from './points.js';
import type { Points } from './points.js';
import { selectClusters, stabilities } from './selection.js';
import type { SelectionRules } from './selection.js';
import { singleLinkage } from './single-linkage.js';
import { spanningTree } from './spanning-tree.js';

export interface HdbscanOptions extends Partial<SelectionRules> {
  /** The fewest points that make a cluster, at least 2. */
  minClusterSize: number;
  /** How many neighbours, the point itself not counted, make a neighbourhood dense: larger is more conservative. At least 1; `minClusterSize` unless given. */
  minSamples?: number;
}

export interface HdbscanResult {
  /** Cluster of each point, 0 … clusterCount - 1 by first member; -1 is noise. */
  labels: Int32Array;
  clusterCount: number;
  /** Strength of membership, 0 (noise) to 1. */
  probabilities: Float64Array;
  /** GLOSH, 0 to 1. */
  outlierScores: Float64Array;
  /** For each cluster its stability as a share of the most it could have had, 0 to 1; 1 where duplicates make densities infinite. */
  persistence: Float64Array;
  /** Distance of each point to its `minSamples`-th neighbour. */
  coreDistances: Float64Array;
  /** Total weight of the mutual reachability spanning tree: unique even where ties allow several trees, so it proves what was clustered. */
  mstTotal: number;
}

/**
 * Clusters points by Euclidean distance. Fewer than `minClusterSize` points are all noise. At most O(n² d) time, O(n · minSamples) memory beside the points.
 * @param onProgress told a fraction between 0 and 1, rising, in about hundred steps.
 * @throws InvalidPointsError or InvalidOptionError, before any work.
 */
export function hdbscan(points: Points, options: HdbscanOptions, onProgress: (fraction: number) => void = () => {}): HdbscanResult {
  const { minClusterSize, minSamples, ...rules } = checkOptions(options);
  const checked = checkPoints(points);
  const { count } = checked;
  if (count < 2) return onlyNoise(count);

  // Half the work each; the rows get shorter one by one, hence the square.
  const report = throttle(onProgress);
  const share = (done: number): number => 0.5 * (1 - (1 - done / count) ** 2);
  const cores = coreDistances(checked, minSamples, (done) => report(share(done)));
  const spanning = spanningTree(checked, cores, (done) => report(0.5 + share(done)));
  const tree = condense(singleLinkage(spanning), minClusterSize);
  const stability = stabilities(tree);
  const selected = count < minClusterSize ? [] : selectClusters(tree, stability, rules);
  const { labels, probabilities, clusters } = labelPoints(tree, selected, rules.clusterSelectionEpsilon);
  onProgress(1);
  return {
    labels,
    clusterCount: clusters.length,
    probabilities,
    outlierScores: outlierScores(tree),
    persistence: persistence(clusters.map((cluster) => stability[cluster]!), labels, tree.pointLambda),
    coreDistances: cores,
    mstTotal: spanning.weight.reduce((sum, weight) => sum + weight, 0),
  };
}

type CompleteOptions = Required<HdbscanOptions>;

function checkOptions(options: HdbscanOptions): CompleteOptions {
  const defaults: CompleteOptions = {
    minClusterSize: options.minClusterSize,
    minSamples: options.minClusterSize,
    selection: 'eom',
    clusterSelectionEpsilon: 0,
    maxClusterSize: 0,
    allowSingleCluster: false,
  };
  refuseUnknownOptions('hdbscan', options, Object.keys(defaults));
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const complete: CompleteOptions = { ...defaults, ...given };
  const expect = (holds: boolean, option: keyof CompleteOptions, expected: string): void => requireOption(holds, 'hdbscan', option, complete[option], expected);
  expect(isWhole(complete.minClusterSize, 2), 'minClusterSize', 'a whole number of at least 2');
  expect(isWhole(complete.minSamples, 1), 'minSamples', 'a whole number of at least 1 (the point itself is not counted)');
  expect(complete.selection === 'eom' || complete.selection === 'leaf', 'selection', '"eom" or "leaf"');
  expect(Number.isFinite(complete.clusterSelectionEpsilon) && complete.clusterSelectionEpsilon >= 0, 'clusterSelectionEpsilon', 'a distance of at least 0');
  expect(isWhole(complete.maxClusterSize, 0), 'maxClusterSize', 'a whole number of points, or 0 for no limit');
  expect(typeof complete.allowSingleCluster === 'boolean', 'allowSingleCluster', 'true or false');
  return complete;
}

function onlyNoise(count: number): HdbscanResult {
  return {
    labels: new Int32Array(count).fill(-1),
    clusterCount: 0,
    probabilities: new Float64Array(count),
    outlierScores: new Float64Array(count),
    persistence: new Float64Array(0),
    coreDistances: new Float64Array(count),
    mstTotal: 0,
  };
}

/** Stability over (members × largest lambda anywhere), the scale on which clusters of one result compare. */
function persistence(stability: readonly number[], labels: Int32Array, pointLambda: Float64Array): Float64Array {
  const members = new Float64Array(stability.length);
  for (const label of labels) if (label >= 0) members[label]!++;
  const densest = pointLambda.reduce((largest, lambda) => Math.max(largest, lambda), 0);
  return Float64Array.from(stability, (value, label) => (densest === 0 || densest === Infinity ? 1 : value / (members[label]! * densest)));
}

function throttle(onProgress: (fraction: number) => void): (fraction: number) => void {
  let said = 0;
  return (fraction) => {
    if (fraction - said < 0.01) return;
    said = fraction;
    onProgress(fraction);
  };
}
