/** One whole clustering as a plain value, so that it can be sent to a thread: reduce once, cluster everything, and cluster any subsets again. */
import { hdbscan } from './hdbscan.js';
import type { HdbscanOptions, HdbscanResult } from './hdbscan.js';
import { takeRows } from './points.js';
import type { Points } from './points.js';
import { reduce } from './reduce.js';
import type { ReduceOptions, Reduction } from './reduce.js';

export interface ClusterJob {
  points: Points;
  reduce: ReduceOptions;
  hdbscan: HdbscanOptions;
  /** Index sets to cluster again with the same reduction and options, for instance to see which clusters survive the loss of a tenth of the points. */
  subsamples?: readonly ArrayLike<number>[];
}

export interface ClusterOutcome {
  reduction: Reduction;
  result: HdbscanResult;
  /** One for each index set, in order; entry i of its labels belongs to point `subsamples[s][i]`. */
  subsamples: HdbscanResult[];
}

/** A pass over the rows costs about this many multiplications for each coordinate, all passes together. */
const REDUCTION_COST = 400;

/**
 * Runs the job where it is called, which blocks the thread: from a service use `clusterInWorker`.
 * @param onProgress told a rising fraction between 0 and 1, each part weighted by its estimated cost.
 */
export function runClusterJob(job: ClusterJob, onProgress: (fraction: number) => void = () => {}): ClusterOutcome {
  const { count, dimensions } = job.points;
  const sets = job.subsamples ?? [];
  const width = job.reduce.method === 'pca' ? (job.reduce.dimensions ?? dimensions) : dimensions;
  const reductionCost = job.reduce.method === 'pca' ? REDUCTION_COST * count * dimensions : 0;
  const clusteringCost = (points: number): number => 2 * points * points * width;
  const total = sets.reduce((sum, set) => sum + clusteringCost(set.length), reductionCost + clusteringCost(count));

  let spent = 0;
  const part = (cost: number): ((fraction: number) => void) => {
    const before = spent;
    spent += cost;
    return (fraction) => onProgress(total > 0 ? (before + cost * fraction) / total : 1);
  };
  const reduction = reduce(job.points, job.reduce, part(reductionCost));
  // Taken before the long work, so that a wrong index is refused at once.
  const subsets = sets.map((set) => takeRows(reduction.points, set));
  const result = hdbscan(reduction.points, job.hdbscan, part(clusteringCost(count)));
  const subsamples = subsets.map((subset) => hdbscan(subset, job.hdbscan, part(clusteringCost(subset.count))));
  return { reduction, result, subsamples };
}
