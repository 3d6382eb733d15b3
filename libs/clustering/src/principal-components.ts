/**
 * The directions in which points vary most, found by repeated multiplication with their covariance: a few passes over the rows at O(n d k) each, or, when there are
 * many more points than dimensions, one pass for the d × d matrix itself, which then stands in for the rows.
 * (Halko, Martinsson, Tropp 2011, "Finding structure with randomness", algorithm 4.4; the random start comes from a fixed seed.)
 */
import { outerProductSum } from './outer-products.js';
import type { Points } from './points.js';
import { symmetricEigen } from './symmetric-eigen.js';
import type { Kernel } from './web-assembly.js';

export interface PrincipalComponents {
  mean: Float64Array;
  /** Unit vectors, row after row, `count` of them, the one with the most variance first. The largest coordinate of each is positive. */
  components: Float64Array;
  count: number;
  /** Share of the variance that lies in these components, 0 to 1; 1 when the points do not vary at all. */
  explainedVariance: number;
}

/** Directions carried beside those asked for; they make the ones asked for converge. */
const SPARE_DIRECTIONS = 10;
const MAX_PASSES = 24;
/** What sentence vectors take. */
const USUAL_PASSES = 12;
/** Enough passes when the variance found grows by less than this share. */
const SETTLED = 1e-7;
/** A variance below this share of the mean square is the rounding of a mean, not signal. */
const FLAT = 1e-24;
/** A component below this share of the first one's variance is the rounding of an eigenvalue: the points do not span it. */
const SPANNED = 1e-13;

/**
 * The first `wanted` principal components, fewer when the points span fewer dimensions. With at most `wanted` + 10 dimensions the result is exact.
 * @param onProgress told a rising fraction between 0 and 1.
 */
export function principalComponents(points: Points, wanted: number, onProgress: (fraction: number) => void = () => {}, kernel: Kernel = 'auto'): PrincipalComponents {
  const { dimensions } = points;
  const { mean, variance } = meanAndVariance(points);
  if (variance === 0) return { mean, components: new Float64Array(dimensions), count: 1, explainedVariance: 1 };

  const size = Math.min(dimensions, wanted + SPARE_DIRECTIONS);
  let basis = startingBasis(size, dimensions);
  const matrix = isMatrixCheaper(points, size) ? covarianceMatrix(points, mean, kernel, (fraction) => onProgress(0.9 * fraction)) : undefined;
  let found = 0;
  for (let pass = 1; ; pass++) {
    const image = matrix ? timesMatrix(matrix, basis, size, dimensions) : applyCovariance(points, mean, basis, size);
    const { values, vectors } = symmetricEigen(crossProducts(basis, image, size, dimensions), size);
    const kept = values.findIndex((value, index) => index === wanted || value <= SPANNED * values[0]!);
    const count = Math.max(1, kept === -1 ? size : kept);
    const captured = values.subarray(0, count).reduce((sum, value) => sum + value, 0);
    onProgress(matrix ? 0.9 + (0.1 * pass) / MAX_PASSES : pass / MAX_PASSES);
    if (size === dimensions || captured - found <= SETTLED * captured || pass === MAX_PASSES) {
      const components = combine(vectors, basis, count, size, dimensions);
      fixSigns(components, dimensions);
      return { mean, components, count, explainedVariance: Math.min(1, captured / variance) };
    }
    found = captured;
    orthonormalize(image, size, dimensions);
    basis = image;
  }
}

/** The coordinates of every point along the components: `points.count` × `count`. */
export function coordinates(points: Points, { mean, components, count }: PrincipalComponents): Float64Array {
  const result = new Float64Array(points.count * count);
  const centred = new Float64Array(points.dimensions);
  const along = new Float64Array(count);
  for (let row = 0; row < points.count; row++) {
    centre(points, mean, row, centred);
    products(components, count, centred, along);
    result.set(along, row * count);
  }
  return result;
}

