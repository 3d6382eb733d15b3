/**
 * Prim's algorithm over the pairs that can be in a minimum spanning tree, instead of over all pairs. It takes the same edges in the same order as `spanningTree` does, ties
 * included: of all edges between tree and rest, the lightest are in some minimum spanning tree, hence among the given ones, and by the same rules the same one is taken.
 */
import type { DistinctPoints } from './distinct-points.js';
import { edgeOrder } from './edge-order.js';
import type { SpanningTree } from './spanning-tree.js';

/** Pairs of distinct points in any order, also more than once, with their distance. */
export interface Pairs {
  from: Int32Array;
  to: Int32Array;
  distance: Float64Array;
  count: number;
}

/** @param cores core distance of each distinct point. */
export function sparsePrim(distinct: DistinctPoints, cores: Float64Array, batches: readonly Pairs[]): SpanningTree {
  const { start, copies } = distinct;
  const neighbours = adjacency(distinct.count, batches);
  const edges = Math.max(0, copies.length - 1);
  const from = new Int32Array(edges);
  const to = new Int32Array(edges);
  const weight = new Float64Array(edges);
  const anchor = new Int32Array(distinct.count);
  const nextCopy = start.slice(0, distinct.count);
  const queue = new Queue(distinct.count, (point) => copies[nextCopy[point]!]!);

  let joined = 0;
  for (let edge = 0; ; edge++) {
    const copy = copies[nextCopy[joined]!]!;
    if (edge > 0) {
      from[edge - 1] = anchor[joined]!;
      to[edge - 1] = copy;
      weight[edge - 1] = queue.lightest[joined]!;
    }
    if (edge === edges) break;
    const core = cores[joined]!;
    const isFirst = nextCopy[joined] === start[joined];
    nextCopy[joined]!++;
    // The other copies are as far as the core; the first copy already offers everyone else what they could.
    if (core < queue.lightest[joined]!) {
      anchor[joined] = copy;
      queue.lightest[joined] = core;
    }
    if (nextCopy[joined]! < start[joined + 1]!) queue.moveOrAdd(joined);
    else queue.remove(joined);
    if (isFirst) {
      for (let at = neighbours.start[joined]!; at < neighbours.start[joined + 1]!; at++) {
        const other = neighbours.point[at]!;
        if (nextCopy[other] === start[other + 1]) continue;
        const reach = Math.max(core, cores[other]!, neighbours.distance[at]!);
        if (reach >= queue.lightest[other]!) continue;
        anchor[other] = copy;
        queue.lightest[other] = reach;
        queue.moveOrAdd(other);
      }
    }
    joined = queue.first();
  }
  const order = edgeOrder(weight);
  return { from: from.map((_, place) => from[order[place]!]!), to: to.map((_, place) => to[order[place]!]!), weight: weight.map((_, place) => weight[order[place]!]!) };
}

/** For each point the other ends of its pairs. */
function adjacency(count: number, batches: readonly Pairs[]): { start: Int32Array; point: Int32Array; distance: Float64Array } {
  const start = new Int32Array(count + 1);
  for (const { from, to, count: pairs } of batches) {
    for (let pair = 0; pair < pairs; pair++) {
      start[from[pair]! + 1]!++;
      start[to[pair]! + 1]!++;
    }
  }
  for (let point = 0; point < count; point++) start[point + 1]! += start[point]!;
  const next = start.slice();
  const point = new Int32Array(start[count]!);
  const distance = new Float64Array(start[count]!);
  for (const batch of batches) {
    for (let pair = 0; pair < batch.count; pair++) {
      const a = batch.from[pair]!;
      const b = batch.to[pair]!;
      point[next[a]!] = b;
      distance[next[a]!++] = batch.distance[pair]!;
      point[next[b]!] = a;
      distance[next[b]!++] = batch.distance[pair]!;
    }
  }
  return { start, point, distance };
}

/** Points by their lightest edge, then by their next copy: a binary heap that knows where each point is. */
class Queue {
  readonly lightest: Float64Array;
  private readonly heap: Int32Array;
  private readonly place: Int32Array;
  private size = 0;

  constructor(count: number, private readonly next: (point: number) => number) {
    this.lightest = new Float64Array(count).fill(Infinity);
    this.heap = new Int32Array(count);
    this.place = new Int32Array(count).fill(-1);
  }

  first(): number {
    return this.heap[0]!;
  }

  moveOrAdd(point: number): void {
    if (this.place[point]! < 0) this.place[point] = this.size++;
    this.settle(point, this.place[point]!);
  }

  remove(point: number): void {
    const hole = this.place[point]!;
    if (hole < 0) return;
    this.place[point] = -1;
    const last = this.heap[--this.size]!;
    if (last !== point) this.settle(last, hole);
  }

  /** Puts the point into the hole, or where it belongs above or below it. */
  private settle(point: number, hole: number): void {
    const { heap, place } = this;
    let at = hole;
    for (let above = (at - 1) >> 1; at > 0 && this.before(point, heap[above]!); at = above, above = (at - 1) >> 1) {
      heap[at] = heap[above]!;
      place[heap[at]!] = at;
    }
    for (let child = 2 * at + 1; child < this.size; child = 2 * at + 1) {
      if (child + 1 < this.size && this.before(heap[child + 1]!, heap[child]!)) child++;
      if (!this.before(heap[child]!, point)) break;
      heap[at] = heap[child]!;
      place[heap[at]!] = at;
      at = child;
    }
    heap[at] = point;
    place[point] = at;
  }

  private before(a: number, b: number): boolean {
    const [one, other] = [this.lightest[a]!, this.lightest[b]!];
    return one < other || (one === other && this.next(a) < this.next(b));
  }
}
