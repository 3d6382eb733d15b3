/**
 * A spanning tree that is nearly the right one, and with it an order of the points in which the search for the right one is cheap.
 *
 * An edge of a minimum spanning tree is never heavier than the heaviest edge on the path between its ends in any other spanning tree. So a rough tree gives each pair of
 * points a limit, and the pairs within their limits hold every minimum spanning tree there is (the idea of Karger, Klein, Tarjan 1995, "A randomized linear-time algorithm
 * to find minimum spanning trees": edges that are not F-light can go). When merging trees are laid side by side, lightest merger first, the heaviest edge between two
 * points is the largest gap between their places, and the limit of a pair falls apart into one number for its row and one for its column.
 */
import { squaredDistance } from './distances.js';
import type { Points } from './points.js';

/** Edge e joins points `from[e]` and `to[e]`; `weight[e]` is their mutual reachability or an upper bound of it. */
export interface RoughEdges {
  from: ArrayLike<number>;
  to: ArrayLike<number>;
  weight: ArrayLike<number>;
  count: number;
}

export interface JoiningOrder {
  /** The point in each place. */
  order: Int32Array;
  /** The limit between the point in each place and the one before; 0 for the first. */
  gaps: Float64Array;
}

/** Points looked at on each side to find a short bridge between two components. */
const BRIDGE_SAMPLE = 256;

/**
 * @param rows row of each point in the data.
 * @param edges of any number of components; bridges between them are found by trial.
 */
export function joiningOrder(points: Points, rows: Int32Array, cores: Float64Array, edges: RoughEdges): JoiningOrder {
  const chains = new Chains(rows.length);
  joinByWeight(chains, edges);
  const bridges = bridgesBetween(points, rows, cores, chains.members());
  if (bridges.count === 0) return chains.inOrder();
  // A bridge can be lighter than an edge that is in the tree already, so the tree is built again with both.
  const all = new Chains(rows.length);
  joinByWeight(all, both(edges, bridges));
  return all.inOrder();
}

function both(a: RoughEdges, b: RoughEdges): RoughEdges {
  const joined = (pick: (edges: RoughEdges) => ArrayLike<number>): Float64Array => Float64Array.from({ length: a.count + b.count }, (_, at) => (at < a.count ? pick(a)[at]! : pick(b)[at - a.count]!));
  return { from: joined(({ from }) => from), to: joined(({ to }) => to), weight: joined(({ weight }) => weight), count: a.count + b.count };
}

/** Bits that a key has for the number of an edge, beside the 31 of a positive weight in single precision. */
const EDGE_BITS = 22;

/** Kruskal's algorithm, in the order of weights rounded to single precision, or less where there are many: a nearly minimal tree is enough. */
function joinByWeight(chains: Chains, { from, to, weight, count }: RoughEdges): void {
  const edgeBits = Math.max(EDGE_BITS, Math.ceil(Math.log2(count + 1)));
  const bits = new Uint32Array(1);
  const single = new Float32Array(bits.buffer);
  const keys = new Float64Array(count);
  let heaviest = 0;
  for (let edge = 0; edge < count; edge++) heaviest = Math.max(heaviest, weight[edge]!);
  for (let edge = 0; edge < count; edge++) {
    // The bits of positive numbers sort like the numbers.
    single[0] = heaviest === 0 ? 0 : weight[edge]! / heaviest;
    keys[edge] = (bits[0]! >>> (edgeBits - EDGE_BITS)) * 2 ** edgeBits + edge;
  }
  keys.sort();
  for (const key of keys) {
    const edge = key % 2 ** edgeBits;
    chains.join(from[edge]!, to[edge]!, weight[edge]!);
  }
}

/** Components as chains of points that can be laid end to end. */
class Chains {
  private readonly leader: Int32Array;
  private readonly size: Int32Array;
  private readonly first: Int32Array;
  private readonly last: Int32Array;
  private readonly after: Int32Array;
  private readonly gapAfter: Float64Array;
  private heaviest = 0;

