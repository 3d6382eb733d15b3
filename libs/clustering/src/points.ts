/**
 * Points are one flat row-major array, so that they cross threads without a copy and sit in the processor's cache. This file is the gate: behind it every
 * point is known to be finite and the kernels may drop their checks.
 */
import { InvalidPointsError } from './errors.js';

/** `count` points of `dimensions` coordinates each: coordinate c of point i is `data[i * dimensions + c]`. */
export interface Points {
  data: Float32Array | Float64Array;
  count: number;
  dimensions: number;
}

/** Points that passed the gate, in double precision: a single array type keeps the distance loop monomorphic, and ties and duplicates stay exact. */
export interface CheckedPoints extends Points {
  data: Float64Array;
}

/** Checks shape and values, and widens to double precision. */
export function checkPoints(points: Points): CheckedPoints {
  requirePoints(points);
  const { data } = points;
  return { ...points, data: data instanceof Float64Array ? data : new Float64Array(data) };
}

/** @throws InvalidPointsError naming the first value that is not a finite number, or the length that does not fit. */
export function requirePoints(points: Points): void {
  const { data, count, dimensions } = points;
  if (!(data instanceof Float32Array || data instanceof Float64Array)) {
    throw new InvalidPointsError(`points.data is ${describe(data)}: give a Float32Array or a Float64Array, row after row.`);
  }
  for (const [name, value] of [['count', count], ['dimensions', dimensions]] as const) {
    if (!Number.isSafeInteger(value) || value < 0) throw new InvalidPointsError(`points.${name} is ${describe(value)}: it must be a whole number of at least 0.`);
  }
  if (count > 0 && dimensions === 0) throw new InvalidPointsError(`points.dimensions is 0 for ${count} points: a point needs at least one coordinate.`);
  if (data.length !== count * dimensions) {
    throw new InvalidPointsError(`points.data holds ${data.length} numbers, but ${count} points of ${dimensions} dimensions need ${count * dimensions}: correct count or dimensions, or pass the missing rows.`);
  }
  for (let at = 0; at < data.length; at++) {
    if (Number.isFinite(data[at])) continue;
    throw new InvalidPointsError(`points.data is ${data[at]} at point ${Math.floor(at / dimensions)}, dimension ${at % dimensions}: leave the point out or repair its vector first.`);
  }
}

/**
 * A copy of the rows at `indices`, in that order. The array type is kept.
 * @throws InvalidPointsError when an index names no point.
 */
export function takeRows(points: Points, indices: ArrayLike<number>): Points {
  const { dimensions } = points;
  const size = indices.length * dimensions;
  const data = points.data instanceof Float32Array ? new Float32Array(size) : new Float64Array(size);
  for (let row = 0; row < indices.length; row++) {
    const index = indices[row]!;
    if (!Number.isInteger(index) || index < 0 || index >= points.count) {
      throw new InvalidPointsError(`index ${index} at position ${row} names no point: there are ${points.count}, numbered from 0.`);
    }
    data.set(points.data.subarray(index * dimensions, (index + 1) * dimensions), row * dimensions);
  }
  return { data, count: indices.length, dimensions };
}

function describe(value: unknown): string {
  if (typeof value === 'number' || value == null) return String(value);
  return typeof value === 'object' ? `an ${value.constructor?.name ?? 'object'}` : `a ${typeof value}`;
}
