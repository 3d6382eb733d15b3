/** One whole clustering as a plain value, so that it can be sent to a thread: reduce, then cluster. */
import { hdbscan } from './hdbscan.js';
import type { HdbscanOptions, HdbscanResult } from './hdbscan.js';
import type { Points } from './points.js';
import type { TreeOptions } from './reachability-tree.js';
import { reduce } from './reduce.js';
import type { ReduceOptions, Reduction } from './reduce.js';

export interface ClusterJob {
  points: Points;
  reduce: ReduceOptions;
  hdbscan: HdbscanOptions;
}

export interface ClusterOutcome {
  reduction: Reduction;
  result: HdbscanResult;
}

/** The reduction costs about this many multiplications for each coordinate. */
const REDUCTION_COST = 400;

/**
 * Runs the job where it is called, which blocks the thread: from a service use `clusterInWorker`.
 * @param onProgress told a rising fraction between 0 and 1.
 * @param help other threads that can take part.
 */
export function runClusterJob(job: ClusterJob, onProgress: (fraction: number) => void = () => {}, help: TreeOptions = {}): ClusterOutcome {
  const share = reductionShare(job.points, job.reduce);
  const reduction = reduce(job.points, job.reduce, (fraction) => onProgress(share * fraction));
  const result = hdbscan(reduction.points, job.hdbscan, (fraction) => onProgress(share + (1 - share) * fraction), help);
  return { reduction, result };
}

/** The estimated share of the reduction in the time of a whole clustering, 0 to 1. */
export function reductionShare({ count, dimensions }: Points, { method, dimensions: kept = dimensions }: ReduceOptions): number {
  return method === 'pca' && count > 0 ? (REDUCTION_COST * dimensions) / (REDUCTION_COST * dimensions + 2 * count * kept) : 0;
}