function meanAndVariance(points: Points): { mean: Float64Array; variance: number } {
  const { data, count, dimensions } = points;
  const mean = new Float64Array(dimensions);
  for (let start = 0; start < data.length; start += dimensions) {
    for (let k = 0; k < dimensions; k++) mean[k]! += data[start + k]! / count;
  }
  let spread = 0;
  let square = 0;
  for (let start = 0; start < data.length; start += dimensions) {
    for (let k = 0; k < dimensions; k++) {
      spread += (data[start + k]! - mean[k]!) ** 2;
      square += data[start + k]! ** 2;
    }
  }
  return { mean, variance: spread <= FLAT * square ? 0 : spread };
}

/** The axes when they are all wanted; otherwise directions from a fixed seed. */
function startingBasis(size: number, dimensions: number): Float64Array {
  const basis = new Float64Array(size * dimensions);
  if (size === dimensions) {
    for (let i = 0; i < size; i++) basis[i * dimensions + i] = 1;
    return basis;
  }
  let state = 20_130_414;
  for (let at = 0; at < basis.length; at++) {
    // Xorshift (Marsaglia 2003): only its evenness matters here.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    basis[at] = state / 2 ** 31;
  }
  orthonormalize(basis, size, dimensions);
  return basis;
}

/** A pass multiplies each row twice with each direction; the matrix multiplies it once with itself, and by symmetry only half. */
function isMatrixCheaper({ count, dimensions }: Points, size: number): boolean {
  return count >= 2 * dimensions && dimensions / 2 < USUAL_PASSES * 2 * size;
}

/** Sum over the rows x of (x - mean)(x - mean)ᵀ, row after row. Rows are taken in blocks of four, so that the matrix is written a quarter as often. */
function covarianceMatrix(points: Points, mean: Float64Array, kernel: Kernel, onProgress: (fraction: number) => void): Float64Array {
  const { count, dimensions } = points;
  const sum = outerProductSum(dimensions, kernel);
  for (let first = 0; first < count; first += 4) {
    if (first % 1_000 === 0) onProgress(first / count);
    for (let row = 0; row < 4; row++) {
      if (first + row < count) centre(points, mean, first + row, sum.rows[row]!);
      else sum.rows[row]!.fill(0);
    }
    sum.add();
  }
  return sum.matrix();
}

function timesMatrix(matrix: Float64Array, basis: Float64Array, size: number, dimensions: number): Float64Array {
  const image = new Float64Array(size * dimensions);
  for (let i = 0; i < size; i++) {
    const own = i * dimensions;
    products(matrix, dimensions, basis.subarray(own, own + dimensions), image.subarray(own, own + dimensions));
  }
  return image;
}

/** Sum over the rows x of (x - mean)(x - mean)ᵀ b, for each row b of the basis. Rows are taken in blocks of four, so that the image is written a quarter as often. */
function applyCovariance(points: Points, mean: Float64Array, basis: Float64Array, size: number): Float64Array {
  const { count, dimensions } = points;
  const image = new Float64Array(size * dimensions);
  const block = new Float64Array(4 * dimensions);
  const rows = [0, 1, 2, 3].map((row) => block.subarray(row * dimensions, (row + 1) * dimensions)) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const directions = Array.from({ length: size }, (_, i) => basis.subarray(i * dimensions, (i + 1) * dimensions));
  const along = new Float64Array(4);
  for (let first = 0; first < count; first += 4) {
    block.fill(0);
    for (let row = first; row < Math.min(count, first + 4); row++) centre(points, mean, row, rows[row - first]!);
    for (let i = 0; i < size; i++) {
      products(block, 4, directions[i]!, along);
      addCombination(image, i * dimensions, along, rows);
    }
  }
  return image;
}

