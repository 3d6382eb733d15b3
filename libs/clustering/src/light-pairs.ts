/** Collecting pairs of points: those within the limits of a joining order, or those near enough to the first points, each with its exact distance. */
import { squaredDistance } from './distances.js';
import { FOUND, GROUP } from './near-pairs.js';
import type { NearPairs, PointGroups } from './near-pairs.js';
import type { Points } from './points.js';
import { Control } from './workspace.js';
import type { ThreadSpace, Workspace } from './workspace.js';

export class PairCollector {
  private readonly space: ThreadSpace;

  constructor(private readonly workspace: Workspace, private readonly points: Points, private readonly near: NearPairs, private readonly thread: number) {
    this.space = workspace.threads[thread]!;
  }

  /** Every pair of the two blocks that some minimum spanning tree could need: see `joining-order.ts`. */
  collectLight(rowBlock: number, columnBlock: number): void {
    const { workspace, space } = this;
    const { blockGroups } = workspace;
    const firstRow = rowBlock * blockGroups;
    const firstColumn = columnBlock * blockGroups;
    const rowGroups = this.groupsIn(rowBlock);
    const columnGroups = this.groupsIn(columnBlock);
    if (rowBlock === columnBlock) {
      // Within a block the limits of a pair do not fall apart at one place, so each group is asked for itself.
      space.rowLimits.fill(-1);
      for (let group = 0; group < rowGroups; group++) {
        const columns = workspace.groupsFrom(firstRow + group, rowGroups - group, space.columnLimits);
        this.limitsAfter(firstRow + group, columns.groups);
        this.collect(workspace.groupsFrom(firstRow + group, 1, space.rowLimits), firstRow + group, columns, firstRow + group, true);
      }
      return;
    }
    this.limitsAfter(firstColumn, columnGroups);
    this.limitsBefore(firstRow, rowGroups, firstColumn);
    this.collect(workspace.groupsFrom(firstRow, rowGroups, space.rowLimits), firstRow, workspace.groupsFrom(firstColumn, columnGroups, space.columnLimits), firstColumn, false);
  }

  /** Every pair of the two blocks below the limit of either point. */
  collectNear(rowBlock: number, columnBlock: number): void {
    const { workspace } = this;
    const firstRow = rowBlock * workspace.blockGroups;
    const firstColumn = columnBlock * workspace.blockGroups;
    this.collect(workspace.groupsFrom(firstRow, this.groupsIn(rowBlock)), firstRow, workspace.groupsFrom(firstColumn, this.groupsIn(columnBlock)), firstColumn, rowBlock === columnBlock);
  }

  private groupsIn(block: number): number {
    return Math.min(this.workspace.blockGroups, this.workspace.groups - block * this.workspace.blockGroups);
  }

  /** Limit of each column: the largest gap since the first of them. */
  private limitsAfter(firstGroup: number, groups: number): void {
    const { gaps } = this.workspace;
    const { columnLimits } = this.space;
    const first = firstGroup * GROUP;
    let largest = -1;
    columnLimits[0] = largest;
    for (let place = 1; place < groups * GROUP; place++) {
      const gap = gaps[first + place]!;
      if (gap > largest) largest = gap;
      columnLimits[place] = largest;
    }
  }

  /** Limit of each row: the largest gap from there to the first column. */
  private limitsBefore(firstGroup: number, groups: number, firstColumnGroup: number): void {
    const { gaps } = this.workspace;
    const { rowLimits } = this.space;
    const first = firstGroup * GROUP;
    const end = first + groups * GROUP;
    let largest = -1;
    for (let place = firstColumnGroup * GROUP; place >= end; place--) if (gaps[place]! > largest) largest = gaps[place]!;
    for (let place = end - 1; place >= first; place--) {
      rowLimits[place - first] = largest;
      if (gaps[place]! > largest) largest = gaps[place]!;
    }
  }

  private collect(rows: PointGroups, firstRow: number, columns: PointGroups, firstColumn: number, sameBlock: boolean): void {
    const { workspace, space, points, thread } = this;
    const { order, rows: rowOf, control, edgeRoom, plan } = workspace;
    const { found, edgeFrom, edgeTo, edgeDistance } = space;
    if (control[Control.FULL]) return;
    const count = this.near(rows, columns, workspace.steps, sameBlock, found.byteOffset);
    let next = control[Control.EDGES + thread]!;
    if (next + count > edgeRoom) {
      control[Control.FULL] = 1;
      return;
    }
    for (let at = 0; at < count * FOUND; at += FOUND) {
      const row = firstRow * GROUP + found[at]!;
      const column = firstColumn * GROUP + found[at + 1]!;
      // The points that fill up the last group are near nobody, but a limit of "anything" lets them through.
      if (row >= plan.count || column >= plan.count) continue;
      const from = order[row]!;
      const to = order[column]!;
      edgeFrom[next] = from;
      edgeTo[next] = to;
      edgeDistance[next++] = Math.sqrt(squaredDistance(points, rowOf[from]!, rowOf[to]!));
    }
    control[Control.EDGES + thread] = next;
  }
}
