/**
 * The inner loop of the clustering, twice: as WebAssembly with SIMD (kernel/near-pairs.as.ts, where the layout of the numbers is described) and in plain
 * TypeScript for a runtime without SIMD. Both work on whole numbers, so they find the same pairs with the same squared distances.
 */
import { NEAR_PAIRS_WASM } from './near-pairs.wasm.js';
import { webAssembly } from './web-assembly.js';
import type { SharedMemory, WasmModule } from './web-assembly.js';

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

/** Which of the two is used; `auto` takes SIMD where the runtime has it. */
export type Kernel = 'auto' | 'simd' | 'plain';

/** The compiled module, to be shared by all threads; undefined for the plain kernel. */
export function compileNearPairs(kernel: Kernel = 'auto'): WasmModule | undefined {
  const bytes = Uint8Array.from(atob(NEAR_PAIRS_WASM), (letter) => letter.charCodeAt(0));
  if (kernel === 'plain' || !webAssembly || (kernel === 'auto' && !webAssembly.validate(bytes))) return undefined;
  return new webAssembly.Module(bytes);
}

/** An instance for one thread. */
export function nearPairsOver(memory: SharedMemory, module: WasmModule | undefined): NearPairs {
  if (!module || !webAssembly) return plainNearPairs(memory.buffer);
  const { nearPairs } = new webAssembly.Instance(module, { env: { memory } }).exports as { nearPairs: (...numbers: (number | boolean)[]) => number };
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
