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

/** Groups in one task of `packGroups`. */
export const PACK_TASK = 16;

/**
 * Notes the mean of the distinct points and the unit, for all threads.
 * @returns false when the points can not be measured like this: their extent is zero, or too small or too large to square.
 */
export function chooseUnit({ data, dimensions }: Points, { rows, mean, measures }: Workspace): boolean {
  mean.fill(0);
  for (const row of rows) for (let k = 0, at = row * dimensions; k < dimensions; k++, at++) mean[k]! += data[at]! / rows.length;
  let longest = 0;
  for (const row of rows) {
    let square = 0;
    for (let k = 0, at = row * dimensions; k < dimensions; k++, at++) square += (data[at]! - mean[k]!) ** 2;
    if (!(square <= longest)) longest = square;
  }
  longest = Math.sqrt(longest);
  measures[Measure.UNIT] = longest / LARGEST;
  // For the rounding of the differences themselves, here and where distances are measured again.
  measures[Measure.SLACK] = 1e-14 * Math.sqrt(dimensions) * (longest + mean.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0));
  return longest > SHORTEST && longest < LONGEST;
}

/** Packs some of the groups in the order of `workspace.order`. @returns the largest rounding error, squared, in units. */
export function packGroups({ data, dimensions }: Points, workspace: Workspace, task: number): number {
  const { packed, norms, order, rows, mean, measures, groups, steps, plan } = workspace;
  const unit = measures[Measure.UNIT]!;
  const first = task * PACK_TASK * GROUP;
  const end = Math.min(groups, (task + 1) * PACK_TASK) * GROUP;
  let largestError = 0;
  for (let place = first; place < end; place++) {
    const start = Math.floor(place / GROUP) * steps * STEP + 2 * (place % GROUP);
    if (place >= plan.count) {
      norms[place] = NOWHERE;
      for (let step = 0, to = start; step < steps; step++, to += STEP) packed[to] = packed[to + 1] = 0;
      continue;
    }
    const row = rows[order[place]!]! * dimensions;
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
  return largestError;
}

/** Notes the largest distance of a rounded point from the true one, from what the threads found when packing. */
export function noteError({ measures, errors }: Workspace): void {
  measures[Measure.ERROR] = Math.sqrt(Math.max(...errors)) * measures[Measure.UNIT]! * (1 + 1e-9) + measures[Measure.SLACK]!;
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
