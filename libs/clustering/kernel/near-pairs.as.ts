/**
 * The inner loop of the clustering, in AssemblyScript (TypeScript syntax, compiled to WebAssembly with SIMD): finds the pairs of points that are near enough to
 * matter. `quantized-points.ts` says what the numbers are, `near-pairs.ts` holds the same function in plain TypeScript, and `build.mjs` beside this file compiles it.
 *
 * Points are whole numbers of 16 bits, so that one instruction multiplies eight of them and adds them in twos, and every sum is exact: no order of work, no
 * number of threads and no processor changes a bit. They lie in groups of eight, two coordinates of each point after another:
 *
 *   group g, coordinates 2p and 2p + 1 of its points:  p0[2p] p0[2p+1]  p1[2p] p1[2p+1]  …  p7[2p] p7[2p+1]      (32 bytes)
 *
 * A tile is four points of one group against all eight of another: 32 pairs, whose sums stay in eight registers. More would spill: V8 has about 15 to give.
 */

const GROUP: i32 = 8;
/** Bytes of two coordinates of a group. */
const STEP: usize = 32;
/** Bytes of a found pair: row, column, squared distance. */
const FOUND: usize = 12;

/** Where the next found pair goes. Each thread has an instance, hence a variable, of its own; there is no stack in memory. */
let next: usize = 0;

/**
 * Writes every pair (row, column, squared distance) whose squared distance lies below the limit of its row or below the limit of its column.
 * All pointers are bytes; norms (squared lengths) and limits are one i32 for each point. `out` has room for rows × columns.
 * @param steps pairs of coordinates, an even number.
 * @param sameBlock whether rows and columns are the same points: then each pair is met once and no point meets itself.
 * @returns how many pairs were written.
 */
export function nearPairs(rows: usize, rowNorms: usize, rowLimits: usize, rowGroups: i32, columns: usize, columnNorms: usize, columnLimits: usize, columnGroups: i32, steps: i32, sameBlock: bool, out: usize): i32 {
  next = out;
  const groupBytes = <usize>steps * STEP;
  for (let rowGroup = 0; rowGroup < rowGroups; rowGroup++) {
    const row = rowGroup * GROUP;
    const points = rows + <usize>rowGroup * groupBytes;
    const norms = rowNorms + (<usize>row << 2);
    const limits = rowLimits + (<usize>row << 2);
    for (let columnGroup = sameBlock ? rowGroup : 0; columnGroup < columnGroups; columnGroup++) {
      const column = columnGroup * GROUP;
      const others = columns + <usize>columnGroup * groupBytes;
      const otherNorms = columnNorms + (<usize>column << 2);
      const otherLimits = columnLimits + (<usize>column << 2);
      const diagonal = sameBlock && rowGroup === columnGroup;
      tile(points, norms, limits, row, others, otherNorms, otherLimits, column, steps, diagonal);
      tile(points + 16, norms + 16, limits + 16, row + 4, others, otherNorms, otherLimits, column, steps, diagonal);
    }
  }
  return <i32>((next - out) / FOUND);
}

