/** The steps before the clusters, against definitions written down without any cleverness. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { coreDistances } from './core-distances.js';
import { edgeOrder } from './edge-order.js';
import type { WidePoints } from './points.js';
import { spanningTree } from './spanning-tree.js';

// Whole numbers from a small range: many duplicates and equal distances.
const grids = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 10, maxLength: 150 })).map(([dimensions, values]): WidePoints => {
  const count = Math.floor(values.length / dimensions);
  return { data: Float64Array.from(values.slice(0, count * dimensions)), count, dimensions };
});

describe('core distances', () => {
  it('are the distances to the k-th nearest other point', () => {
    fc.assert(fc.property(grids, fc.integer({ min: 1, max: 12 }), (points, neighbours) => {
      const expected = Array.from({ length: points.count }, (_, point) => {
        const others = indices(points).filter((other) => other !== point).map((other) => distance(points, point, other)).sort((a, b) => a - b);
        return others[Math.min(neighbours, others.length) - 1] ?? 0;
      });
      const { cores, closerCores } = coreDistances(points, neighbours);
      expect([...cores]).toEqual(expected);
      expect([...closerCores]).toEqual([...coreDistances(points, Math.max(1, Math.min(neighbours, points.count - 1) - 1)).cores].map((core) => (neighbours === 1 || points.count <= 2 ? 0 : core)));
    }));
  });
});

describe('the spanning tree', () => {
  it('joins all points with the least total weight, lightest edge first', () => {
    fc.assert(fc.property(grids, fc.integer({ min: 1, max: 6 }), (points, neighbours) => {
      const { cores } = coreDistances(points, neighbours);
      const { from, to, weight } = spanningTree(points, cores);
      expect(weight).toEqual(Float64Array.from(weight).sort());
      const group = indices(points);
      weight.forEach((value, edge) => {
        expect(value).toBe(reach(points, cores, from[edge]!, to[edge]!));
        expect(group[from[edge]!]).not.toBe(group[to[edge]!]);
        join(group, from[edge]!, to[edge]!);
      });
      expect(new Set(group).size).toBe(1);
      expect(weight.reduce((sum, value) => sum + value, 0)).toBeCloseTo(kruskal(points, cores), 9);
    }));
  });
});

describe('the order of edges', () => {
  it.each<{ name: string; weights: (place: number) => number }>([
    { name: 'all equal', weights: () => 1 },
    { name: 'rising', weights: (place) => place },
    { name: 'falling', weights: (place) => -place },
    { name: 'a hill, which misleads the median of three', weights: (place) => -Math.abs(place - 2_500) },
    { name: 'interleaved halves', weights: (place) => (place % 2 ? place : 5_000 - place) },
    { name: 'infinities', weights: (place) => (place % 3 ? Infinity : place) },
  ])('sorts $name', ({ weights }) => {
    const values = Float64Array.from({ length: 5_000 }, (_, place) => weights(place));
    const order = edgeOrder(values);
    expect(new Set(order).size).toBe(values.length);
    expect(Float64Array.from(order, (edge) => values[edge]!)).toEqual(Float64Array.from(values).sort());
  });
});

function kruskal(points: WidePoints, cores: Float64Array): number {
  const edges = indices(points).flatMap((a) => indices(points).slice(a + 1).map((b) => ({ a, b, weight: reach(points, cores, a, b) })));
  const group = indices(points);
  return edges.sort((one, two) => one.weight - two.weight).reduce((sum, { a, b, weight }) => {
    if (group[a] === group[b]) return sum;
    join(group, a, b);
    return sum + weight;
  }, 0);
}

function join(group: number[], a: number, b: number): void {
  const [kept, gone] = [group[a]!, group[b]!];
  group.forEach((value, point) => {
    if (value === gone) group[point] = kept;
  });
}

function reach(points: WidePoints, cores: Float64Array, a: number, b: number): number {
  return Math.max(cores[a]!, cores[b]!, distance(points, a, b));
}

function distance({ data, dimensions }: WidePoints, a: number, b: number): number {
  let sum = 0;
  for (let k = 0; k < dimensions; k++) sum += (data[a * dimensions + k]! - data[b * dimensions + k]!) ** 2;
  return Math.sqrt(sum);
}

function indices(points: WidePoints): number[] {
  return Array.from({ length: points.count }, (_, point) => point);
}
