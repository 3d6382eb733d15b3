/** How dense the neighbourhood of each point is: the first step of HDBSCAN, and half of its cost. */
import { headsOf, HEAD, squaredDistances } from './distances.js';
import type { WidePoints } from './points.js';

export interface CoreDistances {
  /** For each point the distance to its `neighbours`-th nearest other point. */
  cores: Float64Array;
  /** The same for one neighbour fewer; 0 where that is none. */
  closerCores: Float64Array;
}

/**
 * For each point the Euclidean distance to its `neighbours`-th nearest other point (Campello, Moulavi, Sander 2013, definition 1; here the point itself does
 * not count). Needs fewer than `count` neighbours. At most O(n² d) time, each pair once; O(n · neighbours) memory.
 * @param onRow told after each point how many are done; the later ones take less.
 */
export function coreDistances(points: WidePoints, neighbours: number, onRow: (done: number) => void = () => {}): CoreDistances {
  const { count } = points;
  const size = Math.min(neighbours, count - 1);
  const nearest = new SmallestOfEach(count, size);
  const { largest } = nearest;
  const heads = headsOf(points);
  const candidates = new Int32Array(count);
  const squared = new Float64Array(count);
  for (let origin = 0; origin < count; origin++) {
    const h = origin * HEAD;
    const first = heads[h]!;
    const second = heads[h + 1]!;
    const third = heads[h + 2]!;
    const fourth = heads[h + 3]!;
    const mine = largest[origin]!;
    let candidateCount = 0;
    for (let other = origin + 1, o = h + HEAD; other < count; other++, o += HEAD) {
      const a = first - heads[o]!;
      const b = second - heads[o + 1]!;
      const c = third - heads[o + 2]!;
      const d = fourth - heads[o + 3]!;
      const atLeast = a * a + b * b + c * c + d * d;
      // Too far for both of them: the rest of the coordinates can only add.
      if (atLeast < mine || atLeast < largest[other]!) candidates[candidateCount++] = other;
    }
    squaredDistances(points, origin, candidates, candidateCount, squared);
    for (let candidate = 0; candidate < candidateCount; candidate++) {
      nearest.offer(origin, squared[candidate]!);
      nearest.offer(candidates[candidate]!, squared[candidate]!);
    }
    onRow(origin + 1);
  }
  return { cores: largest.map(Math.sqrt), closerCores: nearest.secondLargest().map(Math.sqrt) };
}

/** For each of `count` owners the smallest values offered to it, in a binary heap of fixed size. */
class SmallestOfEach {
  /** The largest of the smallest values of each owner; Infinity until it has enough. */
  readonly largest: Float64Array;
  private readonly heaps: Float64Array;

  constructor(count: number, private readonly size: number) {
    this.largest = new Float64Array(count).fill(Infinity);
    this.heaps = new Float64Array(count * size).fill(Infinity);
  }

  /** The next smaller one of each owner: a child of the top of the heap; 0 where the heap is only the top. */
  secondLargest(): Float64Array {
    const { heaps, size } = this;
    return this.largest.map((_, owner) => Math.max(0, ...heaps.subarray(owner * size + 1, owner * size + Math.min(size, 3))));
  }

  offer(owner: number, value: number): void {
    const { largest, heaps, size } = this;
    if (!(value < largest[owner]!)) return;
    const top = owner * size;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= size) break;
      if (child + 1 < size && heaps[top + child + 1]! > heaps[top + child]!) child++;
      if (heaps[top + child]! <= value) break;
      heaps[top + place] = heaps[top + child]!;
      place = child;
    }
    heaps[top + place] = value;
    largest[owner] = heaps[top]!;
  }
}
