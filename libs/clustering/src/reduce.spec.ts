/** Principal components against cases that can be worked out by hand, and the laws of a projection. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidOptionError, InvalidPointsError } from './errors.js';
import { outerProductSum } from './outer-products.js';
import type { Points } from './points.js';
import { project, reduce } from './reduce.js';
import type { ReduceOptions } from './reduce.js';

describe('reduce', () => {
  it('finds the axes of an ellipse', () => {
    // Along (3, 4) / 5 with spread 10, across it with spread 1, around (100, -50).
    const ellipse = rows([[106, -42], [94, -58], [100.8, -50.6], [99.2, -49.4]]);
    const { points, dimensions, explainedVariance, fitted } = reduce(ellipse, { method: 'pca', dimensions: 1, normalize: false });
    expect(dimensions).toBe(1);
    expect(explainedVariance).toBeCloseTo(200 / 202, 12);
    expect([...fitted!.mean]).toEqual([100, -50]);
    expectClose(fitted!.components, [0.6, 0.8]);
    expectClose(points.data, [10, -10, 0, 0], 5);
  });

  it.each([
    ['row by row, of few points', 100],
    ['by their covariance, of many points', 40],
  ])('agrees with the exact components when only a few of many dimensions are kept: %s', (_name, dimensions) => {
    // Independent coordinates of known variance: the components are the axes.
    const spreads = [9, 7, 5, 3, ...Array<number>(36).fill(0.01), ...Array<number>(dimensions - 40).fill(0)];
    const signs = spreads.slice(0, 40).flatMap((spread, axis) => [spread, -spread].map((value) => spreads.map((_, k) => (k === axis ? value : 0))));
    const { fitted, explainedVariance } = reduce(rows(signs), { method: 'pca', dimensions: 4 });
    const squares = spreads.map((spread) => spread ** 2);
    expect(explainedVariance).toBeCloseTo(sum(squares.slice(0, 4)) / sum(squares), 6);
    expectClose(fitted!.components, spreads.slice(0, 4).flatMap((_, component) => spreads.map((__, k) => (k === component ? 1 : 0))), 5);
  });

  it('sums outer products with SIMD as without, bit for bit', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 21 }), fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 400 }), (width, values) => {
      const [plain, simd] = (['plain', 'simd'] as const).map((kernel) => {
        const sum = outerProductSum(width, kernel);
        for (let at = 0; at < values.length; at += 4 * width) {
          sum.rows.forEach((row, number) => row.forEach((_, k) => (row[k] = values[at + number * width + k] ?? 0)));
          sum.add();
        }
        return sum.matrix();
      });
      expect(simd).toEqual(plain);
      const square = Array.from({ length: Math.ceil(values.length / width) }, (_, row) => values[row * width]! ** 2).reduce((total, value) => total + value, 0);
      expect(plain![0]! / (square || 1)).toBeCloseTo(square ? 1 : 0, 9);
    }));
  });

  it('keeps all distances when it keeps all dimensions, and orthonormal components always', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 12 }), fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 24, maxLength: 200 }), (dimensions, values) => {
      const count = Math.floor(values.length / dimensions);
      const points: Points = { data: Float64Array.from(values.slice(0, count * dimensions)), count, dimensions };
      const { points: turned, fitted, explainedVariance } = reduce(points, { method: 'pca', dimensions, normalize: false });
      expect(explainedVariance).toBeCloseTo(1, 9);
      for (let row = 1; row < count; row++) expect(distance(turned, 0, row)).toBeCloseTo(distance(points, 0, row), 3);
      if (values.some((value, at) => at >= dimensions && at < count * dimensions && value !== values[at % dimensions])) {
        for (let a = 0; a < fitted!.count; a++) for (let b = 0; b <= a; b++) expect(inner(fitted!.components, dimensions, a, b)).toBeCloseTo(a === b ? 1 : 0, 9);
      }
    }));
  });

  it.each<{ name: string; points: Points; options: ReduceOptions; dimensions: number; data: number[] }>([
    { name: 'no points', points: { data: new Float32Array(0), count: 0, dimensions: 5 }, options: { method: 'pca', dimensions: 2 }, dimensions: 5, data: [] },
    { name: 'one point', points: rows([[3, 4]]), options: { method: 'pca', dimensions: 2 }, dimensions: 1, data: [0] },
    { name: 'equal points', points: rows([[0.1, 0.7], [0.1, 0.7], [0.1, 0.7]]), options: { method: 'pca', dimensions: 2 }, dimensions: 1, data: [0, 0, 0] },
    { name: 'points on a line', points: rows([[1, 1], [2, 2], [3, 3]]), options: { method: 'pca', dimensions: 2 }, dimensions: 1, data: [-1, 0, 1] },
    { name: 'nothing but unit length', points: rows([[3, 4], [0, 0], [-5e-30, 0]]), options: { method: 'none' }, dimensions: 2, data: [0.6, 0.8, 0, 0, -1, 0] },
    { name: 'nothing at all', points: rows([[3, 4]]), options: { method: 'none', normalize: false }, dimensions: 2, data: [3, 4] },
  ])('does what can be done with $name', ({ points, options, dimensions, data }) => {
    const reduction = reduce(points, options);
    expect(reduction).toMatchObject({ method: options.method, dimensions });
    expect(reduction.explainedVariance).toBeCloseTo(1, 12);
    expectClose(reduction.points.data, data, 6);
  });

  it('projects the fitted points to the same place, and new points beside them', () => {
    const points = rows([[1, 2, 3], [2, 1, 0], [4, 4, 1], [0, 3, 3]]);
    const reduction = reduce(points, { method: 'pca', dimensions: 2 });
    expect(project(points, reduction)).toEqual(reduction.points);
    expect(project(rows([[1, 2, 3]]), reduction).data).toEqual(reduction.points.data.subarray(0, 2));
    expect(() => project(rows([[1, 2]]), reduction)).toThrow(InvalidPointsError);
    expect(() => project(rows([[1, 2]]), reduction)).toThrow(/fitted to points of 3 dimensions and can not project points of 2/);
  });

  it.each<{ options: object; says: RegExp }>([
    { options: { method: 'umap' }, says: /method is "umap": it must be "pca" or "none"/ },
    { options: { method: 'pca' }, says: /dimensions is undefined/ },
    { options: { method: 'pca', dimensions: 0 }, says: /dimensions is 0: it must be a whole number of at least 1/ },
    { options: { method: 'pca', dimensions: 2, normalise: true }, says: /no option "normalise"/ },
  ])('refuses options $options', ({ options, says }) => {
    const attempt = (): unknown => reduce(rows([[1, 2]]), options as ReduceOptions);
    expect(attempt).toThrow(InvalidOptionError);
    expect(attempt).toThrow(says);
  });
});

function rows(values: number[][]): Points {
  return { data: Float64Array.from(values.flat()), count: values.length, dimensions: values[0]!.length };
}

function expectClose(actual: ArrayLike<number>, expected: number[], digits = 9): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, index) => expect(actual[index]!).toBeCloseTo(value, digits));
}

function distance({ data, dimensions }: Points, a: number, b: number): number {
  return Math.hypot(...Array.from({ length: dimensions }, (_, k) => data[a * dimensions + k]! - data[b * dimensions + k]!));
}

function inner(components: Float64Array, width: number, a: number, b: number): number {
  return sum(Array.from({ length: width }, (_, k) => components[a * width + k]! * components[b * width + k]!));
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
