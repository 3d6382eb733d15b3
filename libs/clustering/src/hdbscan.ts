/**
 * HDBSCAN, exact: clusters are the parts of the data that stay together longest as the density threshold rises; what never stays together is noise
 * (Campello, Moulavi, Sander 2013; McInnes and Healy 2017). This file holds the options and the order of the steps.
 */
import { condense } from './condensed-tree.js';
import { TooFewPointsError } from './errors.js';
import { labelPoints } from './labelling.js';
import { euclideanStandIn, inMetric } from './metric.js';
import type { Metric } from './metric.js';
import { isWhole, refuseUnknownOptions, requireOption } from './options.js';
import { outlierScores } from './outlier-scores.js';
import { requirePoints } from './points.js';
import type { Points } from './points.js';
import { predictionModel } from './prediction.js';
import type { PredictionModel } from './prediction.js';
import { reachabilityTree } from './reachability-tree.js';
import type { TreeOptions } from './reachability-tree.js';
import { relativeValidity } from './relative-validity.js';
import { selectClusters, stabilities } from './selection.js';
import type { SelectionRules } from './selection.js';
import { singleLinkage } from './single-linkage.js';
import type { SpanningTree } from './spanning-tree.js';

export interface HdbscanOptions extends Partial<SelectionRules> {
  /** The fewest points that make a cluster, at least 2. */
  minClusterSize: number;
  /** How many neighbours, the point itself not counted, make a neighbourhood dense: larger is more conservative. At least 1; `minClusterSize` unless given. */
  minSamples?: number;
  /** Euclidean unless given. Everything that is a distance is in it: core distances, the epsilon, the tree. */
  metric?: Metric;
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
  /** That tree, lightest edge first. */
  spanningTree: SpanningTree;
  /** -1 to 1: how well the clusters are set apart, to compare options on the same points. See `relativeValidity`. */
  relativeValidity: number;
  /** For `approximatePredict`. */
  model: PredictionModel;
}

/**
 * Clusters points. Fewer than `minClusterSize` points are all noise. At most O(n² d) time, O(n · minSamples) memory beside the points. Blocks: from a service use `hdbscanInWorker`.
 * @param onProgress told a fraction between 0 and 1, rising, in about hundred steps.
 * @throws InvalidPointsError or InvalidOptionError, before any work; TooFewPointsError when there could be a cluster but no point has `minSamples` neighbours.
 */
export function hdbscan(points: Points, options: HdbscanOptions, onProgress: (fraction: number) => void = () => {}, treeOptions: TreeOptions = {}): HdbscanResult {
  const { minClusterSize, minSamples, metric, ...rules } = checkOptions(options);
  requirePoints(points);
  const { count } = points;
  if (count >= minClusterSize && minSamples >= count) {
    throw new TooFewPointsError(`${count} points have only ${count - 1} neighbours each, but minSamples is ${minSamples}: give at least ${minSamples + 1} points or lower minSamples.`);
  }
  const standIn = euclideanStandIn(points, metric);
  if (count < 2) return onlyNoise(count, metric, minSamples);
  const { cores, closerCores, tree: spanning } = reachabilityTree(standIn, Math.min(minSamples, count - 1), { ...treeOptions, onProgress: throttle(onProgress) });
  if (metric !== 'euclidean') for (const values of [cores, closerCores, spanning.weight]) values.forEach((value, at) => (values[at] = inMetric(value, metric)));
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
    spanningTree: spanning,
    relativeValidity: relativeValidity(spanning, labels, clusters.length),
    model: predictionModel(tree, clusters, { metric, minSamples, closerCores }),
  };
}

type CompleteOptions = Required<HdbscanOptions>;

function checkOptions(options: HdbscanOptions): CompleteOptions {
  const defaults: CompleteOptions = {
    minClusterSize: options.minClusterSize,
    minSamples: options.minClusterSize,
    metric: 'euclidean',
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
  expect(complete.metric === 'euclidean' || complete.metric === 'cosine', 'metric', '"euclidean" or "cosine"');
  expect(complete.selection === 'eom' || complete.selection === 'leaf', 'selection', '"eom" or "leaf"');
  expect(Number.isFinite(complete.clusterSelectionEpsilon) && complete.clusterSelectionEpsilon >= 0, 'clusterSelectionEpsilon', 'a distance of at least 0');
  expect(isWhole(complete.maxClusterSize, 0), 'maxClusterSize', 'a whole number of points, or 0 for no limit');
  expect(typeof complete.allowSingleCluster === 'boolean', 'allowSingleCluster', 'true or false');
  return complete;
}

function onlyNoise(count: number, metric: Metric, minSamples: number): HdbscanResult {
  const noise = { labels: new Int32Array(count).fill(-1), clusterCount: 0, probabilities: new Float64Array(count), outlierScores: new Float64Array(count), persistence: new Float64Array(0) };
  const root = { parent: Int32Array.of(-1), birth: Float64Array.of(0), label: Int32Array.of(-1), densest: Float64Array.of(0) };
  return {
    ...noise,
    coreDistances: new Float64Array(count),
    mstTotal: 0,
    spanningTree: { from: new Int32Array(0), to: new Int32Array(0), weight: new Float64Array(0) },
    relativeValidity: 0,
    model: { metric, minSamples, ...root, pointCluster: new Int32Array(count), pointLambda: new Float64Array(count), closerCores: new Float64Array(count) },
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
