/**
 * Fewer dimensions before clustering. Sentence vectors of some hundred dimensions share one large common part, and density says little among them: measured on
 * real comments, the raw vectors gave one cluster with nearly everything in it, the same vectors centred, projected to 10 to 25 components and renormalised
 * gave some forty.
 */
import { InvalidPointsError } from './errors.js';
import { isWhole, refuseUnknownOptions, requireOption } from './options.js';
import { requirePoints } from './points.js';
import type { Points } from './points.js';
import { coordinates, principalComponents } from './principal-components.js';
import type { PrincipalComponents } from './principal-components.js';

export interface ReduceOptions {
  /** `pca`: subtract the mean and keep the first principal components; `none`: keep the points as they are. */
  method: 'pca' | 'none';
  /** Components to keep, at least 1; needed with `pca`, without meaning for `none`. */
  dimensions?: number;
  /** Whether to scale each resulting row to length 1 (a row of zeros stays); true unless given. */
  normalize?: boolean;
}

/** The fitted reduction; `project` applies it to other points of the same kind. */
export interface Reducer {
  method: 'pca' | 'none';
  normalize: boolean;
  /** Present with `pca`. */
  fitted?: PrincipalComponents;
}

export interface Reduction extends Reducer {
  points: Points;
  /** Dimensions of the result: fewer than asked for when the points span fewer. */
  dimensions: number;
  /** Share of the variance kept, 0 to 1. */
  explainedVariance: number;
}

/**
 * Fits the reduction to the points and applies it. The same points always give the same result.
 * @param onProgress told a rising fraction between 0 and 1.
 * @throws InvalidPointsError or InvalidOptionError, before any work.
 */
export function reduce(points: Points, options: ReduceOptions, onProgress: (fraction: number) => void = () => {}): Reduction {
  const reducer = checkOptions(options);
  requirePoints(points);
  if (reducer.method === 'pca' && points.count > 0) reducer.fitted = principalComponents(points, options.dimensions!, onProgress);
  const reduced = project(points, reducer);
  onProgress(1);
  return { ...reducer, points: reduced, dimensions: reduced.dimensions, explainedVariance: reducer.fitted?.explainedVariance ?? 1 };
}

/** Applies a fitted reduction to points, the fitted ones or new ones. */
export function project(points: Points, reducer: Reducer): Points {
  const { count, dimensions } = points;
  const { fitted, normalize } = reducer;
  if (fitted && fitted.mean.length !== dimensions) {
    throw new InvalidPointsError(`The reduction was fitted to points of ${fitted.mean.length} dimensions and can not project points of ${dimensions}: use vectors of the same model.`);
  }
  const values = fitted ? coordinates(points, fitted) : points.data;
  const width = fitted?.count ?? dimensions;
  const data = new Float32Array(values);
  // A point at the mean has no direction, only the rounding of the subtraction; scaled up, that would be noise of full length.
  const shortest = fitted ? 1e-12 * largestOf(fitted.mean) : 0;
  if (normalize) for (let row = 0; row < count; row++) scaleToOne(values.subarray(row * width, (row + 1) * width), shortest, data, row * width);
  return { data, count, dimensions: width };
}

/** Writes the row at length 1, or zeros when none of its coordinates exceeds `shortest`. */
function scaleToOne(row: Float32Array | Float64Array, shortest: number, out: Float32Array, at: number): void {
  // Divided by the largest coordinate first, so that very small and very large rows neither under- nor overflow.
  const largest = largestOf(row);
  if (largest <= shortest) return void out.fill(0, at, at + row.length);
  let square = 0;
  for (const value of row) square += (value / largest) ** 2;
  const length = largest * Math.sqrt(square);
  for (let k = 0; k < row.length; k++) out[at + k] = row[k]! / length;
}

function largestOf(values: Float32Array | Float64Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}

function checkOptions(options: ReduceOptions): Reducer {
  const { method, dimensions, normalize = true } = options;
  refuseUnknownOptions('reduce', options, ['method', 'dimensions', 'normalize']);
  requireOption(method === 'pca' || method === 'none', 'reduce', 'method', method, '"pca" or "none"');
  requireOption(method === 'none' || isWhole(dimensions, 1), 'reduce', 'dimensions', dimensions, 'a whole number of at least 1 with "pca"');
  requireOption(typeof normalize === 'boolean', 'reduce', 'normalize', normalize, 'true or false');
  return { method, normalize };
}
