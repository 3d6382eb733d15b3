/** The fast way to the tree against the direct one: equal to the last bit, edges and their order included, whatever the points. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { squareTask, squareTasks } from './block-tasks.js';
import { distinctPoints } from './distinct-points.js';
import type { Kernel } from './web-assembly.js';
import type { Points } from './points.js';
import { reachabilityTree } from './reachability-tree.js';

const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const neighbours = fc.integer({ min: 1, max: 12 });

describe('the tree in whole numbers', () => {
  it('equals the direct one on clouds of any dimension', () => {
    fc.assert(fc.property(seeds, fc.integer({ min: 40, max: 200 }), fc.integer({ min: 1, max: 40 }), neighbours, (seed, count, dimensions, minSamples) => {
      expectSameTree(cloud(seed, count, dimensions), minSamples);
    }), { numRuns: 40 });
  });

  it('equals the direct one with many copies and equal distances', () => {
    fc.assert(fc.property(seeds, fc.integer({ min: 60, max: 250 }), fc.integer({ min: 2, max: 5 }), fc.integer({ min: 3, max: 9 }), neighbours, (seed, count, dimensions, width, minSamples) => {
      const random = chance(seed);
      expectSameTree({ data: Float64Array.from({ length: count * dimensions }, () => Math.floor(width * random())), count, dimensions }, minSamples);
    }), { numRuns: 40 });
  });

  it.each<{ name: string; points: () => Points; minSamples?: number }>([
    { name: 'one dimension', points: () => cloud(1, 600, 1) },
    { name: '2,048 dimensions', points: () => cloud(2, 300, 2_048) },
    { name: 'single precision', points: () => ({ ...cloud(3, 400, 7), data: Float32Array.from(cloud(3, 400, 7).data) }) },
    { name: 'more points than fit in one block', points: () => cloud(4, 1_500, 24) },
    { name: 'two places very far from each other', points: () => moved(cloud(5, 500, 6), (row) => (row % 2 ? 1e5 : 0)) },
    { name: 'a hundred places far from each other', points: () => moved(cloud(6, 1_200, 3), (row) => 1e3 * (row % 100)) },
    { name: 'points far from the origin', points: () => moved(cloud(7, 500, 6), () => 1e9) },
    { name: 'almost equal points, nearer than the rounding', points: () => scaledAround(cloud(8, 500, 6), 1e-9) },
    { name: 'more copies than neighbours', points: () => ({ data: Float64Array.from({ length: 900 }, (_, at) => (at % 3 ? Math.sin(at) : 1)).fill(4, 0, 300), count: 300, dimensions: 3 }), minSamples: 20 },
    { name: 'points that arrive in order', points: () => ({ data: Float64Array.from({ length: 700 }, (_, at) => at ** 1.5), count: 700, dimensions: 1 }) },
    { name: 'sizes that can not be squared', points: () => ({ data: cloud(9, 300, 2).data.map((value) => value * 1e200), count: 300, dimensions: 2 }) },
    { name: 'one point out of all proportion', points: () => ({ ...cloud(10, 400, 2), data: cloud(10, 400, 2).data.map((value, at) => (at === 7 ? 1e12 : value)) }) },
    { name: 'nothing but one point', points: () => ({ data: new Float64Array(600).fill(3), count: 300, dimensions: 2 }) },
    { name: 'more equal distances than can be kept', points: () => ({ data: Float64Array.from({ length: 900 * 900 }, (_, at) => (at % 901 === 0 ? 1 : 0)), count: 900, dimensions: 900 }), minSamples: 1 },
  ])('equals the direct one for $name', ({ points, minSamples = 5 }) => expectSameTree(points(), minSamples, ['simd']));

  it('reports progress that rises to 1', () => {
    const said: number[] = [];
    reachabilityTree(cloud(11, 3_000, 30), 5, { onProgress: (fraction) => said.push(fraction) });
    expect(said.length).toBeGreaterThan(20);
    expect(said).toEqual([...said].sort((a, b) => a - b));
    expect(said.at(-1)).toBe(1);
  });
});

describe('distinct points', () => {
  it('are numbered by their first copy, and 0 is -0', () => {
    const { count, row, start, copies } = distinctPoints({ data: Float64Array.of(1, 0, 2, 2, 1, -0, 2, 2, 3, 3), count: 5, dimensions: 2 });
    expect([count, [...row], [...start], [...copies]]).toEqual([3, [0, 1, 4], [0, 2, 4, 5], [0, 2, 1, 3, 4]]);
  });
});

describe('block tasks', () => {
  it.each([1, 2, 3, 79, 1_024])('number the upper triangle of a square of %d', (blocks) => {
    let task = 0;
    for (let row = 0; row < blocks; row++) for (let column = row; column < blocks; column++) {
      const [r, c] = squareTask(task++, blocks);
      if (r !== row || c !== column) throw new Error(`task ${task - 1} is (${r}, ${c}) instead of (${row}, ${column})`);
    }
    expect(squareTasks(blocks)).toBe(task);
  });
});

function expectSameTree(points: Points, minSamples: number, kernels: Kernel[] = ['simd', 'plain']): void {
  const direct = reachabilityTree(points, minSamples, { fewest: Infinity });
  for (const kernel of kernels) {
    const { cores, closerCores, tree } = reachabilityTree(points, minSamples, { fewest: 0, kernel });
    expect(differences(cores, direct.cores)).toEqual([]);
    expect(differences(closerCores, direct.closerCores)).toEqual([]);
    expect(differences(tree.weight, direct.tree.weight)).toEqual([]);
    expect(differences(tree.from, direct.tree.from)).toEqual([]);
    expect(differences(tree.to, direct.tree.to)).toEqual([]);
  }
}

/** The first few, because a matcher that prints thousands of numbers helps nobody. */
function differences(actual: ArrayLike<number>, expected: ArrayLike<number>): string[] {
  const all = actual.length === expected.length ? [] : [`${actual.length} numbers instead of ${expected.length}`];
  for (let at = 0; at < expected.length && all.length < 5; at++) if (!Object.is(actual[at], expected[at])) all.push(`${actual[at]} instead of ${expected[at]} at ${at}`);
  return all;
}

function cloud(seed: number, count: number, dimensions: number): Points {
  const random = chance(seed);
  const data = new Float64Array(count * dimensions);
  for (let row = 0; row < count; row++) {
    const centre = 2 * Math.floor(4 * random());
    for (let k = 0; k < dimensions; k++) data[row * dimensions + k] = centre + random() + random();
  }
  return { data, count, dimensions };
}

function moved(points: Points, by: (row: number) => number): Points {
  return { ...points, data: points.data.map((value, at) => value + by(Math.floor(at / points.dimensions))) };
}

/** Half of the points where they were, the others so near to each other that only double precision tells them apart. */
function scaledAround(points: Points, factor: number): Points {
  return { ...points, data: points.data.map((value, at) => (Math.floor(at / points.dimensions) % 2 ? value : 1 + value * factor)) };
}

function chance(seed: number): () => number {
  let state = seed % 2_147_483_647 || 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
