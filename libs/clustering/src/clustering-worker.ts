/** The thread's side of `inWorker`: takes one task from `workerData`, reports, answers once and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { packError } from './errors.js';
import type { PortableError } from './errors.js';
import { runTask } from './worker-task.js';
import type { TaskAnswer, WorkerTask } from './worker-task.js';

export interface ClusteringWorkerData {
  task: WorkerTask;
  /** To the threads that can help. */
  helpers: MessagePort[];
}

/** What the thread says. Exactly one `done` or `failed`, as the last message. */
export type WorkerMessage = { kind: 'progress'; fraction: number } | { kind: 'done'; answer: TaskAnswer } | { kind: 'failed'; error: PortableError };

if (parentPort) {
  const say = (message: WorkerMessage, moved: ArrayBuffer[] = []): void => parentPort?.postMessage(message, moved);
  const { task, helpers } = workerData as ClusteringWorkerData;
  try {
    const answer = runTask(task, (fraction) => say({ kind: 'progress', fraction }), {
      threads: 1 + helpers.length,
      ...(helpers.length > 0 ? { invite: (invitation) => helpers.forEach((helper) => helper.postMessage(invitation)) } : {}),
    });
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
