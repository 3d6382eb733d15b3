/** The kernels that are shipped are those that can be read, and the plain twin of the first finds the same. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileKernel } from '../kernel/build.mjs';
import { compileNearPairs, FOUND, GROUP, nearPairsOver, STEP } from './near-pairs.js';
import type { PointGroups } from './near-pairs.js';
import { NEAR_PAIRS_WASM } from './near-pairs.wasm.js';
import { OUTER_PRODUCTS_WASM } from './outer-products.wasm.js';
import { sharedMemory } from './web-assembly.js';

describe('the kernel', () => {
  it.each([['near-pairs', NEAR_PAIRS_WASM], ['outer-products', OUTER_PRODUCTS_WASM]])('%s is what its source compiles to', async (name, compiled) => {
    expect(await compileKernel(name)).toBe(compiled);
  });

  it('finds with SIMD what it finds without, and what the definition says', () => {
    const sides = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 5 }), fc.boolean());
    fc.assert(fc.property(sides, fc.integer({ min: 1, max: 1e9 }), ([rowGroups, columnGroups, halfSteps, sameBlock], seed) => {
      const block = randomBlock(rowGroups, sameBlock ? rowGroups : columnGroups, 2 * halfSteps, sameBlock, seed);
      const found = (['simd', 'plain'] as const).map((kernel) => {
        const count = nearPairsOver(block.memory, compileNearPairs(kernel))(block.rows, block.columns, 2 * halfSteps, sameBlock, block.out);
        return sorted(new Int32Array(block.memory.buffer, block.out, count * FOUND));
      });
      expect(found[0]).toEqual(block.expected);
      expect(found[1]).toEqual(block.expected);
    }));
  });
});

/** Two sides of random points and limits in one memory, and the pairs that are below a limit, by the definition. */
function randomBlock(rowGroups: number, columnGroups: number, steps: number, sameBlock: boolean, seed: number) {
  const memory = sharedMemory(256 * 1024);
  let state = seed;
  const random = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below;
  let next = 0;
  const side = (groups: number): PointGroups & { values: number[][]; limit: number[] } => {
    const [points, norms, limits] = [next, next + groups * steps * STEP * 2, next + groups * (steps * STEP * 2 + GROUP * 4)];
    next = limits + groups * GROUP * 4;
    const values = Array.from({ length: groups * GROUP }, () => Array.from({ length: 2 * steps }, () => random(4_000) - 2_000));
    const limit = values.map(() => random(2 * 4_000 * 1_000 * steps));
    values.forEach((point, place) => {
      point.forEach((value, k) => {
        new Int16Array(memory.buffer)[points / 2 + (Math.floor(place / GROUP) * steps + (k >> 1)) * STEP + 2 * (place % GROUP) + (k & 1)] = value;
      });
      new Int32Array(memory.buffer)[norms / 4 + place] = point.reduce((sum, value) => sum + value * value, 0);
      new Int32Array(memory.buffer)[limits / 4 + place] = limit[place]!;
    });
    return { points, norms, limits, groups, values, limit };
  };
  const rows = side(rowGroups);
  const columns = sameBlock ? rows : side(columnGroups);
  const expected = rows.values.flatMap((a, row) => columns.values.flatMap((b, column) => {
    const squared = a.reduce((sum, value, k) => sum + (value - b[k]!) ** 2, 0);
    return (!sameBlock || column > row) && (squared < rows.limit[row]! || squared < columns.limit[column]!) ? [[row, column, squared]] : [];
  }));
  return { memory, rows, columns, expected, out: Math.ceil(next / 64) * 64 };
}

function sorted(found: Int32Array): number[][] {
  const triples = Array.from({ length: found.length / FOUND }, (_, pair) => [...found.subarray(pair * FOUND, (pair + 1) * FOUND)]);
  return triples.sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);
}
