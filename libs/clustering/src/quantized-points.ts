/**
 * Points as whole numbers of 16 bits, for the kernel. They are moved to their mean and measured in units of a 15,872nd of the farthest one's distance from it, so no point is
 * longer than 2^14, a sum of products stays within 2^28 and a squared distance within 2^30, whatever the number of dimensions (Cauchy and Schwarz). By the triangle inequality the distance of two
 * rounded points differs from the true one by at most twice the largest rounding: that is the only thing the search relies on, and whatever lies within it is
 * measured again in double precision. So rounding costs time and never a bit of the result.
 */
import { GROUP, STEP } from './near-pairs.js';
import type { Points } from './points.js';
import { Measure } from './workspace.js';
import type { Workspace } from './workspace.js';

/** Rounding lengthens a point by at most half the root of its dimensions: room for a million of them. */
const LARGEST = 2 ** 14 - 512;
/** Above every squared distance: the limit of a point that takes any. */
export const NO_LIMIT = 2 ** 30 + 1;
/** The squared length of the points that fill up the last group: out of reach of any that has found its nearest, and twice this is no overflow. */
const NOWHERE = 2 ** 30 - 1;
/** Lengths outside of this would over- or underflow when squared. */
const SHORTEST = 1e-140;
const LONGEST = 1e140;

/**
 * Packs the points in the order of `workspace.order` and notes the unit and the largest rounding error.
 * @returns false when the points can not be measured like this: their extent is zero, or too small or too large to square.
 */
export function packPoints({ data, dimensions }: Points, mean: Float64Array, workspace: Workspace): boolean {
  const { packed, norms, order, rows, measures, steps, plan } = workspace;
  const longest = Math.sqrt(longestSquare(data, dimensions, rows, mean));
  if (!(longest > SHORTEST && longest < LONGEST)) return false;
  const unit = longest / LARGEST;
  let largestError = 0;
  packed.fill(0);
  norms.fill(NOWHERE);
  for (let place = 0; place < plan.count; place++) {
    const row = rows[order[place]!]! * dimensions;
    const start = Math.floor(place / GROUP) * steps * STEP + 2 * (place % GROUP);
    let norm = 0;
    let error = 0;
    for (let k = 0; k < dimensions; k++) {
      const exact = (data[row + k]! - mean[k]!) / unit;
      const whole = Math.round(exact);
      packed[start + (k >> 1) * STEP + (k & 1)] = whole;
      norm += whole * whole;
      error += (exact - whole) ** 2;
    }
    norms[place] = norm;
    if (error > largestError) largestError = error;
  }
  measures[Measure.UNIT] = unit;
  // The last term is for the rounding of the differences themselves, here and where distances are measured again.
  measures[Measure.ERROR] = Math.sqrt(largestError) * unit * (1 + 1e-9) + 1e-14 * Math.sqrt(dimensions) * (longest + largestOf(mean));
  return true;
}

/** The mean of the distinct points. */
export function meanOf({ data, dimensions }: Points, rows: Int32Array): Float64Array {
  const mean = new Float64Array(dimensions);
  for (const row of rows) for (let k = 0; k < dimensions; k++) mean[k]! += data[row * dimensions + k]! / rows.length;
  return mean;
}

/** The whole-number limit that no pair at most `distance` apart reaches; what lies below it may still be farther. */
export function limitFor(distance: number, { measures }: Workspace): number {
  const units = (distance + 2 * measures[Measure.ERROR]!) / measures[Measure.UNIT]!;
  return Math.min(NO_LIMIT, Math.floor(units * units * (1 + 1e-12)) + 1);
}

/** No pair of this squared distance in units is nearer, and none farther. */
export function atLeast(squared: number, { measures }: Workspace): number {
  return Math.sqrt(squared) * (1 - 1e-12) * measures[Measure.UNIT]! - 2 * measures[Measure.ERROR]!;
}

export function atMost(squared: number, { measures }: Workspace): number {
  return Math.sqrt(squared) * (1 + 1e-12) * measures[Measure.UNIT]! + 2 * measures[Measure.ERROR]!;
}

function longestSquare(data: Float32Array | Float64Array, dimensions: number, rows: Int32Array, mean: Float64Array): number {
  let longest = 0;
  for (const row of rows) {
    let square = 0;
    for (let k = 0; k < dimensions; k++) square += (data[row * dimensions + k]! - mean[k]!) ** 2;
    if (!(square <= longest)) longest = square;
  }
  return longest;
}

function largestOf(values: Float64Array): number {
  return values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}
