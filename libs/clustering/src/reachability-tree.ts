/**
 * Core distances and the spanning tree over mutual reachability: the expensive part of HDBSCAN. Few points are compared directly; many go twice over all pairs in whole numbers
 * (nearest points, then the pairs that the tree could need), with everything that decides measured in double precision. Both ways give the same bits.
 */
import { squareTasks } from './block-tasks.js';
import { coreDistances } from './core-distances.js';
import type { CoreDistances } from './core-distances.js';
import { CrewMember, Work } from './crew.js';
import type { CrewInvitation } from './crew.js';
import { distinctPoints } from './distinct-points.js';
import type { DistinctPoints } from './distinct-points.js';
import { joiningOrder } from './joining-order.js';
import type { RoughEdges } from './joining-order.js';
import { compileNearPairs, GROUP } from './near-pairs.js';
import type { Kernel } from './web-assembly.js';
import { CERTIFY_TASK, clearNearest, reachedAt } from './nearest-points.js';
import { widen } from './points.js';
import type { Points } from './points.js';
import { chooseUnit, limitFor, noteError, PACK_TASK } from './quantized-points.js';
import { sparsePrim } from './sparse-prim.js';
import type { Pairs } from './sparse-prim.js';
import { spanningTree } from './spanning-tree.js';
import type { SpanningTree } from './spanning-tree.js';
import { Control, Workspace } from './workspace.js';

export interface ReachabilityTree extends CoreDistances {
  tree: SpanningTree;
}

export interface TreeOptions {
  kernel?: Kernel;
  /** Threads that could take part, the calling one included. */
  threads?: number;
  /** Told how other threads can join. */
  invite?: (invitation: CrewInvitation) => void;
  /** Told a rising fraction between 0 and 1. */
  onProgress?: (fraction: number) => void;
  /** Fewer distinct points than this are compared directly. */
  fewest?: number;
}

/** Below this, preparing costs more than it saves. */
const FEWEST = 256;
/** Edges in a joining order that turns out too rough to be used are taken into the next; after so many, there are simply too many ties. */
const ATTEMPTS = 3;
/** Neighbours of each point that the first joining order is made of, beyond those needed. */
const SPARE_EDGES = 8;
/** Thousands of neighbours for each of many points would need more; compared directly, they need less. */
const MOST_BYTES = 2 ** 31;
/** Where the phases end, as shares of the time. */
const SEARCHED = 0.5;
const CERTIFIED = 0.55;

/**
 * @param points checked, at least two.
 * @param neighbours at least 1 and fewer than `count`.
 */
export function reachabilityTree(points: Points, neighbours: number, options: TreeOptions = {}): ReachabilityTree {
  const { fewest = FEWEST, onProgress = () => {} } = options;
  const distinct = points.count >= fewest ? distinctPoints(points) : undefined;
  const found = distinct && distinct.count >= Math.max(fewest, listSizeFor(neighbours) + 2) ? blockwise(points, distinct, neighbours, options) : undefined;
  return found ?? directly(points, neighbours, onProgress);
}

function directly(points: Points, neighbours: number, onProgress: (fraction: number) => void): ReachabilityTree {
  const wide = widen(points);
  // Half the work each; the rows get shorter one by one, hence the square.
  const share = (done: number): number => 0.5 * (1 - (1 - done / points.count) ** 2);
  const core = coreDistances(wide, neighbours, (done) => onProgress(share(done)));
  return { ...core, tree: spanningTree(wide, core.cores, (done) => onProgress(0.5 + share(done))) };
}

/** The rounding can swap neighbours that are almost equally far, so some more are kept. */
function listSizeFor(neighbours: number): number {
  return neighbours + 8 + (neighbours >> 1);
}

