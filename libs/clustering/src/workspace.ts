/** The memory that the threads of one clustering share: where everything lies, so that each thread sees the same arrays. */
import { FOUND, FOUND_SLACK, GROUP, STEP } from './near-pairs.js';
import type { PointGroups } from './near-pairs.js';
import { sharedMemory } from './web-assembly.js';
import type { SharedMemory } from './web-assembly.js';

export interface WorkspacePlan {
  /** Distinct points, and their coordinates. */
  count: number;
  dimensions: number;
  /** Neighbours to find for each point before its copies are counted. */
  minSamples: number;
  /** Nearest points kept for each point: more than `minSamples`, because they are known only roughly at first. */
  listSize: number;
  threads: number;
}

/** What one thread has for itself. */
export interface ThreadSpace {
  /** The nearest points of each point that this thread has met: a heap of `listSize` for each, the farthest first. */
  nearest: Int32Array;
  squares: Int32Array;
  /** Byte offsets of limits for a block of rows and a block of columns, and of the pairs that the kernel finds. */
  rowLimits: Int32Array;
  columnLimits: Int32Array;
  found: Int32Array;
  edgeFrom: Int32Array;
  edgeTo: Int32Array;
  edgeDistance: Float64Array;
}

/** Bytes of a block: a block of rows and one of columns stay in the second-level cache together. */
const BLOCK_BYTES = 128 * 1024;
const LARGEST_BLOCK = 32;

/** Places in `control`. */
export const Control = { PHASE: 0, WORK: 1, NEXT_TASK: 2, TASKS: 3, ACTIVE: 4, FULL: 5, FAILED: 6, ROW_BLOCKS: 7, EDGES: 8 } as const;
/** Places in `measures`: length of one unit of the whole-number coordinates, how far a rounded point can lie from the true one, and what of that is not from the units. */
export const Measure = { UNIT: 0, ERROR: 1, SLACK: 2 } as const;

export class Workspace {
  readonly groups: number;
  /** Pairs of coordinates in the packed points, an even number. */
  readonly steps: number;
  readonly blockGroups: number;
  readonly blocks: number;
  readonly edgeRoom: number;

  readonly control: Int32Array;
  readonly measures: Float64Array;
  /** The largest squared rounding error that each thread has met, in units. */
  readonly errors: Float64Array;
  readonly mean: Float64Array;
  readonly packed: Int16Array;
  readonly norms: Int32Array;
  readonly limits: Int32Array;
  /** The point in each place of the packed order. */
  readonly order: Int32Array;
  /** For each point its row in the data and how many copies it has. */
  readonly rows: Int32Array;
  readonly multiplicity: Int32Array;
  readonly cores: Float64Array;
  /** Core distances of one neighbour fewer. */
  readonly closerCores: Float64Array;
  /** 1 where the nearest points are not certain, because the rounding could have hidden one. */
  readonly uncertain: Int32Array;
  /** The nearest points of each point, `listSize` of them, and their distances or an upper bound. */
  readonly nearest: Int32Array;
  readonly distances: Float64Array;
  /** See `joining-order.ts`: as whole-number limits between a place and the one before it. */
  readonly gaps: Int32Array;
  readonly threads: readonly ThreadSpace[];

  private constructor(readonly plan: WorkspacePlan, readonly memory: SharedMemory | undefined) {
    const { count, dimensions, listSize } = plan;
    this.groups = Math.ceil(count / GROUP);
    this.steps = 2 * Math.ceil(dimensions / 4);
    this.blockGroups = Math.max(4, Math.min(LARGEST_BLOCK, Math.floor(BLOCK_BYTES / (2 * STEP * this.steps))));
    this.blocks = Math.ceil(this.groups / this.blockGroups);
    this.edgeRoom = 32 * count + 250_000;
    const slots = this.groups * GROUP;
    const blockPoints = this.blockGroups * GROUP;

    let next = 0;
    const place = <T>(bytes: number, view: (buffer: ArrayBufferLike, offset: number) => T): T => {
      const at = next;
      next += Math.ceil(bytes / 64) * 64;
      return memory ? view(memory.buffer, at) : view(new ArrayBuffer(0), 0);
    };
    const integers = (length: number): Int32Array => place(4 * length, (buffer, at) => new Int32Array(buffer, at, memory ? length : 0));
    const reals = (length: number): Float64Array => place(8 * length, (buffer, at) => new Float64Array(buffer, at, memory ? length : 0));
    const packedLength = this.groups * this.steps * STEP;
    this.control = integers(Control.EDGES + plan.threads);
    this.measures = reals(3);
    this.errors = reals(plan.threads);
    this.mean = reals(dimensions);
    this.packed = place(2 * packedLength, (buffer, at) => new Int16Array(buffer, at, memory ? packedLength : 0));
    this.norms = integers(slots);
    this.limits = integers(slots);
    this.order = integers(slots);
    this.rows = integers(count);
    this.multiplicity = integers(count);
    this.cores = reals(count);
    this.closerCores = reals(count);
    this.uncertain = integers(count);
    this.nearest = integers(count * listSize);
    this.distances = reals(count * listSize);
    this.gaps = integers(slots + 1);
    this.threads = Array.from({ length: plan.threads }, () => ({
      nearest: integers(count * listSize),
      squares: integers(count * listSize),
      rowLimits: integers(blockPoints),
      columnLimits: integers(blockPoints),
      found: integers(FOUND * blockPoints * blockPoints + FOUND_SLACK / 4),
      edgeFrom: integers(this.edgeRoom),
      edgeTo: integers(this.edgeRoom),
      edgeDistance: reals(this.edgeRoom),
    }));
    this.bytes = next;
  }

  private readonly bytes: number;

  /** Lays out and takes the memory, of which pages that are never written cost nothing. @returns undefined when it would be more than `mostBytes`. */
  static create(plan: WorkspacePlan, mostBytes: number): Workspace | undefined {
    const { bytes } = new Workspace(plan, undefined);
    return bytes > mostBytes ? undefined : new Workspace(plan, sharedMemory(bytes));
  }

  /** The same arrays in another thread. */
  static over(plan: WorkspacePlan, memory: SharedMemory): Workspace {
    return new Workspace(plan, memory);
  }

  /** `groups` groups of packed points from the group `first` on, with the limits at `limits`, by default their own. */
  groupsFrom(first: number, groups: number, limits: Int32Array = this.limits.subarray(first * GROUP)): PointGroups {
    return { points: this.packed.byteOffset + 2 * first * this.steps * STEP, norms: this.norms.byteOffset + 4 * first * GROUP, limits: limits.byteOffset, groups };
  }
}