  constructor(private readonly count: number) {
    this.leader = Int32Array.from({ length: count }, (_, point) => point);
    this.first = this.leader.slice();
    this.last = this.leader.slice();
    this.size = new Int32Array(count).fill(1);
    this.after = new Int32Array(count).fill(-1);
    this.gapAfter = new Float64Array(count);
  }

  join(from: number, to: number, weight: number): void {
    let a = this.find(from);
    let b = this.find(to);
    if (a === b) return;
    if (this.size[a]! < this.size[b]!) [a, b] = [b, a];
    // Weights come almost in order; the heaviest so far is an upper bound of this merger.
    this.heaviest = Math.max(this.heaviest, weight);
    this.after[this.last[a]!] = this.first[b]!;
    this.gapAfter[this.last[a]!] = this.heaviest;
    this.last[a] = this.last[b]!;
    this.size[a]! += this.size[b]!;
    this.leader[b] = a;
  }

  /** The points of each component. */
  members(): Int32Array[] {
    return Array.from(this.leader.keys()).flatMap((point) => {
      if (this.leader[point] !== point) return [];
      const members = new Int32Array(this.size[point]!);
      let member = this.first[point]!;
      for (let place = 0; place < members.length; place++, member = this.after[member]!) members[place] = member;
      return [members];
    });
  }

  /** The order of the only component. */
  inOrder(): JoiningOrder {
    const [order = new Int32Array(0)] = this.members();
    const gaps = new Float64Array(this.count);
    for (let place = 1; place < order.length; place++) gaps[place] = this.gapAfter[order[place - 1]!]!;
    return { order, gaps };
  }

  private find(start: number): number {
    let point = start;
    while (this.leader[point] !== point) {
      this.leader[point] = this.leader[this.leader[point]!]!;
      point = this.leader[point]!;
    }
    return point;
  }
}

/** A short edge from each component to another, so that all are joined: a tree over one member of each, each edge of which is then pulled tight from both sides. */
function bridgesBetween(points: Points, rows: Int32Array, cores: Float64Array, components: Int32Array[]): RoughEdges {
  const reach = (a: number, b: number): number => Math.max(cores[a]!, cores[b]!, Math.sqrt(squaredDistance(points, rows[a]!, rows[b]!)));
  const nearest = (to: number, among: Int32Array): number => {
    const stride = Math.max(1, Math.floor(among.length / BRIDGE_SAMPLE));
    let best = among[0]!;
    let least = Infinity;
    for (let place = 0; place < among.length; place += stride) {
      const value = reach(to, among[place]!);
      if (value < least) {
        least = value;
        best = among[place]!;
      }
    }
    return best;
  };
  const densest = components.map((members) => members.reduce((best, member) => (cores[member]! < cores[best]! ? member : best), members[0]!));
  const from: number[] = [];
  const to: number[] = [];
  const weight: number[] = [];
  for (const [one, other] of treeOver(densest, reach)) {
    let a = densest[one]!;
    let b = densest[other]!;
    for (let round = 0; round < 2; round++) {
      b = nearest(a, components[other]!);
      a = nearest(b, components[one]!);
    }
    from.push(a);
    to.push(b);
    weight.push(reach(a, b));
  }
  return { from, to, weight, count: from.length };
}

/** Prim's algorithm over a few points. */
function treeOver(points: readonly number[], weight: (a: number, b: number) => number): [number, number][] {
  const best = points.map(() => Infinity);
  const anchor = points.map(() => 0);
  const outside = new Set(points.keys());
  const edges: [number, number][] = [];
  outside.delete(0);
  for (let joined = 0; outside.size > 0; ) {
    let next = -1;
    for (const point of outside) {
      const value = weight(points[joined]!, points[point]!);
      if (value < best[point]!) {
        best[point] = value;
        anchor[point] = joined;
      }
      if (next < 0 || best[point]! < best[next]!) next = point;
    }
    edges.push([anchor[next]!, next]);
    outside.delete(next);
    joined = next;
  }
  return edges;
}
