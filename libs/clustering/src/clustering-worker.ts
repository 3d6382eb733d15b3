/** The thread's side of `clusterInWorker`: takes one job from `workerData`, reports, answers once and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { runClusterJob } from './cluster-job.js';
import type { ClusterJob, ClusterOutcome } from './cluster-job.js';
import { packError } from './errors.js';
import type { PortableError } from './errors.js';

/** What the thread says. Exactly one `done` or `failed`, as the last message. */
export type WorkerMessage = { kind: 'progress'; fraction: number } | { kind: 'done'; outcome: ClusterOutcome } | { kind: 'failed'; error: PortableError };

if (parentPort) {
  const say = (message: WorkerMessage, moved: ArrayBuffer[] = []): void => parentPort?.postMessage(message, moved);
  try {
    const outcome = runClusterJob(workerData as ClusterJob, (fraction) => say({ kind: 'progress', fraction }));
    say({ kind: 'done', outcome }, buffersOf(outcome));
  } catch (thrown) {
    say({ kind: 'failed', error: packError(thrown) });
  }
}

/** The memory behind every array in the outcome: moved to the caller instead of copied. */
function buffersOf(value: unknown): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) return value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
  if (typeof value !== 'object' || value === null) return [];
  return [...new Set(Object.values(value).flatMap(buffersOf))];
}
