/**
 * Points are one flat row-major array, so that they cross threads without a copy and sit in the processor's cache. This file is the gate: behind it every
 * point is known to be finite and the kernels may drop their checks.
 */
import { DifferentLengthsError, InvalidPointsError, NotFiniteError } from './errors.js';

/** `count` points of `dimensions` coordinates each: coordinate c of point i is `data[i * dimensions + c]`. */
export interface Points {
  data: Float32Array | Float64Array;
  count: number;
  dimensions: number;
}

/** Points in double precision: a single array type keeps a loop over them fast. */
export interface WidePoints extends Points {
  data: Float64Array;
}

/** The same points in double precision. */
export function widen(points: Points): WidePoints {
  const { data } = points;
  return { ...points, data: data instanceof Float64Array ? data : new Float64Array(data) };
}

/**
 * Points from an array for each of them, in double precision. None at all have no dimensions.
 * @throws DifferentLengthsError naming the first row that is not as long as the first one.
 */
export function pointsFromRows(rows: readonly ArrayLike<number>[]): Points {
  const dimensions = rows[0]?.length ?? 0;
  const data = new Float64Array(rows.length * dimensions);
  rows.forEach((row, index) => {
    if (row.length !== dimensions) throw new DifferentLengthsError(`row ${index} has ${row.length} numbers, but row 0 has ${dimensions}: take vectors of one model, or leave the row out.`);
    data.set(row, index * dimensions);
  });
  return { data, count: rows.length, dimensions };
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
    throw new DifferentLengthsError(`points.data holds ${data.length} numbers, but ${count} points of ${dimensions} dimensions need ${count * dimensions}: correct count or dimensions, or pass the missing rows.`);
  }
  for (let at = 0; at < data.length; at++) {
    if (Number.isFinite(data[at])) continue;
    throw new NotFiniteError(`points.data is ${data[at]} at point ${Math.floor(at / dimensions)}, dimension ${at % dimensions}: leave the point out or repair its vector first.`);
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
