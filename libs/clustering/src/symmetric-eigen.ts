/** Eigenvalues of small symmetric matrices, for the last step of the principal components. */

export interface Eigen {
  /** Largest first. */
  values: Float64Array;
  /** Row i, of length `size`, is the unit eigenvector of `values[i]`. */
  vectors: Float64Array;
}

const MAX_SWEEPS = 60;

/** Cyclic Jacobi (Golub and Van Loan, "Matrix Computations", section 8.5) on a row-major `size` × `size` matrix, which is left as it is. Meant for size ≤ 100. */
export function symmetricEigen(matrix: Float64Array, size: number): Eigen {
  const a = matrix.slice();
  const vectors = new Float64Array(size * size);
  for (let i = 0; i < size; i++) vectors[i * size + i] = 1;
  const enough = 1e-30 * a.reduce((sum, value) => sum + value * value, 0);
  for (let sweep = 0; sweep < MAX_SWEEPS && offDiagonal(a, size) > enough; sweep++) {
    for (let p = 0; p < size - 1; p++) {
      for (let q = p + 1; q < size; q++) rotate(a, vectors, size, p, q);
    }
  }
  const order = Array.from({ length: size }, (_, i) => i).sort((i, j) => a[j * size + j]! - a[i * size + i]! || i - j);
  const sorted = new Float64Array(size * size);
  order.forEach((from, to) => sorted.set(vectors.subarray(from * size, (from + 1) * size), to * size));
  return { values: Float64Array.from(order, (i) => a[i * size + i]!), vectors: sorted };
}

function offDiagonal(a: Float64Array, size: number): number {
  let sum = 0;
  for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) sum += 2 * a[p * size + q]! ** 2;
  return sum;
}

/** Turns the plane (p, q) so that a[p, q] becomes 0. */
function rotate(a: Float64Array, vectors: Float64Array, size: number, p: number, q: number): void {
  const apq = a[p * size + q]!;
  if (apq === 0) return;
  const theta = (a[q * size + q]! - a[p * size + p]!) / (2 * apq);
  const tangent = Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const cosine = 1 / Math.hypot(tangent, 1);
  const sine = tangent * cosine;
  for (let k = 0; k < size; k++) {
    const kp = a[k * size + p]!;
    const kq = a[k * size + q]!;
    a[k * size + p] = cosine * kp - sine * kq;
    a[k * size + q] = sine * kp + cosine * kq;
  }
  for (const rows of [a, vectors]) {
    for (let k = 0; k < size; k++) {
      const pk = rows[p * size + k]!;
      const qk = rows[q * size + k]!;
      rows[p * size + k] = cosine * pk - sine * qk;
      rows[q * size + k] = sine * pk + cosine * qk;
    }
  }
}
