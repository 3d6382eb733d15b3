/** Minutes of arithmetic in threads of their own, so that the event loop keeps answering and a cancelled run stops at once. */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { ClusteringWorkerData, WorkerMessage } from './clustering-worker.js';
import type { CrewWorkerData } from './crew-worker.js';
import { ClusteringWorkerError, unpackError } from './errors.js';
import { isWhole, requireOption } from './options.js';
import type { AnswerTo, WorkerTask } from './worker-task.js';

export interface InWorkerOptions {
  /** Aborting ends the threads and rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Told a rising fraction between 0 and 1. If it throws, the threads are ended and the promise rejects with what was thrown. */
  onProgress?: (fraction: number) => void;
  /** How many threads may work; unless given, as many as there are processors, and one where more would not pay. The result does not depend on it. */
  threads?: number;
}

/** Fewer points are done before a second thread has started. */
const SHARED_FROM = 3_000;
const MOST_THREADS = 16;
/** Numbers copied before the event loop may turn: about a millisecond, most of it for memory that is touched for the first time. */
const COPIED_AT_ONCE = 250_000;

/**
 * Runs a task in threads that are started for it and gone when the promise settles. The caller's points are copied and must stay as they are until the first progress;
 * results are moved.
 * @throws InvalidPointsError, InvalidOptionError as `reduce` and `hdbscan` do; ClusteringWorkerError when a thread dies; the signal's reason.
 */
export async function inWorker<T extends WorkerTask>(task: T, { signal, onProgress, threads = usualThreads(task) }: InWorkerOptions = {}): Promise<AnswerTo<T>> {
  requireOption(isWhole(threads, 1), 'a clustering thread', 'threads', threads, 'a whole number of at least 1');
  signal?.throwIfAborted();
  const points = await shared(task.points);
  signal?.throwIfAborted();
  const crew = planThreads({ ...task, points }, threads);
  // The last exit settles, whatever led to it: then the threads are certainly gone.
  return new Promise((resolve, reject) => {
    let answer: (() => void) | undefined;
    const living = new Set<Worker>();
    const stop = (settle: () => void): void => {
      answer ??= settle;
      for (const worker of living) void worker.terminate();
    };
    const onAbort = (): void => stop(() => reject(signal?.reason));
    const begin = (worker: Worker): Worker => {
      living.add(worker);
      worker.on('error', (cause) => {
        stop(() => reject(new ClusteringWorkerError(`A clustering thread died on ${task.points.count} points: ${cause instanceof Error ? cause.message : String(cause)}. If memory ran out, give the process more or cluster fewer points at once.`, { cause })));
      });
      worker.on('exit', (code) => {
        // A helper leaves when the work is done; without an answer, nobody else may leave.
        if (worker === leader) stop(() => reject(new ClusteringWorkerError(`The clustering thread ended with code ${code} and without an answer: something else in the process ended it; run the step again.`)));
        living.delete(worker);
        if (living.size > 0) return;
        signal?.removeEventListener('abort', onAbort);
        answer?.();
      });
      return worker;
    };
    const leader = begin(crew.leader());
    signal?.addEventListener('abort', onAbort, { once: true });
    leader.on('message', (message: WorkerMessage) => {
      if (message.kind === 'done') stop(() => resolve(message.answer as AnswerTo<T>));
      else if (message.kind === 'failed') stop(() => reject(unpackError(message.error)));
      else if (!answer) {
        try {
          onProgress?.(message.fraction);
        } catch (thrown) {
          stop(() => reject(thrown));
        }
      }
    });
    void beginOneByOne(crew.helpers, begin, () => answer !== undefined).catch((error: unknown) => stop(() => reject(error)));
  });
}

/** Starting a thread holds the event loop for some ten milliseconds, so it turns in between. Helpers may come late: the leader does their part until then. */
async function beginOneByOne(helpers: readonly (() => Worker)[], begin: (worker: Worker) => void, isOver: () => boolean): Promise<void> {
  for (const start of helpers) {
    await setImmediate();
    if (isOver()) return;
    begin(start());
  }
}

function usualThreads({ kind, points }: WorkerTask): number {
  return kind !== 'reduce' && points.count >= SHARED_FROM ? Math.min(MOST_THREADS, availableParallelism()) : 1;
}

/** The threads that are to be started; the channels between them are there already. */
function planThreads(task: WorkerTask, threads: number): { leader: () => Worker; helpers: (() => Worker)[] } {
  const { resolve } = createRequire(import.meta.url);
  const channels = Array.from({ length: threads - 1 }, () => new MessageChannel());
  const workerData: ClusteringWorkerData = { task, helpers: channels.map(({ port1 }) => port1) };
  return {
    leader: () => new Worker(resolve('#clustering-worker'), { workerData, transferList: workerData.helpers }),
    helpers: channels.map(({ port2 }, index) => () => {
      const data: CrewWorkerData = { port: port2, thread: index + 1 };
      return new Worker(resolve('#crew-worker'), { workerData: data, transferList: [port2] });
    }),
  };
}

/** The points in memory that all threads can read. */
async function shared<T extends WorkerTask['points']>(points: T): Promise<T> {
  const { data } = points;
  // What is not an array of numbers is sent as it is: the thread refuses it with the proper error.
  if (!(data instanceof Float32Array || data instanceof Float64Array) || data.buffer instanceof SharedArrayBuffer) return points;
  const bytes = new SharedArrayBuffer(data.byteLength);
  const copy = data instanceof Float32Array ? new Float32Array(bytes) : new Float64Array(bytes);
  for (let from = 0; from < data.length; from += COPIED_AT_ONCE) {
    if (from > 0) await setImmediate();
    copy.set(data.subarray(from, from + COPIED_AT_ONCE), from);
  }
  return { ...points, data: copy };
}
