/** Where a new point would belong, without clustering anew: for what arrives between two runs. */
import { squaredDistances } from './distances.js';
import { DifferentLengthsError, TooFewPointsError } from './errors.js';
import type { CondensedTree } from './condensed-tree.js';
import { euclideanStandIn, inMetric } from './metric.js';
import type { Metric } from './metric.js';
import { requirePoints, widen } from './points.js';
import type { Points, WidePoints } from './points.js';

/** What is kept of a clustering to place new points in it. */
export interface PredictionModel {
  metric: Metric;
  minSamples: number;
  /**
   * Distance of each point to its (`minSamples` - 1)-th neighbour: placing counts a neighbourhood with the point itself, unlike clustering. That is so in the reference
   * implementation, whose answers these are; and with the core distances of the clustering, a new copy of a point would not be as dense as the point.
   */
  closerCores: Float64Array;
  /** Of the condensed tree: see `CondensedTree`. */
  parent: Int32Array;
  birth: Float64Array;
  pointCluster: Int32Array;
  pointLambda: Float64Array;
  /** For each cluster of the tree the label of the selected cluster that it is or lies in, or -1, and the largest lambda in that one. */
  label: Int32Array;
  densest: Float64Array;
}

export interface Prediction {
  /** A label of the clustering for each new point; -1 is noise. */
  labels: Int32Array;
  /** Strength of membership, 0 (noise) to 1. */
  probabilities: Float64Array;
}

export function predictionModel(tree: CondensedTree, selected: readonly number[], settings: Pick<PredictionModel, 'metric' | 'minSamples' | 'closerCores'>): PredictionModel {
  const label = new Int32Array(tree.clusterCount).fill(-1);
  const densest = new Float64Array(tree.clusterCount);
  selected.forEach((cluster, index) => {
    label[cluster] = index;
    densest[cluster] = tree.death[cluster]!;
  });
  for (let cluster = 1; cluster < tree.clusterCount; cluster++) {
    if (label[cluster] !== -1) continue;
    label[cluster] = label[tree.parent[cluster]!]!;
    densest[cluster] = densest[tree.parent[cluster]!]!;
  }
  const { parent, birth, pointCluster, pointLambda } = tree;
  return { ...settings, parent, birth, pointCluster, pointLambda, label, densest };
}

/**
 * Gives each new point the cluster that its nearest point by mutual reachability was in at the density of the new point, as `approximate_predict` of the hdbscan package of
 * scikit-learn-contrib does. Approximate, because the clusters themselves do not change: a thousand new points of a new topic remain noise until the next clustering.
 * O(points × new points × dimensions), where it is called.
 * @param points those that were clustered.
 * @param result of clustering them.
 * @throws TooFewPointsError when fewer points were clustered than a neighbourhood needs; DifferentLengthsError for new points of other dimensions; InvalidPointsError.
 */
export function approximatePredict(points: Points, { model }: { model: PredictionModel }, newPoints: Points): Prediction {
  requirePoints(points);
  requirePoints(newPoints);
  const { metric, minSamples } = model;
  if (points.count !== model.pointCluster.length) throw new DifferentLengthsError(`the result is of ${model.pointCluster.length} points, but ${points.count} were given: pass the points that were clustered, in their order.`);
  if (points.count <= minSamples) throw new TooFewPointsError(`${points.count} points were clustered, but a new point is placed by its ${minSamples + 1} nearest: cluster more points, or with a smaller minSamples.`);
  if (newPoints.count > 0 && newPoints.dimensions !== points.dimensions) {
    throw new DifferentLengthsError(`new points have ${newPoints.dimensions} dimensions and the clustered ones ${points.dimensions}: use vectors of the same model, reduced in the same way.`);
  }
  const clustered = widen(euclideanStandIn(points, metric));
  const arrived = widen(euclideanStandIn(newPoints, metric));
  const search = new NeighbourSearch(clustered, model);
  const labels = new Int32Array(newPoints.count);
  const probabilities = new Float64Array(newPoints.count);
  for (let point = 0; point < newPoints.count; point++) {
    const { nearest, lambda } = search.nearestByReachability(arrived.data.subarray(point * points.dimensions, (point + 1) * points.dimensions));
    const cluster = clusterAt(model, nearest, lambda);
    labels[point] = model.label[cluster]!;
    probabilities[point] = labels[point]! < 0 ? 0 : strength(lambda, model.densest[cluster]!);
  }
  return { labels, probabilities };
}

/** The smallest cluster of the tree around the point that already existed at the density lambda. */
function clusterAt({ parent, birth, pointCluster, pointLambda }: PredictionModel, point: number, lambda: number): number {
  let cluster = pointCluster[point]!;
  if (pointLambda[point]! > lambda) while (cluster > 0 && birth[cluster]! >= lambda) cluster = parent[cluster]!;
  return cluster;
}

function strength(lambda: number, densest: number): number {
  return densest === 0 || lambda >= densest ? 1 : lambda / densest;
}

class NeighbourSearch {
  private readonly squares: Float64Array;
  private readonly all: Int32Array;
  private readonly both: WidePoints;

  constructor(private readonly points: WidePoints, private readonly model: PredictionModel) {
    this.squares = new Float64Array(points.count);
    this.all = Int32Array.from({ length: points.count }, (_, point) => point);
    // One row more, for the point that is placed.
    const data = new Float64Array(points.data.length + points.dimensions);
    data.set(points.data);
    this.both = { data, count: points.count + 1, dimensions: points.dimensions };
  }

  /** Among twice `minSamples` nearest points the one at the least mutual reachability, and that as a density. */
  nearestByReachability(point: Float64Array): { nearest: number; lambda: number } {
    const { squares, all, both, points, model } = this;
    both.data.set(point, points.data.length);
    squaredDistances(both, points.count, all, points.count, squares);
    const nearest = smallest(squares, Math.min(points.count, Math.max(2 * model.minSamples, model.minSamples + 1)));
    const distance = (neighbour: number): number => inMetric(Math.sqrt(squares[neighbour]!), model.metric);
    const core = distance(nearest[model.minSamples]!);
    let best = nearest[0]!;
    let least = Infinity;
    for (const neighbour of nearest) {
      const reach = Math.max(core, model.closerCores[neighbour]!, distance(neighbour));
      if (reach < least) {
        least = reach;
        best = neighbour;
      }
    }
    return { nearest: best, lambda: 1 / least };
  }
}

/** The indices of the `count` smallest values, smallest first. */
function smallest(values: Float64Array, count: number): number[] {
  const kept: number[] = [];
  for (let index = 0; index < values.length; index++) {
    if (kept.length === count && values[index]! >= values[kept[count - 1]!]!) continue;
    let place = kept.length;
    while (place > 0 && values[kept[place - 1]!]! > values[index]!) place--;
    kept.splice(place, 0, index);
    if (kept.length > count) kept.pop();
  }
  return kept;
}
