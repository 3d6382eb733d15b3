/** Comparing groupings and describing a cluster. */
import { describe, expect, it } from '@jest/globals';
import { adjustedRandIndex, jaccard } from './agreement.js';
import { centroid, cohesion } from './centroid.js';
import { InvalidLabelsError } from './errors.js';
import type { Points } from './points.js';

describe('the adjusted Rand index', () => {
  it.each<{ name: string; a: number[]; b: number[]; index: number }>([
    { name: 'renamed groups', a: [0, 0, 1, 1, -1], b: [5, 5, -1, -1, 0], index: 1 },
    { name: 'no points', a: [], b: [], index: 1 },
    { name: 'all together twice', a: [1, 1, 1], b: [2, 2, 2], index: 1 },
    { name: 'all apart twice', a: [1, 2, 3], b: [3, 1, 2], index: 1 },
    { name: 'all together against all apart', a: [1, 1, 1], b: [1, 2, 3], index: 0 },
    { name: 'a point moved', a: [0, 0, 1, 1], b: [0, 0, 1, 2], index: 4 / 7 },
    { name: 'less than chance', a: [0, 0, 1, 1], b: [0, 1, 0, 1], index: -0.5 },
  ])('of $name is $index', ({ a, b, index }) => {
    expect(adjustedRandIndex(a, b)).toBeCloseTo(index, 12);
    expect(adjustedRandIndex(b, a)).toBeCloseTo(index, 12);
  });

  it('refuses labels of different points', () => {
    expect(() => adjustedRandIndex([1], [1, 2])).toThrow(InvalidLabelsError);
  });
});

describe('jaccard', () => {
  it.each<{ a: string[]; b: string[]; share: number }>([
    { a: [], b: [], share: 1 },
    { a: ['x'], b: [], share: 0 },
    { a: ['x', 'y'], b: ['y', 'z'], share: 1 / 3 },
    { a: ['x', 'y'], b: ['y', 'x'], share: 1 },
  ])('of $a and $b is $share', ({ a, b, share }) => {
    expect(jaccard(new Set(a), new Set(b))).toBe(share);
  });
});

describe('a cluster', () => {
  const points: Points = { data: Float32Array.from([0, 0, 1, 0, 0.5, 0.5, 9, 9]), count: 4, dimensions: 2 };

  it('has the mean of its members as centroid', () => {
    expect([...centroid(points, [0, 1])]).toEqual([0.5, 0]);
    expect([...centroid(points)]).toEqual([2.625, 2.375]);
    expect([...centroid(points, [])]).toEqual([0, 0]);
  });

  it.each<{ name: string; members: number[]; value: number }>([
    { name: 'nobody', members: [], value: 0 },
    { name: 'one member', members: [2], value: 0 },
    { name: 'two copies', members: [2, 2], value: 1 },
    { name: 'neighbours', members: [0, 1], value: 0.5 },
    { name: 'strangers', members: [0, 3], value: 0 },
  ])('of $name has cohesion $value', ({ members, value }) => {
    expect(cohesion(points, members)).toBeCloseTo(value, 12);
  });
});
