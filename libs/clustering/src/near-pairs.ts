/**
 * The inner loop of the clustering, twice: as WebAssembly with SIMD (kernel/near-pairs.as.ts, where the layout of the numbers is described) and in plain
 * TypeScript for a runtime without SIMD. Both work on whole numbers, so they find the same pairs with the same squared distances.
 */
import { NEAR_PAIRS_WASM } from './near-pairs.wasm.js';
import { compileKernel, instantiate } from './web-assembly.js';
import type { Kernel, SharedMemory, WasmModule } from './web-assembly.js';

/** Points in a group, and 16-bit numbers in two coordinates of a group. */
export const GROUP = 8;
export const STEP = 2 * GROUP;
/** 32-bit numbers of a found pair: row, column, squared distance. */
export const FOUND = 3;
/** Bytes behind the last possible pair that the kernel uses as scratch. */
export const FOUND_SLACK = 128;

/** Groups of points with their squared lengths and limits: byte offsets into the shared memory. */
export interface PointGroups {
  points: number;
  norms: number;
  limits: number;
  groups: number;
}

/**
 * Writes row, column (counted from the first of each side) and squared distance of every pair below the limit of its row or of its column to `out`, and returns how many.
 * With `sameBlock`, both sides begin with the same points: each pair is met once.
 */
export type NearPairs = (rows: PointGroups, columns: PointGroups, steps: number, sameBlock: boolean, out: number) => number;

/** The compiled module, to be shared by all threads; undefined for the plain kernel. */
export function compileNearPairs(kernel: Kernel = 'auto'): WasmModule | undefined {
  return compileKernel(NEAR_PAIRS_WASM, kernel);
}

/** An instance for one thread. */
export function nearPairsOver(memory: SharedMemory, module: WasmModule | undefined): NearPairs {
  if (!module) return plainNearPairs(memory.buffer);
  const { nearPairs } = instantiate<{ nearPairs: (...numbers: (number | boolean)[]) => number }>(module, memory);
  return (rows, columns, steps, sameBlock, out) =>
    nearPairs(rows.points, rows.norms, rows.limits, rows.groups, columns.points, columns.norms, columns.limits, columns.groups, steps, sameBlock, out);
}

function plainNearPairs(buffer: ArrayBufferLike): NearPairs {
  const points = new Int16Array(buffer);
  const numbers = new Int32Array(buffer);
  return (rows, columns, steps, sameBlock, out) => {
    let next = out >> 2;
    for (let rowGroup = 0; rowGroup < rows.groups; rowGroup++) {
      // The order of the other kernel too: four rows against a group, then the other four.
      for (let columnGroup = sameBlock ? rowGroup : 0; columnGroup < columns.groups; columnGroup++) {
        for (let row = rowGroup * GROUP; row < (rowGroup + 1) * GROUP; row++) {
          const norm = numbers[(rows.norms >> 2) + row]!;
          const limit = numbers[(rows.limits >> 2) + row]!;
          for (let column = columnGroup * GROUP; column < (columnGroup + 1) * GROUP; column++) {
            if (sameBlock && column <= row) continue;
            const a = (rows.points >> 1) + rowGroup * steps * STEP + 2 * (row % GROUP);
            const b = (columns.points >> 1) + columnGroup * steps * STEP + 2 * (column % GROUP);
            const squared = norm + numbers[(columns.norms >> 2) + column]! - 2 * innerProduct(points, a, b, steps);
            if (squared >= limit && squared >= numbers[(columns.limits >> 2) + column]!) continue;
            numbers[next++] = row;
            numbers[next++] = column;
            numbers[next++] = squared;
          }
        }
      }
    }
    return (next - (out >> 2)) / FOUND;
  };
}

function innerProduct(points: Int16Array, a: number, b: number, steps: number): number {
  let sum = 0;
  for (const end = a + steps * STEP; a < end; a += STEP, b += STEP) sum = (sum + points[a]! * points[b]! + points[a + 1]! * points[b + 1]!) | 0;
  return sum;
}
