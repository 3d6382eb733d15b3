/** The middle of a cluster, and how tightly its members sit around it. */
import type { Points } from './points.js';

/** The mean of the points at `members` (indices); of all points unless given. Zeros when there are none. */
export function centroid(points: Points, members: ArrayLike<number> = Array.from({ length: points.count }, (_, index) => index)): Float64Array {
  const { data, dimensions } = points;
  const mean = new Float64Array(dimensions);
  for (let member = 0; member < members.length; member++) {
    const row = members[member]! * dimensions;
    for (let k = 0; k < dimensions; k++) mean[k]! += data[row + k]!;
  }
  return mean.map((sum) => sum / Math.max(1, members.length));
}

/** max(0, 1 - mean Euclidean distance of the members to their centroid): 1 for identical members, 0 for fewer than two. Meant for vectors of unit length. */
export function cohesion(points: Points, members: ArrayLike<number>): number {
  if (members.length < 2) return 0;
  const { data, dimensions } = points;
  const middle = centroid(points, members);
  let total = 0;
  for (let member = 0; member < members.length; member++) {
    const row = members[member]! * dimensions;
    let squared = 0;
    for (let k = 0; k < dimensions; k++) squared += (data[row + k]! - middle[k]!) ** 2;
    total += Math.sqrt(squared);
  }
  return Math.max(0, 1 - total / members.length);
}
