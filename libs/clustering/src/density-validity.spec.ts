/** Density-based validity on points that can be read; the reference data has more. */
import { describe, expect, it } from '@jest/globals';
import { densityValidity } from './density-validity.js';
import { DifferentLengthsError, TooFewPointsError } from './errors.js';
import { pointsFromRows } from './points.js';

const pairs = pointsFromRows([[0], [1], [2], [3], [10], [11], [12], [13]]);

describe('density-based validity', () => {
  it('is high for the groups that are there, and low for others', () => {
    expect(densityValidity(pairs, [0, 0, 0, 0, 1, 1, 1, 1])).toBeGreaterThan(0.7);
    expect(densityValidity(pairs, [0, 0, 1, 1, 0, 0, 1, 1])).toBeLessThan(-0.5);
  });

  it('falls by the share of the noise, and does not care for names or scale', () => {
    const rows = [[0], [1], [2], [3], [10], [11], [12], [13]];
    const whole = densityValidity(pairs, [0, 0, 0, 0, 1, 1, 1, 1]);
    expect(densityValidity(pointsFromRows([...rows, [90], [-70]]), [0, 0, 0, 0, 1, 1, 1, 1, -1, -1])).toBeCloseTo(0.8 * whole, 12);
    expect(densityValidity(pointsFromRows(rows.map(([value]) => [100 * value!])), [5, 5, 5, 5, 2, 2, 2, 2])).toBeCloseTo(whole, 12);
  });

  it('does not overflow in many dimensions', () => {
    const rows = Array.from({ length: 12 }, (_, row) => Array.from({ length: 1_024 }, (__, k) => (k === row % 2 ? 1 : 0) + 1e-3 * Math.sin(row * 1_024 + k)));
    expect(densityValidity(pointsFromRows(rows), rows.map((_, row) => row % 2))).toBeGreaterThan(0.9);
  });

  it.each<{ name: string; labels: number[]; error: new (message: string) => Error; says: RegExp }>([
    { name: 'labels of other points', labels: [0, 1], error: DifferentLengthsError, says: /2 labels for 8 points/ },
    { name: 'one cluster', labels: [0, 0, 0, 0, -1, -1, -1, -1], error: TooFewPointsError, says: /1 clusters/ },
    { name: 'a cluster of one', labels: [0, 0, 0, 0, 1, 1, 1, 7], error: TooFewPointsError, says: /cluster 7 has one point/ },
  ])('refuses $name', ({ labels, error, says }) => {
    expect(() => densityValidity(pairs, labels)).toThrow(error);
    expect(() => densityValidity(pairs, labels)).toThrow(says);
  });
});
