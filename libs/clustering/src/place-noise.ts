/**
 * A second look at points that density left out. HDBSCAN calls a point noise when it lies in no dense place; seen from a cluster it may still be one of its kind. Each such
 * point is given to the cluster whose centre it points to most, unless it lies further out than the cluster's own members do.
 */
import { centroid } from './centroid.js';
import { InvalidLabelsError } from './errors.js';
import { requireOption, refuseUnknownOptions } from './options.js';
import { requirePoints } from './points.js';
import type { Points } from './points.js';

export interface PlaceNoiseOptions {
  /**
   * How far out: the share of a cluster's members, 0 to 1, that may lie closer to its centre than the point does. At 0.5 a point must be closer than half of the members are,
   * at 1 no further than the furthest.
   */
  reach: number;
}

/**
 * Labels in which some noise has a cluster; those of members are as they were. Similarity is the cosine to the mean of the members as they were given, so the order of the
 * points means nothing. O(points × clusters × dimensions).
 * @param labels of a clustering of these points; -1 is noise.
 * @throws InvalidPointsError, InvalidLabelsError, InvalidOptionError.
 */
export function placeNoise(points: Points, labels: Int32Array, options: PlaceNoiseOptions): Int32Array {
  refuseUnknownOptions('placeNoise', options, ['reach']);
  requireOption(options.reach >= 0 && options.reach <= 1, 'placeNoise', 'reach', options.reach, 'a number from 0 to 1');
  requirePoints(points);
  if (labels.length !== points.count) throw new InvalidLabelsError(`${labels.length} labels were given for ${points.count} points: pass one for each.`);
  const centres = centresOf(points, labels, options.reach);
  return labels.map((label, row) => (label >= 0 ? label : nearest(points, row, centres)));
}

interface Centre {
  label: number;
  direction: Float64Array;
  /** The least cosine at which a point is one of its kind. */
  least: number;
}

function centresOf(points: Points, labels: Int32Array, reach: number): Centre[] {
  const members = new Map<number, number[]>();
  labels.forEach((label, row) => {
    if (label >= 0) members.set(label, [...(members.get(label) ?? []), row]);
  });
  return [...members].sort(([one], [other]) => one - other).map(([label, rows]) => {
    const direction = Float64Array.from(centroid(points, rows));
    const similarities = rows.map((row) => cosine(points, row, direction)).sort((a, b) => b - a);
    return { label, direction, least: similarities[Math.ceil(reach * similarities.length) - 1] ?? Infinity };
  });
}

/** The cluster of the most similar centre that reaches the point; of equals the first. */
function nearest(points: Points, row: number, centres: readonly Centre[]): number {
  let [label, best] = [-1, -Infinity];
  for (const centre of centres) {
    const similarity = cosine(points, row, centre.direction);
    if (similarity >= centre.least && similarity > best) [label, best] = [centre.label, similarity];
  }
  return label;
}

function cosine({ data, dimensions }: Points, row: number, direction: Float64Array): number {
  let [product, own, other] = [0, 0, 0];
  for (let k = 0, at = row * dimensions; k < dimensions; k++, at++) {
    product += data[at]! * direction[k]!;
    own += data[at]! ** 2;
    other += direction[k]! ** 2;
  }
  return own === 0 || other === 0 ? 0 : product / Math.sqrt(own * other);
}
