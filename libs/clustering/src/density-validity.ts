/**
 * Density-based validity, DBCV: how good any labelling of the points is, without knowing the truth (Moulavi, Jaskowiak, Campello, Zimek, Sander 2014, "Density-based clustering
 * validation"). Where the paper leaves a choice, it is that of the hdbscan package of scikit-learn-contrib, whose values these are.
 */
import { squaredDistance } from './distances.js';
import { DifferentLengthsError, TooFewPointsError } from './errors.js';
import { euclideanStandIn, inMetric } from './metric.js';
import type { Metric } from './metric.js';
import { requirePoints } from './points.js';
import type { Points } from './points.js';

type Distance = (a: number, b: number) => number;

/** A cluster as a tree: its members, their core distances, and what of the tree is inside. */
interface ClusterTree {
  members: number[];
  cores: Float64Array;
  /** Places of the members that are no leaves of the tree. */
  inner: number[];
  /** The heaviest edge between two of them; of all edges where there is none. */
  sparseness: number;
}

/** Two edges this close count as equal when the tree is read; NumPy's defaults. */
const RELATIVE = 1e-5;
const ABSOLUTE = 1e-8;

/**
 * -1 to 1, larger is better; noise lowers it by its share of the points. O(n² d) time where it is called, O(n) memory: for judging a clustering of some thousand points, where
 * `relativeValidity` only compares options.
 * @param labels cluster of each point from 0 on, -1 for noise.
 * @throws DifferentLengthsError, TooFewPointsError unless there are two clusters, each of two points or more; InvalidPointsError.
 */
export function densityValidity(points: Points, labels: ArrayLike<number>, metric: Metric = 'euclidean'): number {
  requirePoints(points);
  if (labels.length !== points.count) throw new DifferentLengthsError(`${labels.length} labels for ${points.count} points: give one for each, -1 for noise.`);
  const clusters = membersOf(labels);
  const small = clusters.findIndex(({ length }) => length === 1);
  if (clusters.length < 2) throw new TooFewPointsError(`there are ${clusters.length} clusters, and validity compares clusters: give at least 2.`);
  if (small >= 0) throw new TooFewPointsError(`cluster ${labels[clusters[small]![0]!]} has one point, whose density nothing tells: label it as noise.`);
  const standIn = euclideanStandIn(points, metric);
  const distance: Distance = (a, b) => inMetric(Math.sqrt(squaredDistance(standIn, a, b)), metric);
  const trees = clusters.map((members) => clusterTree(members, points.dimensions, distance));
  const separation = separations(trees, distance);
  return trees.reduce((sum, { members, sparseness }, cluster) => {
    const apart = separation[cluster]!;
    const larger = Math.max(apart, sparseness);
    return sum + (members.length / labels.length) * (larger > 0 ? (apart - sparseness) / larger : 0);
  }, 0);
}

function membersOf(labels: ArrayLike<number>): number[][] {
  const members: number[][] = [];
  for (let point = 0; point < labels.length; point++) if (labels[point]! >= 0) (members[labels[point]!] ??= []).push(point);
  return members.filter(Boolean);
}

/** For each cluster the least mutual reachability from its inner members to those of any other. */
function separations(trees: readonly ClusterTree[], distance: Distance): Float64Array {
  const least = new Float64Array(trees.length).fill(Infinity);
  trees.forEach((one, a) => trees.slice(a + 1).forEach((other, offset) => {
    const b = a + 1 + offset;
    for (const x of one.inner) {
      for (const y of other.inner) {
        const cores = Math.max(one.cores[x]!, other.cores[y]!);
        if (cores >= least[a]! && cores >= least[b]!) continue;
        const reach = Math.max(cores, distance(one.members[x]!, other.members[y]!));
        least[a] = Math.min(least[a]!, reach);
        least[b] = Math.min(least[b]!, reach);
      }
    }
  }));
  return least;
}

function clusterTree(members: number[], dimensions: number, distance: Distance): ClusterTree {
  const cores = Float64Array.from(members, (_, place) => allPointsCore(members, place, dimensions, distance));
  const reach = (a: number, b: number): number => (a === b ? 0 : Math.max(cores[a]!, cores[b]!, distance(members[a]!, members[b]!)));
  const edges = innerTree(members.length, reach);
  const degree = new Int32Array(members.length);
  for (const { from, to } of edges) for (const end of [from, to]) degree[end]!++;
  const inside = edges.filter(({ from, to }) => degree[from]! > 1 && degree[to]! > 1);
  const sparseness = (inside.length > 0 ? inside : edges).reduce((heaviest, { weight }) => Math.max(heaviest, weight), 0);
  return { members, cores, inner: Array.from(degree.keys()).filter((place) => degree[place]! > 1), sparseness };
}

/**
 * The density at a member from all others, as a distance: (mean of (1 / distance)^dimensions)^(-1 / dimensions). In logarithms, because powers of hundreds of dimensions
 * over- and underflow. Copies of the member are left out of the sum.
 */
function allPointsCore(members: readonly number[], place: number, dimensions: number, distance: Distance): number {
  const logs = members.flatMap((other, at) => {
    const far = at === place ? 0 : distance(members[place]!, other);
    return far === 0 ? [] : [-dimensions * Math.log(far)];
  });
  const largest = logs.reduce((most, value) => Math.max(most, value), -Infinity);
  if (largest === -Infinity) return 0;
  const sum = logs.reduce((total, value) => total + Math.exp(value - largest), 0);
  return Math.exp(-(largest + Math.log(sum / (members.length - 1))) / dimensions);
}

/** Prim's algorithm from the first member. Where several joined members are equally near, the first of them is the one a new member hangs on: this decides who is a leaf. */
function innerTree(count: number, reach: Distance): { from: number; to: number; weight: number }[] {
  const lightest = new Float64Array(count).fill(Infinity);
  const isJoined = new Uint8Array(count);
  const edges: { from: number; to: number; weight: number }[] = [];
  for (let joined = 0; edges.length < count - 1; ) {
    isJoined[joined] = 1;
    let next = -1;
    for (let place = 0; place < count; place++) {
      if (isJoined[place]) continue;
      lightest[place] = Math.min(lightest[place]!, reach(joined, place));
      if (next < 0 || lightest[place]! < lightest[next]!) next = place;
    }
    const weight = lightest[next]!;
    let from = joined;
    for (let place = 0; place < count; place++) {
      if (!isJoined[place] || Math.abs(reach(next, place) - weight) > ABSOLUTE + RELATIVE * weight) continue;
      from = place;
      break;
    }
    edges.push({ from, to: next, weight });
    joined = next;
  }
  return edges;
}
