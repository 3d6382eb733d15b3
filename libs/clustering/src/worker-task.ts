/** What a clustering thread can be asked to do, and what it answers. */
import { runClusterJob } from './cluster-job.js';
import type { ClusterJob, ClusterOutcome } from './cluster-job.js';
import { hdbscan } from './hdbscan.js';
import type { HdbscanOptions, HdbscanResult } from './hdbscan.js';
import type { Points } from './points.js';
import type { TreeOptions } from './reachability-tree.js';
import { reduce } from './reduce.js';
import type { ReduceOptions, Reduction } from './reduce.js';

export type ClusterTask = { kind: 'cluster' } & ClusterJob;
export type ReduceTask = { kind: 'reduce'; points: Points; reduce: ReduceOptions };
export type HdbscanTask = { kind: 'hdbscan'; points: Points; hdbscan: HdbscanOptions };
export type WorkerTask = ClusterTask | ReduceTask | HdbscanTask;
export type TaskAnswer = ClusterOutcome | Reduction | HdbscanResult;
export type AnswerTo<T extends WorkerTask> = T extends ClusterTask ? ClusterOutcome : T extends ReduceTask ? Reduction : HdbscanResult;

/** @param help threads that can take part in a clustering. */
export function runTask(task: WorkerTask, onProgress: (fraction: number) => void, help: TreeOptions): TaskAnswer {
  switch (task.kind) {
    case 'cluster':
      return runClusterJob(task, onProgress, help);
    case 'reduce':
      return reduce(task.points, task.reduce, onProgress);
    case 'hdbscan':
      return hdbscan(task.points, task.hdbscan, onProgress, help);
  }
}
