/** A growing sum of outer products, for covariances: with SIMD (kernel/outer-products.as.ts) or without, the same to the last bit. */
import { OUTER_PRODUCTS_WASM } from './outer-products.wasm.js';
import { compileKernel, instantiate, sharedMemory } from './web-assembly.js';
import type { Kernel } from './web-assembly.js';

export interface OuterProductSum {
  /** Four rows to be filled by the caller. */
  rows: Float64Array[];
  /** Adds the outer product of each row with itself. */
  add: () => void;
  /** The sum so far, `width` × `width`. */
  matrix: () => Float64Array;
}

const ROWS = 4;
const BYTES = Float64Array.BYTES_PER_ELEMENT;

export function outerProductSum(width: number, kernel: Kernel = 'auto'): OuterProductSum {
  // Columns come in twos; one more than there are stays 0.
  const padded = width + (width % 2);
  const memory = sharedMemory((padded + ROWS) * padded * BYTES);
  const sums = new Float64Array(memory.buffer, 0, padded * padded);
  const rowsAt = sums.byteLength;
  const rows = Array.from({ length: ROWS }, (_, row) => new Float64Array(memory.buffer, rowsAt + row * padded * BYTES, padded));
  const module = compileKernel(OUTER_PRODUCTS_WASM, kernel);
  const add = module ? instantiate<{ addOuterProducts: (matrix: number, rows: number, width: number) => void }>(module, memory).addOuterProducts : undefined;
  return {
    rows: rows.map((row) => row.subarray(0, width)),
    add: () => (add ? add(0, rowsAt, padded) : addPlainly(sums, rows, padded)),
    matrix: () => {
      const matrix = new Float64Array(width * width);
      for (let i = 0; i < width; i++) for (let j = i; j < width; j++) matrix[i * width + j] = matrix[j * width + i] = sums[i * padded + j]!;
      return matrix;
    },
  };
}

function addPlainly(sums: Float64Array, rows: readonly Float64Array[], width: number): void {
  const [a, b, c, d] = rows as [Float64Array, Float64Array, Float64Array, Float64Array];
  for (let i = 0; i < width; i++) {
    const start = i * width;
    const [ofA, ofB, ofC, ofD] = [a[i]!, b[i]!, c[i]!, d[i]!];
    for (let k = i; k < width; k++) sums[start + k]! += ofA * a[k]! + ofB * b[k]! + ofC * c[k]! + ofD * d[k]!;
  }
}