/** Four rows against eight columns. A function of its own, called often: V8 optimises functions, not loops that are already running. */
function tile(rows: usize, rowNorms: usize, rowLimits: usize, row: i32, columns: usize, columnNorms: usize, columnLimits: usize, column: i32, steps: i32, diagonal: bool): void {
  let a0 = i32x4.splat(0), a1 = i32x4.splat(0), b0 = i32x4.splat(0), b1 = i32x4.splat(0);
  let c0 = i32x4.splat(0), c1 = i32x4.splat(0), d0 = i32x4.splat(0), d1 = i32x4.splat(0);
  const end = rows + <usize>steps * STEP;
  for (; rows < end; rows += 2 * STEP, columns += 2 * STEP) {
    let left = v128.load(columns), right = v128.load(columns, 16);
    let two = v128.load32_splat(rows);
    a0 = i32x4.add(a0, i32x4.dot_i16x8_s(two, left));
    a1 = i32x4.add(a1, i32x4.dot_i16x8_s(two, right));
    two = v128.load32_splat(rows, 4);
    b0 = i32x4.add(b0, i32x4.dot_i16x8_s(two, left));
    b1 = i32x4.add(b1, i32x4.dot_i16x8_s(two, right));
    two = v128.load32_splat(rows, 8);
    c0 = i32x4.add(c0, i32x4.dot_i16x8_s(two, left));
    c1 = i32x4.add(c1, i32x4.dot_i16x8_s(two, right));
    two = v128.load32_splat(rows, 12);
    d0 = i32x4.add(d0, i32x4.dot_i16x8_s(two, left));
    d1 = i32x4.add(d1, i32x4.dot_i16x8_s(two, right));
    left = v128.load(columns, 32); right = v128.load(columns, 48);
    two = v128.load32_splat(rows, 32);
    a0 = i32x4.add(a0, i32x4.dot_i16x8_s(two, left));
    a1 = i32x4.add(a1, i32x4.dot_i16x8_s(two, right));
    two = v128.load32_splat(rows, 36);
    b0 = i32x4.add(b0, i32x4.dot_i16x8_s(two, left));
    b1 = i32x4.add(b1, i32x4.dot_i16x8_s(two, right));
    two = v128.load32_splat(rows, 40);
    c0 = i32x4.add(c0, i32x4.dot_i16x8_s(two, left));
    c1 = i32x4.add(c1, i32x4.dot_i16x8_s(two, right));
    two = v128.load32_splat(rows, 44);
    d0 = i32x4.add(d0, i32x4.dot_i16x8_s(two, left));
    d1 = i32x4.add(d1, i32x4.dot_i16x8_s(two, right));
  }
  compare(a0, a1, rowNorms, rowLimits, row, columnNorms, columnLimits, column, diagonal);
  compare(b0, b1, rowNorms + 4, rowLimits + 4, row + 1, columnNorms, columnLimits, column, diagonal);
  compare(c0, c1, rowNorms + 8, rowLimits + 8, row + 2, columnNorms, columnLimits, column, diagonal);
  compare(d0, d1, rowNorms + 12, rowLimits + 12, row + 3, columnNorms, columnLimits, column, diagonal);
}

/** Turns the inner products of one row with eight columns into squared distances, |a|² + |b|² - 2ab, and keeps those below a limit. */
// @ts-ignore: a decorator of the compiler
@inline
function compare(left: v128, right: v128, rowNorm: usize, rowLimit: usize, row: i32, columnNorms: usize, columnLimits: usize, column: i32, diagonal: bool): void {
  const norm = v128.load32_splat(rowNorm);
  const limit = v128.load32_splat(rowLimit);
  const squaredLeft = i32x4.sub(i32x4.add(norm, v128.load(columnNorms)), i32x4.shl(left, 1));
  const squaredRight = i32x4.sub(i32x4.add(norm, v128.load(columnNorms, 16)), i32x4.shl(right, 1));
  const nearLeft = v128.or(i32x4.lt_s(squaredLeft, limit), i32x4.lt_s(squaredLeft, v128.load(columnLimits)));
  const nearRight = v128.or(i32x4.lt_s(squaredRight, limit), i32x4.lt_s(squaredRight, v128.load(columnLimits, 16)));
  if (v128.any_true(v128.or(nearLeft, nearRight))) keep(squaredLeft, squaredRight, i32x4.bitmask(nearLeft) | (i32x4.bitmask(nearRight) << 4), row, column, diagonal);
}

function keep(left: v128, right: v128, near: i32, row: i32, column: i32, diagonal: bool): void {
  // The lanes of a vector can only be named by constants, so the vectors go to memory first, behind what was found.
  v128.store(next + 96, left);
  v128.store(next + 112, right);
  const lanes = next + 96;
  let to = next;
  for (; near !== 0; near &= near - 1) {
    const lane = ctz(near);
    if (diagonal && column + lane <= row) continue;
    const squared = load<i32>(lanes + (<usize>lane << 2));
    store<i32>(to, row);
    store<i32>(to, column + lane, 4);
    store<i32>(to, squared, 8);
    to += FOUND;
  }
  next = to;
}
