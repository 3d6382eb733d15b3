/**
 * The order in which edges are merged. Mutual reachability has many equal weights (one core distance is shared by many pairs), and which of them merges first
 * changes a few densities and sometimes a label. No order is more right than another, so this one is the reference implementation's, which sorts with
 * NumPy's default argsort: quicksort by the median of three with Hoare's partition (Sedgewick 1978), insertion below 17 elements. A stable sort
 * would be as deterministic, and equal to the reference only where there are no ties.
 */

const INSERTION_LIMIT = 16;

/** The indices of `weights`, lightest first; equal weights in the order described above. */
export function edgeOrder(weights: Float64Array): Int32Array {
  const order = Int32Array.from(weights.keys());
  // Twice the depth of a balanced sort, as in introsort: weights that defeat the pivot must not cost quadratic time.
  const deepest = 2 * Math.ceil(Math.log2(weights.length + 1));
  const waiting: { from: number; to: number; depth: number }[] = [{ from: 0, to: weights.length - 1, depth: 0 }];
  for (let range = waiting.pop(); range; range = waiting.pop()) {
    const { from, to, depth } = range;
    if (to - from <= INSERTION_LIMIT) insertionSort(order, weights, from, to);
    else if (depth > deepest) order.subarray(from, to + 1).sort((a, b) => weights[a]! - weights[b]! || a - b);
    else {
      const middle = partition(order, weights, from, to);
      waiting.push({ from, to: middle - 1, depth: depth + 1 }, { from: middle + 1, to, depth: depth + 1 });
    }
  }
  return order;
}

/** Puts one element in its final place, lighter ones before and heavier ones behind it, and says which place that is. */
function partition(order: Int32Array, weights: Float64Array, from: number, to: number): number {
  const middle = from + ((to - from) >> 1);
  const lighter = (a: number, b: number): boolean => weights[order[a]!]! < weights[order[b]!]!;
  if (lighter(middle, from)) swap(order, middle, from);
  if (lighter(to, middle)) swap(order, to, middle);
  if (lighter(middle, from)) swap(order, middle, from);
  const pivot = weights[order[middle]!]!;
  let up = from;
  let down = to - 1;
  swap(order, middle, down);
  for (;;) {
    do up++;
    while (weights[order[up]!]! < pivot);
    do down--;
    while (pivot < weights[order[down]!]!);
    if (up >= down) break;
    swap(order, up, down);
  }
  swap(order, up, to - 1);
  return up;
}

function insertionSort(order: Int32Array, weights: Float64Array, from: number, to: number): void {
  for (let next = from + 1; next <= to; next++) {
    const edge = order[next]!;
    const weight = weights[edge]!;
    let place = next;
    for (; place > from && weight < weights[order[place - 1]!]!; place--) order[place] = order[place - 1]!;
    order[place] = edge;
  }
}

function swap(order: Int32Array, a: number, b: number): void {
  const kept = order[a]!;
  order[a] = order[b]!;
  order[b] = kept;
}