/** @returns undefined when the points do not suit: their extent can not be squared, too many neighbours are asked for, or equal distances are so many that all pairs would have to be kept. */
function blockwise(points: Points, distinct: DistinctPoints, minSamples: number, { kernel, threads = 1, invite, onProgress = () => {} }: TreeOptions): ReachabilityTree | undefined {
  const { count } = distinct;
  const workspace = Workspace.create({ count, dimensions: points.dimensions, minSamples, listSize: listSizeFor(minSamples), threads }, MOST_BYTES);
  if (!workspace) return undefined;
  const { cores, rows, multiplicity, order } = workspace;
  rows.set(distinct.row);
  for (let point = 0; point < count; point++) multiplicity[point] = distinct.start[point + 1]! - distinct.start[point]!;
  shuffle(order, count);
  if (!chooseUnit(points, workspace)) return undefined;
  clearNearest(workspace);

  const shared = invite ? { ...points, data: inSharedMemory(points.data) } : points;
  const invitation = { plan: workspace.plan, memory: workspace.memory!, module: compileNearPairs(kernel), points: shared };
  invite?.(invitation);
  const crew = new CrewMember(invitation, 0);
  const lead = (work: Work, tasks: number, from: number, to: number): void => crew.lead(work, tasks, (task) => onProgress(from + ((to - from) * (task + 1)) / tasks));
  const pack = (): void => {
    crew.lead(Work.PACK, Math.ceil(workspace.groups / PACK_TASK));
    noteError(workspace);
  };
  try {
    const all = squareTasks(workspace.blocks);
    pack();
    lead(Work.SEARCH, all, 0, SEARCHED);
    lead(Work.CERTIFY, Math.ceil(count / CERTIFY_TASK), SEARCHED, CERTIFIED);
    if (!makeCertain(workspace, pack, (tasks) => lead(Work.COLLECT_NEAR, tasks, CERTIFIED, CERTIFIED))) return undefined;

    let edges: RoughEdges = nearestEdges(workspace, Math.min(workspace.plan.listSize, minSamples + SPARE_EDGES));
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const joining = joiningOrder(points, rows, cores, edges);
      order.set(joining.order);
      pack();
      workspace.gaps.fill(-1);
      for (let place = 1; place < count; place++) workspace.gaps[place] = limitFor(joining.gaps[place]!, workspace);
      emptyEdges(workspace);
      lead(Work.COLLECT_LIGHT, all, CERTIFIED, 1);
      const collected = collectedPairs(workspace);
      if (!workspace.control[Control.FULL]) {
        return { cores: ofAllCopies(distinct, cores), closerCores: ofAllCopies(distinct, workspace.closerCores), tree: sparsePrim(distinct, cores, collected) };
      }
      edges = withCollected(edges, collected, cores);
    }
    return undefined;
  } finally {
    crew.lead(Work.LEAVE, 0);
  }
}

/**
 * Measures the points again whose nearest are not certain: all pairs that are near enough by the rounded distances, exactly. They come first in the packed order, so only
 * their rows are searched. @returns false when there are too many such pairs.
 */
function makeCertain(workspace: Workspace, pack: () => void, collect: (tasks: number) => void): boolean {
  const { cores, closerCores, uncertain, order, limits, blockGroups, blocks, multiplicity, plan } = workspace;
  const doubtful = Array.from(uncertain.keys()).filter((point) => uncertain[point] === 1);
  if (doubtful.length === 0) return true;
  order.set([...doubtful, ...Array.from(uncertain.keys()).filter((point) => uncertain[point] === 0)]);
  pack();
  limits.fill(-1);
  doubtful.forEach((point, place) => {
    limits[place] = limitFor(cores[point]!, workspace);
  });
  emptyEdges(workspace);
  collect(squareTasks(blocks, Math.ceil(doubtful.length / (GROUP * blockGroups))));
  if (workspace.control[Control.FULL]) return false;

  const found = new Map(doubtful.map((point) => [point, [] as { other: number; distance: number }[]]));
  for (const { from, to, distance, count } of collectedPairs(workspace)) {
    for (let pair = 0; pair < count; pair++) {
      found.get(from[pair]!)?.push({ other: to[pair]!, distance: distance[pair]! });
      found.get(to[pair]!)?.push({ other: from[pair]!, distance: distance[pair]! });
    }
  }
  for (const [point, others] of found) {
    others.sort((a, b) => a.distance - b.distance);
    const needed = plan.minSamples - (multiplicity[point]! - 1);
    const distances = others.map(({ distance }) => distance);
    const counted = others.map(({ other }) => multiplicity[other]!);
    cores[point] = reachedAt(distances, counted, others.length, needed);
    closerCores[point] = reachedAt(distances, counted, others.length, needed - 1);
  }
  return true;
}

