/**
 * Where the time goes: distances from one point to many. A search that has a limit asks the first coordinates first: a sum of squares only grows, so most pairs
 * are refused after a quarter of the work. It refuses what it would have refused anyway, so the result is the same to the last bit.
 */
import type { WidePoints, Points } from './points.js';

/** Coordinates in a head: after `reduce` the first ones vary most. */
export const HEAD = 4;

/** The first coordinates of each point, `HEAD` of them (zeros where it has fewer), packed so that a search over all points reads little memory. */
export function headsOf({ data, count, dimensions }: WidePoints): Float64Array {
  const heads = new Float64Array(count * HEAD);
  for (let point = 0; point < count; point++) {
    for (let k = 0; k < Math.min(HEAD, dimensions); k++) heads[point * HEAD + k] = data[point * dimensions + k]!;
  }
  return heads;
}

/**
 * Writes the squared Euclidean distance from point `origin` to each of `targets[0 .. targetCount)` into `out`, in the order of `targets`.
 *
 * Differences are squared directly and summed in the order of the coordinates: identical points give exactly 0, d(a, b) equals d(b, a) to the last bit, and a
 * tie between two pairs stays a tie. The shortcut |a|² + |b|² - 2ab has none of the three.
 */
export function squaredDistances(points: WidePoints, origin: number, targets: Int32Array, targetCount: number, out: Float64Array): void {
  const { data, dimensions } = points;
  const start = origin * dimensions;
  let t = 0;
  // Four targets at a time: each sum waits for its own last addition, so four sums keep the adder busy.
  for (; t + 4 <= targetCount; t += 4) {
    const a = targets[t]! * dimensions;
    const b = targets[t + 1]! * dimensions;
    const c = targets[t + 2]! * dimensions;
    const d = targets[t + 3]! * dimensions;
    let sumA = 0;
    let sumB = 0;
    let sumC = 0;
    let sumD = 0;
    for (let k = 0; k < dimensions; k++) {
      const value = data[start + k]!;
      const toA = value - data[a + k]!;
      const toB = value - data[b + k]!;
      const toC = value - data[c + k]!;
      const toD = value - data[d + k]!;
      sumA += toA * toA;
      sumB += toB * toB;
      sumC += toC * toC;
      sumD += toD * toD;
    }
    out[t] = sumA;
    out[t + 1] = sumB;
    out[t + 2] = sumC;
    out[t + 3] = sumD;
  }
  for (; t < targetCount; t++) {
    const a = targets[t]! * dimensions;
    let sum = 0;
    for (let k = 0; k < dimensions; k++) {
      const difference = data[start + k]! - data[a + k]!;
      sum += difference * difference;
    }
    out[t] = sum;
  }
}

/** The squared distance of two points, to the last bit what `squaredDistances` gives. */
export function squaredDistance({ data, dimensions }: Points, a: number, b: number): number {
  let sum = 0;
  for (let left = a * dimensions, right = b * dimensions, end = left + dimensions; left < end; left++, right++) {
    const difference = data[left]! - data[right]!;
    sum += difference * difference;
  }
  return sum;
}