/** Adds the combination of the rows to `image[start …]`. */
function addCombination(image: Float64Array, start: number, factors: Float64Array, [a, b, c, d]: [Float64Array, Float64Array, Float64Array, Float64Array]): void {
  const ofA = factors[0]!;
  const ofB = factors[1]!;
  const ofC = factors[2]!;
  const ofD = factors[3]!;
  for (let k = 0; k < a.length; k++) image[start + k]! += ofA * a[k]! + ofB * b[k]! + ofC * c[k]! + ofD * d[k]!;
}

function centre(points: Points, mean: Float64Array, row: number, out: Float64Array): void {
  const { data, dimensions } = points;
  for (let k = 0; k < dimensions; k++) out[k] = data[row * dimensions + k]! - mean[k]!;
}

/** The inner product of `vector` with each of the first `size` rows; four at a time, because each sum waits for its own last addition. */
function products(rows: Float64Array, size: number, vector: Float64Array, out: Float64Array): void {
  const length = vector.length;
  let i = 0;
  for (; i + 4 <= size; i += 4) {
    const a = i * length;
    const b = a + length;
    const c = b + length;
    const d = c + length;
    let sumA = 0;
    let sumB = 0;
    let sumC = 0;
    let sumD = 0;
    for (let k = 0; k < length; k++) {
      const value = vector[k]!;
      sumA += value * rows[a + k]!;
      sumB += value * rows[b + k]!;
      sumC += value * rows[c + k]!;
      sumD += value * rows[d + k]!;
    }
    out[i] = sumA;
    out[i + 1] = sumB;
    out[i + 2] = sumC;
    out[i + 3] = sumD;
  }
  for (; i < size; i++) out[i] = dot(rows, i * length, vector, 0, length);
}

function crossProducts(basis: Float64Array, image: Float64Array, size: number, dimensions: number): Float64Array {
  const result = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) {
      const value = dot(basis, i * dimensions, image, j * dimensions, dimensions);
      result[i * size + j] = value;
      result[j * size + i] = value;
    }
  }
  return result;
}

/** Gram and Schmidt, modified and done twice, in place. A row that the earlier ones span already becomes zero. */
function orthonormalize(rows: Float64Array, size: number, dimensions: number): void {
  for (let i = 0; i < size; i++) {
    const at = i * dimensions;
    const before = Math.sqrt(dot(rows, at, rows, at, dimensions));
    for (let round = 0; round < 2; round++) {
      for (let j = 0; j < i; j++) addScaled(rows, at, -dot(rows, at, rows, j * dimensions, dimensions), j * dimensions, dimensions);
    }
    const length = Math.sqrt(dot(rows, at, rows, at, dimensions));
    const scale = length > 1e-12 * before ? 1 / length : 0;
    for (let k = 0; k < dimensions; k++) rows[at + k]! *= scale;
  }
}

function combine(vectors: Float64Array, basis: Float64Array, count: number, size: number, dimensions: number): Float64Array {
  const components = new Float64Array(count * dimensions);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < size; j++) {
      const factor = vectors[i * size + j]!;
      for (let k = 0; k < dimensions; k++) components[i * dimensions + k]! += factor * basis[j * dimensions + k]!;
    }
  }
  return components;
}

/** An eigenvector is as good as its negative; the largest coordinate decides, the first of equals. */
function fixSigns(components: Float64Array, dimensions: number): void {
  for (let at = 0; at < components.length; at += dimensions) {
    const component = components.subarray(at, at + dimensions);
    const largest = component.reduce((best, value) => (Math.abs(value) > Math.abs(best) * (1 + 1e-9) ? value : best), 0);
    if (largest < 0) component.forEach((value, k) => (component[k] = -value));
  }
}

function dot(a: Float64Array, fromA: number, b: Float64Array, fromB: number, length: number): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += a[fromA + k]! * b[fromB + k]!;
  return sum;
}

function addScaled(rows: Float64Array, to: number, factor: number, from: number, length: number): void {
  for (let k = 0; k < length; k++) rows[to + k]! += factor * rows[from + k]!;
}
