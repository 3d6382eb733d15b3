/**
 * The inner loop of the principal components, in AssemblyScript: adds the outer products of four rows with themselves to a matrix. Two columns at a time, and for each the same
 * additions in the same order as `principal-components.ts` makes them without SIMD, so the matrix is the same to the last bit.
 */

/** Bytes of a number in double precision. */
const REAL: usize = 8;

/**
 * @param matrix `width` × `width` numbers, row after row. Only the upper triangle means anything afterwards.
 * @param rows four rows of `width` numbers.
 * @param width an even number.
 */
export function addOuterProducts(matrix: usize, rows: usize, width: i32): void {
  const rowBytes = <usize>width * REAL;
  for (let i = 0; i < width; i++) {
    const own = rows + <usize>i * REAL;
    // From the diagonal on, or one before it: columns come in twos.
    const from = <usize>(i & ~1) * REAL;
    addCombination(matrix + <usize>i * rowBytes + from, rows + from, rowBytes, rowBytes - from, load<f64>(own), load<f64>(own + rowBytes), load<f64>(own + 2 * rowBytes), load<f64>(own + 3 * rowBytes));
  }
}

/** A function of its own, called often: V8 optimises functions, not loops that are already running. */
function addCombination(image: usize, rows: usize, rowBytes: usize, bytes: usize, a: f64, b: f64, c: f64, d: f64): void {
  const ofA = f64x2.splat(a), ofB = f64x2.splat(b), ofC = f64x2.splat(c), ofD = f64x2.splat(d);
  const second = rowBytes, third = 2 * rowBytes, fourth = 3 * rowBytes;
  for (const end = image + bytes; image < end; image += 2 * REAL, rows += 2 * REAL) {
    let sum = f64x2.mul(ofA, v128.load(rows));
    sum = f64x2.add(sum, f64x2.mul(ofB, v128.load(rows + second)));
    sum = f64x2.add(sum, f64x2.mul(ofC, v128.load(rows + third)));
    sum = f64x2.add(sum, f64x2.mul(ofD, v128.load(rows + fourth)));
    v128.store(image, f64x2.add(v128.load(image), sum));
  }
}
