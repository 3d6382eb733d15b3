/** How dense the neighbourhood of each point is: the first step of HDBSCAN, and half of its cost. */
import { squaredDistances } from './distances.js';
import type { CheckedPoints } from './points.js';

/**
 * For each point the Euclidean distance to its `neighbours`-th nearest other point (Campello, Moulavi, Sander 2013, definition 1; here the point itself does
 * not count). Needs fewer than `count` neighbours. O(n² d) time, O(n) memory.
 * @param onRow told after each point how many are done.
 */
export function coreDistances(points: CheckedPoints, neighbours: number, onRow: (done: number) => void = () => {}): Float64Array {
  const { count } = points;
  const cores = new Float64Array(count);
  const everyone = Int32Array.from({ length: count }, (_, index) => index);
  const row = new Float64Array(count);
  // The point itself is in the row at distance 0 and never behind another, so it takes one place in the heap.
  const nearest = new LargestOnTop(Math.min(neighbours, count - 1) + 1);
  for (let origin = 0; origin < count; origin++) {
    squaredDistances(points, origin, everyone, count, row);
    cores[origin] = Math.sqrt(nearest.largestOfSmallest(row, count));
    onRow(origin + 1);
  }
  return cores;
}

/** A binary heap of fixed size that keeps the smallest values seen, the largest of them on top. */
class LargestOnTop {
  private readonly heap: Float64Array;

  constructor(private readonly size: number) {
    this.heap = new Float64Array(size);
  }

  /** The `size`-th smallest of the first `count` values. */
  largestOfSmallest(values: Float64Array, count: number): number {
    const { heap } = this;
    heap.fill(Infinity);
    for (let index = 0; index < count; index++) {
      if (values[index]! < heap[0]!) this.replaceTop(values[index]!);
    }
    return heap[0]!;
  }

  private replaceTop(value: number): void {
    const { heap, size } = this;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= size) break;
      if (child + 1 < size && heap[child + 1]! > heap[child]!) child++;
      if (heap[child]! <= value) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = value;
  }
}
