/** The door for services: whole clusterings, and clusterings of parts, in threads of their own. */
import { availableParallelism } from 'node:os';
import { reductionShare } from './cluster-job.js';
import type { ClusterJob, ClusterOutcome } from './cluster-job.js';
import type { HdbscanOptions, HdbscanResult } from './hdbscan.js';
import { inWorker } from './in-worker.js';
import type { InWorkerOptions } from './in-worker.js';
import { takeRows } from './points.js';
import type { Points } from './points.js';

export interface SubsampleJob extends ClusterJob {
  /** Indices of the points in each part. */
  subsamples: readonly ArrayLike<number>[];
}

/** More threads than processors, so that three equal parts on two processors take one and a half times as long as one, not twice. */
const THREADS = availableParallelism() + 1;

/** `hdbscan` in threads of its own; fails as `inWorker` does. */
export async function hdbscanInWorker(points: Points, hdbscan: HdbscanOptions, options: InWorkerOptions = {}): Promise<HdbscanResult> {
  return inWorker({ kind: 'hdbscan', points, hdbscan }, options);
}

/** `runClusterJob` in threads of its own; fails as `inWorker` does. */
export async function clusterInWorker(job: ClusterJob, options: InWorkerOptions = {}): Promise<ClusterOutcome> {
  return inWorker({ kind: 'cluster', ...job }, options);
}

/**
 * Reduces all points once and clusters each part of them, several at once; for instance to see which clusters survive the loss of a tenth of the points.
 * @returns one result for each part, in order; entry i of its labels belongs to point `subsamples[s][i]`.
 * @throws what `clusterInWorker` throws; no thread outlives the promise.
 */
export async function clusterSubsamplesInWorkers(job: SubsampleJob, { signal, onProgress = () => {} }: InWorkerOptions = {}): Promise<HdbscanResult[]> {
  const { points, reduce, hdbscan, subsamples } = job;
  if (subsamples.length === 0) return [];
  const oneFailed = new AbortController();
  const stop = AbortSignal.any([oneFailed.signal, ...(signal ? [signal] : [])]);
  const share = reductionShare(points, reduce);
  const reduction = await inWorker({ kind: 'reduce', points, reduce }, { signal: stop, onProgress: (fraction) => onProgress(share * fraction) });
  const parts = subsamples.map((indices) => takeRows(reduction.points, indices));

  const done = parts.map(() => 0);
  const clusterPart = async (part: Points, index: number): Promise<HdbscanResult> => {
    const onPart = (fraction: number): void => {
      done[index] = fraction;
      onProgress(share + ((1 - share) * done.reduce((sum, value) => sum + value, 0)) / parts.length);
    };
    const { result } = await inWorker({ kind: 'cluster', points: part, reduce: { method: 'none', normalize: false }, hdbscan }, { signal: stop, onProgress: onPart, threads: 1 });
    return result;
  };
  const results: HdbscanResult[] = [];
  const queue = parts.entries();
  const takeFromQueue = async (): Promise<void> => {
    for (const [index, part] of queue) results[index] = await clusterPart(part, index);
  };
  const workers = Array.from({ length: Math.min(parts.length, THREADS) }, () => takeFromQueue().catch((error: unknown) => oneFailed.abort(error)));
  await Promise.all(workers);
  stop.throwIfAborted();
  return results;
}