/** Each point with the first of its nearest; a pair that is in both lists is taken once. */
function nearestEdges({ plan: { count, listSize }, nearest, distances, cores }: Workspace, each: number): RoughEdges {
  const edges = { from: new Int32Array(count * each), to: new Int32Array(count * each), weight: new Float64Array(count * each) };
  let next = 0;
  for (let point = 0; point < count; point++) {
    for (let at = point * listSize; at < point * listSize + each; at++) {
      const other = nearest[at]!;
      if (other < point && isAmong(point, nearest, other * listSize, each)) continue;
      edges.from[next] = point;
      edges.to[next] = other;
      edges.weight[next++] = Math.max(cores[point]!, cores[other]!, distances[at]!);
    }
  }
  return { ...edges, count: next };
}

function isAmong(point: number, list: Int32Array, start: number, length: number): boolean {
  for (let at = start; at < start + length; at++) if (list[at] === point) return true;
  return false;
}

function withCollected(edges: RoughEdges, collected: readonly Pairs[], cores: Float64Array): RoughEdges {
  const from = [edges.from, ...collected.map((pairs) => pairs.from)].map((values) => Float64Array.from(values));
  const to = [edges.to, ...collected.map((pairs) => pairs.to)].map((values) => Float64Array.from(values));
  const reach = collected.map((pairs) => pairs.distance.map((distance, pair) => Math.max(cores[pairs.from[pair]!]!, cores[pairs.to[pair]!]!, distance)));
  const weight = [edges.weight, ...reach].map((values) => Float64Array.from(values));
  return { from: concatenated(from), to: concatenated(to), weight: concatenated(weight), count: weight.reduce((sum, part) => sum + part.length, 0) };
}

function concatenated(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let next = 0;
  for (const part of parts) {
    all.set(part, next);
    next += part.length;
  }
  return all;
}

function emptyEdges({ control, plan }: Workspace): void {
  control[Control.FULL] = 0;
  control.fill(0, Control.EDGES, Control.EDGES + plan.threads);
}

function collectedPairs({ control, threads }: Workspace): Pairs[] {
  return threads.map(({ edgeFrom, edgeTo, edgeDistance }, thread) => {
    const count = control[Control.EDGES + thread]!;
    return { from: edgeFrom.subarray(0, count), to: edgeTo.subarray(0, count), distance: edgeDistance.subarray(0, count), count };
  });
}

/** From one value for each distinct point to one for each point. */
function ofAllCopies({ start, copies, count }: DistinctPoints, values: Float64Array): Float64Array {
  const all = new Float64Array(copies.length);
  for (let point = 0; point < count; point++) for (let at = start[point]!; at < start[point + 1]!; at++) all[copies[at]!] = values[point]!;
  return all;
}

/** A random order, always the same. Points that arrive sorted would otherwise each be nearer than all before. */
function shuffle(order: Int32Array, count: number): void {
  let state = 20_130_414;
  for (let place = 0; place < count; place++) order[place] = place;
  for (let place = count - 1; place > 0; place--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (place + 1));
    const kept = order[place]!;
    order[place] = order[other]!;
    order[other] = kept;
  }
}

function inSharedMemory<T extends Float32Array | Float64Array>(data: T): T {
  if (data.buffer instanceof SharedArrayBuffer) return data;
  const bytes = new SharedArrayBuffer(data.byteLength);
  const shared = data instanceof Float32Array ? new Float32Array(bytes) : new Float64Array(bytes);
  shared.set(data);
  return shared as T;
}
