import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidLabelsError, InvalidOptionError } from './errors.js';
import { placeNoise } from './place-noise.js';
import { pointsFromRows } from './points.js';

/** Two clusters around the axes, one loose and one tight; the last four are noise: within the loose one, between the two, close to the tight one and just outside of it, and opposite. */
const rows = [[1, 0], [1, 0.2], [1, -0.2], [1, 0.4], [0, 1], [0.05, 1], [-0.05, 1], [1, 0.3], [1, 1], [0.2, 1], [-1, -1]];
const points = pointsFromRows(rows);
const labels = Int32Array.from([0, 0, 0, 0, 1, 1, 1, -1, -1, -1, -1]);

describe('a place for noise', () => {
  it('is the cluster whose centre it points to, when its members lie as far out', () => {
    expect([...placeNoise(points, labels, { reach: 1 })]).toEqual([0, 0, 0, 0, 1, 1, 1, 0, -1, -1, -1]);
  });

  it('is found less often the shorter the reach', () => {
    expect([...placeNoise(points, labels, { reach: 0.5 })].slice(7)).toEqual([-1, -1, -1, -1]);
    expect([...placeNoise(points, labels, { reach: 0 })]).toEqual([...labels]);
  });

  it('changes no member, needs clusters, and takes zeros for what points nowhere', () => {
    expect(new Set(placeNoise(points, labels.map(() => -1), { reach: 1 }))).toEqual(new Set([-1]));
    const withZero = pointsFromRows([...rows, [0, 0]]);
    expect(placeNoise(withZero, Int32Array.from([...labels, -1]), { reach: 1 })[11]).toBe(-1);
  });

  it('does not depend on the order of the points', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(rows.map((_, index) => index), { minLength: rows.length }), (order) => {
        const placed = placeNoise(pointsFromRows(order.map((index) => rows[index] ?? [])), Int32Array.from(order, (index) => labels[index] ?? -1), { reach: 1 });
        const expected = placeNoise(points, labels, { reach: 1 });
        expect(order.map((index, row) => placed[row] === expected[index])).not.toContain(false);
      }),
    );
  });

  it('refuses what can not be', () => {
    expect(() => placeNoise(points, labels, { reach: 1.5 })).toThrow(InvalidOptionError);
    expect(() => placeNoise(points, labels, { reech: 1 } as never)).toThrow(/reech/);
    expect(() => placeNoise(points, Int32Array.of(1), { reach: 1 })).toThrow(InvalidLabelsError);
  });
});
