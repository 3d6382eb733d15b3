/** The thread's side of `inWorker`: takes one task from `workerData`, reports, answers once and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ClusterOutcome } from './cluster-job.js';
import { packError } from './errors.js';
import type { PortableError } from './errors.js';
import type { Reduction } from './reduce.js';
import { runTask } from './worker-task.js';
import type { WorkerTask } from './worker-task.js';

/** What the thread says. Exactly one `done` or `failed`, as the last message. */
export type WorkerMessage = { kind: 'progress'; fraction: number } | { kind: 'done'; answer: ClusterOutcome | Reduction } | { kind: 'failed'; error: PortableError };

if (parentPort) {
  const say = (message: WorkerMessage, moved: ArrayBuffer[] = []): void => parentPort?.postMessage(message, moved);
  try {
    const answer = runTask(workerData as WorkerTask, (fraction) => say({ kind: 'progress', fraction }));
    say({ kind: 'done', answer }, buffersOf(answer));
  } catch (thrown) {
    say({ kind: 'failed', error: packError(thrown) });
  }
}

/** The memory behind every array in the answer: moved to the caller instead of copied. */
function buffersOf(value: unknown): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) return value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
  if (typeof value !== 'object' || value === null) return [];
  return [...new Set(Object.values(value).flatMap(buffersOf))];
}
