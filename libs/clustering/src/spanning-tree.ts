/**
 * The cheapest tree that joins all points by mutual reachability: the second step of HDBSCAN. Where ties allow several trees, the search decides by fixed rules
 * (it begins at point 0, keeps the first of equal edges to a point, and takes the lowest point among equals), so the same points give the same tree.
 */
import { headsOf, HEAD, squaredDistances } from './distances.js';
import { edgeOrder } from './edge-order.js';
import type { WidePoints } from './points.js';

/** n - 1 edges, lightest first: edge e joins points `from[e]` and `to[e]` at mutual reachability distance `weight[e]`. */
export interface SpanningTree {
  from: Int32Array;
  to: Int32Array;
  weight: Float64Array;
}

/** Wider than the rounding of a square and a root together. */
const CLOSE_CALL = 1 + 1e-14;

/**
 * Prim's algorithm over rows that are computed when needed and thrown away: O(n² d) time at most, O(n) memory. A row leaves out every point whose core distance
 * or whose first coordinates alone already forbid an improvement.
 * @param cores core distance of each point.
 * @param onPoint told after each point how many are joined.
 */
export function spanningTree(points: WidePoints, cores: Float64Array, onPoint: (done: number) => void = () => {}): SpanningTree {
  const edges = Math.max(0, points.count - 1);
  const from = new Int32Array(edges);
  const to = new Int32Array(edges);
  const weight = new Float64Array(edges);

  // The points outside the tree, packed into the first `outside` places: each with its lightest edge into the tree.
  const point = Int32Array.from({ length: edges }, (_, place) => place + 1);
  const lightest = new Float64Array(edges).fill(Infinity);
  const anchor = new Int32Array(edges);
  const coreAt = cores.slice(1);
  const heads = headsOf(points);
  const headAt = heads.slice(HEAD);
  const places = new Int32Array(edges);
  const candidates = new Int32Array(edges);
  const squared = new Float64Array(edges);

  let joined = 0;
  for (let outside = edges; outside > 0; outside--) {
    const core = cores[joined]!;
    const first = heads[joined * HEAD]!;
    const second = heads[joined * HEAD + 1]!;
    const third = heads[joined * HEAD + 2]!;
    const fourth = heads[joined * HEAD + 3]!;
    let candidateCount = 0;
    for (let place = 0, h = 0; place < outside; place++, h += HEAD) {
      const best = lightest[place]!;
      if (core >= best || coreAt[place]! >= best) continue;
      const a = first - headAt[h]!;
      const b = second - headAt[h + 1]!;
      const c = third - headAt[h + 2]!;
      const d = fourth - headAt[h + 3]!;
      if (a * a + b * b + c * c + d * d > best * best * CLOSE_CALL) continue;
      places[candidateCount] = place;
      candidates[candidateCount++] = point[place]!;
    }
    squaredDistances(points, joined, candidates, candidateCount, squared);
    for (let candidate = 0; candidate < candidateCount; candidate++) {
      const place = places[candidate]!;
      const best = lightest[place]!;
      // Most are refused before the root is taken; the margin leaves the close calls to the exact comparison below.
      if (squared[candidate]! > best * best * CLOSE_CALL) continue;
      const distance = Math.sqrt(squared[candidate]!);
      const wider = coreAt[place]! > core ? coreAt[place]! : core;
      const reach = distance > wider ? distance : wider;
      if (reach < best) {
        lightest[place] = reach;
        anchor[place] = joined;
      }
    }

    let next = 0;
    let least = lightest[0]!;
    for (let place = 1; place < outside; place++) {
      const mine = lightest[place]!;
      if (mine < least || (mine === least && point[place]! < point[next]!)) {
        next = place;
        least = mine;
      }
    }
    const edge = edges - outside;
    joined = point[next]!;
    from[edge] = anchor[next]!;
    to[edge] = joined;
    weight[edge] = least;
    point[next] = point[outside - 1]!;
    lightest[next] = lightest[outside - 1]!;
    anchor[next] = anchor[outside - 1]!;
    coreAt[next] = coreAt[outside - 1]!;
    headAt.copyWithin(next * HEAD, (outside - 1) * HEAD, outside * HEAD);
    onPoint(edge + 1);
  }
  const order = edgeOrder(weight);
  return { from: from.map((_, place) => from[order[place]!]!), to: to.map((_, place) => to[order[place]!]!), weight: weight.map((_, place) => weight[order[place]!]!) };
}
