/** Minutes of arithmetic in a thread of its own, so that the event loop keeps answering and a cancelled run stops at once. */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { WorkerMessage } from './clustering-worker.js';
import { ClusteringWorkerError, unpackError } from './errors.js';
import type { AnswerTo, WorkerTask } from './worker-task.js';

export interface InWorkerOptions {
  /** Aborting ends the thread and rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Told a rising fraction between 0 and 1. If it throws, the thread is ended and the promise rejects with what was thrown. */
  onProgress?: (fraction: number) => void;
}

/**
 * Runs a task in a thread that is started for it and gone when the promise settles. The caller's points are copied, never detached; results are moved.
 * @throws InvalidPointsError, InvalidOptionError as `reduce` and `hdbscan` do; ClusteringWorkerError when the thread dies; the signal's reason.
 */
export async function inWorker<T extends WorkerTask>(task: T, { signal, onProgress }: InWorkerOptions = {}): Promise<AnswerTo<T>> {
  signal?.throwIfAborted();
  const { data, moved } = ownCopy(task);
  const worker = new Worker(createRequire(import.meta.url).resolve('#clustering-worker'), { workerData: data, transferList: moved });
  // The exit settles, whatever led to it: then the thread is certainly gone.
  return new Promise((resolve, reject) => {
    let answer: (() => void) | undefined;
    const stop = (settle: () => void): void => {
      answer ??= settle;
      void worker.terminate();
    };
    const onAbort = (): void => stop(() => reject(signal?.reason));
    signal?.addEventListener('abort', onAbort, { once: true });
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'done') answer ??= () => resolve(message.answer as AnswerTo<T>);
      else if (message.kind === 'failed') answer ??= () => reject(unpackError(message.error));
      else if (!answer) {
        try {
          onProgress?.(message.fraction);
        } catch (thrown) {
          stop(() => reject(thrown));
        }
      }
    });
    worker.on('error', (cause) => {
      answer ??= () => reject(new ClusteringWorkerError(`The clustering worker died on ${task.points.count} points: ${cause instanceof Error ? cause.message : String(cause)}. If memory ran out, give the process more or cluster fewer points at once.`, { cause }));
    });
    worker.on('exit', (code) => {
      signal?.removeEventListener('abort', onAbort);
      answer ??= () => reject(new ClusteringWorkerError(`The clustering worker ended with code ${code} and without an answer: something else in the process ended it; run the step again.`));
      answer();
    });
  });
}

/** The task with its own copy of the numbers, and the memory to move. Cloning a view would clone all of the buffer under it. */
function ownCopy(task: WorkerTask): { data: WorkerTask; moved: ArrayBuffer[] } {
  const { data } = task.points;
  // What is not an array of numbers is sent as it is: the thread refuses it with the proper error.
  if (!ArrayBuffer.isView(data)) return { data: task, moved: [] };
  const copy = data.slice();
  return { data: { ...task, points: { ...task.points, data: copy } }, moved: [copy.buffer as ArrayBuffer] };
}
