/** What a clustering thread can be asked to do, and what it answers. */
import { runClusterJob } from './cluster-job.js';
import type { ClusterJob, ClusterOutcome } from './cluster-job.js';
import type { Points } from './points.js';
import { reduce } from './reduce.js';
import type { ReduceOptions, Reduction } from './reduce.js';

export type ClusterTask = { kind: 'cluster' } & ClusterJob;
export type ReduceTask = { kind: 'reduce'; points: Points; reduce: ReduceOptions };
export type WorkerTask = ClusterTask | ReduceTask;
export type AnswerTo<T extends WorkerTask> = T extends ClusterTask ? ClusterOutcome : Reduction;

export function runTask(task: WorkerTask, onProgress: (fraction: number) => void): ClusterOutcome | Reduction {
  return task.kind === 'cluster' ? runClusterJob(task, onProgress) : reduce(task.points, task.reduce, onProgress);
}
