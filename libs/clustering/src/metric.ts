/** Distances other than Euclidean that can be had from it: the order of pairs is the same, so the tree is, and only its weights are translated. */
import { InvalidPointsError } from './errors.js';
import type { Points } from './points.js';

/** `cosine` is 1 - cos of the angle: 0 for the same direction, 2 for the opposite one. */
export type Metric = 'euclidean' | 'cosine';

/** The points among which Euclidean distances stand for the metric. @throws InvalidPointsError when a point has no direction. */
export function euclideanStandIn(points: Points, metric: Metric): Points {
  if (metric === 'euclidean') return points;
  const { data, count, dimensions } = points;
  const unit = data.slice();
  for (let point = 0; point < count; point++) {
    const row = unit.subarray(point * dimensions, (point + 1) * dimensions);
    // Divided by the largest coordinate first, so that very small and very large rows neither under- nor overflow.
    let largest = 0;
    for (const value of row) largest = Math.max(largest, Math.abs(value));
    if (largest === 0) throw new InvalidPointsError(`points.data is all 0 at point ${point}: a vector without a direction has no cosine distance; leave the point out.`);
    let square = 0;
    for (const value of row) square += (value / largest) ** 2;
    const length = Math.sqrt(square);
    for (let k = 0; k < dimensions; k++) row[k] = row[k]! / largest / length;
  }
  return { data: unit, count, dimensions };
}

/** What a Euclidean distance between the stand-ins is in the metric: |a - b|² = 2 (1 - cos) for vectors of length 1. Never falls. */
export function inMetric(euclidean: number, metric: Metric): number {
  return metric === 'euclidean' ? euclidean : (euclidean * euclidean) / 2;
}
