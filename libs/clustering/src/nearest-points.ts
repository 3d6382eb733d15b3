/**
 * The nearest points of each point, in two steps that all threads share: a search over blocks of pairs with whole-number distances, each pair once, which keeps more
 * points than are needed; then, point by point, the exact distances of those that can matter. A point whose list could have missed one is marked, not guessed.
 */
import { squaredDistance } from './distances.js';
import { FOUND, GROUP } from './near-pairs.js';
import type { NearPairs } from './near-pairs.js';
import type { Points } from './points.js';
import { atLeast, atMost, NO_LIMIT } from './quantized-points.js';
import type { ThreadSpace, Workspace } from './workspace.js';

/** Points of `certifyPoints` in one task. */
export const CERTIFY_TASK = 64;
/** About as many points as a list holds. */
const SOME_GROUPS = 4;

/** Makes every list empty: full of nobody, infinitely far. */
export function clearNearest(workspace: Workspace): void {
  workspace.limits.fill(-1).fill(NO_LIMIT, 0, workspace.plan.count);
  for (const { nearest, squares } of workspace.threads) {
    nearest.fill(-1);
    squares.fill(NO_LIMIT);
  }
}

/** Offers every pair of two blocks of points to both of its points. */
export function searchBlocks(workspace: Workspace, space: ThreadSpace, near: NearPairs, rowBlock: number, columnBlock: number): void {
  const { blockGroups, groups, limits } = workspace;
  const firstRow = rowBlock * blockGroups;
  const firstColumn = columnBlock * blockGroups;
  const rowGroups = Math.min(blockGroups, groups - firstRow);
  const columnGroups = Math.min(blockGroups, groups - firstColumn);
  if (rowBlock === columnBlock || limits[firstColumn * GROUP]! < NO_LIMIT) return searchGroups(workspace, space, near, firstRow, rowGroups, firstColumn, columnGroups);
  // The columns have no limits yet: asked at once, every pair would be found. A few rows at first give them some.
  for (let done = 0, some = Math.min(SOME_GROUPS, rowGroups); done < rowGroups; done += some, some = Math.min(done, rowGroups - done)) {
    searchGroups(workspace, space, near, firstRow + done, some, firstColumn, columnGroups);
  }
}

function searchGroups(workspace: Workspace, space: ThreadSpace, near: NearPairs, firstRow: number, rowGroups: number, firstColumn: number, columnGroups: number): void {
  const { order, limits, steps, plan } = workspace;
  const { found } = space;
  const count = near(workspace.groupsFrom(firstRow, rowGroups), workspace.groupsFrom(firstColumn, columnGroups), steps, firstRow === firstColumn, found.byteOffset);
  for (let at = 0; at < count * FOUND; at += FOUND) {
    const row = firstRow * GROUP + found[at]!;
    const column = firstColumn * GROUP + found[at + 1]!;
    // The points that fill up the last group.
    if (row >= plan.count || column >= plan.count) continue;
    // Threads lower the limits without a lock. A limit that another thread has just overwritten with a higher one lets a few more pairs through, and that is all.
    const squared = found[at + 2]!;
    if (squared < limits[row]!) offer(workspace, space, row, order[row]!, order[column]!, squared);
    if (squared < limits[column]!) offer(workspace, space, column, order[column]!, order[row]!, squared);
  }
}

/** Puts the pair in place of the farthest in the heap of `owner`, when it is nearer. */
function offer({ limits, plan: { listSize } }: Workspace, { nearest, squares }: ThreadSpace, place: number, owner: number, point: number, squared: number): void {
  const top = owner * listSize;
  if (squared >= squares[top]!) return;
  let hole = 0;
  for (;;) {
    let child = 2 * hole + 1;
    if (child >= listSize) break;
    if (child + 1 < listSize && squares[top + child + 1]! > squares[top + child]!) child++;
    if (squares[top + child]! <= squared) break;
    squares[top + hole] = squares[top + child]!;
    nearest[top + hole] = nearest[top + child]!;
    hole = child;
  }
  squares[top + hole] = squared;
  nearest[top + hole] = point;
  if (squares[top]! < limits[place]!) limits[place] = squares[top]!;
}

/**
 * Joins the lists of all threads, sorts them, and measures as many exactly as it takes to know the core distance: the distance at which `minSamples` other points, copies
 * included, are reached. Marks the points whose list does not reach far enough to be sure.
 */
export class Certifier {
  private readonly keys: Float64Array;
  private readonly exact: Float64Array;
  private readonly counted: Int32Array;

  constructor(private readonly workspace: Workspace, private readonly points: Points) {
    const { listSize, threads } = workspace.plan;
    this.keys = new Float64Array(listSize * threads);
    this.exact = new Float64Array(listSize);
    this.counted = new Int32Array(listSize);
  }

  certify(task: number): void {
    const last = Math.min(this.workspace.plan.count, (task + 1) * CERTIFY_TASK);
    for (let point = task * CERTIFY_TASK; point < last; point++) this.certifyPoint(point);
  }

  private certifyPoint(point: number): void {
    const { workspace, points, exact, counted } = this;
    const { plan, rows, multiplicity, cores, closerCores, uncertain, nearest, distances } = workspace;
    const { listSize, minSamples } = plan;
    const start = point * listSize;
    const farthest = this.sortLists(point);
    const needed = minSamples - (multiplicity[point]! - 1);
    let core = needed <= 0 ? 0 : Infinity;
    let measured = 0;
    for (let at = start; at < start + listSize; at++) {
      const other = nearest[at]!;
      const squared = distances[at]!;
      if (core < Infinity && atLeast(squared, workspace) > core) {
        distances[at] = atMost(squared, workspace);
        continue;
      }
      const distance = Math.sqrt(squaredDistance(points, rows[point]!, rows[other]!));
      distances[at] = distance;
      let place = measured++;
      for (; place > 0 && exact[place - 1]! > distance; place--) {
        exact[place] = exact[place - 1]!;
        counted[place] = counted[place - 1]!;
      }
      exact[place] = distance;
      counted[place] = multiplicity[other]!;
      core = reachedAt(exact, counted, measured, needed);
    }
    cores[point] = core;
    closerCores[point] = reachedAt(exact, counted, measured, needed - 1);
    uncertain[point] = atLeast(farthest, workspace) > core ? 0 : 1;
  }

  /** Leaves the nearest points of all threads' lists in the shared list, nearest first, and their squared distances beside them; returns the largest. */
  private sortLists(point: number): number {
    const { workspace, keys } = this;
    const { nearest, distances, plan, threads } = workspace;
    const { listSize, count } = plan;
    const start = point * listSize;
    let next = 0;
    for (const list of threads) {
      // Squared distance and point in one number, which sorts without a comparison function.
      for (let at = start; at < start + listSize; at++) keys[next++] = list.nearest[at]! < 0 ? Infinity : list.squares[at]! * count + list.nearest[at]!;
    }
    keys.sort();
    for (let entry = 0; entry < listSize; entry++) {
      const squared = Math.floor(keys[entry]! / count);
      nearest[start + entry] = keys[entry]! - squared * count;
      distances[start + entry] = squared;
    }
    return distances[start + listSize - 1]!;
  }
}

/** The distance at which the copies of the first points, sorted by distance, reach `needed`: 0 when none are needed, Infinity when they are too few. */
export function reachedAt(sorted: ArrayLike<number>, counted: ArrayLike<number>, length: number, needed: number): number {
  if (needed <= 0) return 0;
  let reached = 0;
  for (let place = 0; place < length; place++) {
    reached += counted[place]!;
    if (reached >= needed) return sorted[place]!;
  }
  return Infinity;
}
