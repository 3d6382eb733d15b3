/** The thread behind the door: same answer, same errors, stoppable, and gone afterwards. */
import { describe, expect, it } from '@jest/globals';
import { clusterInWorker, clusterSubsamplesInWorkers, hdbscanInWorker } from './cluster-in-worker.js';
import { runClusterJob } from './cluster-job.js';
import type { ClusterJob } from './cluster-job.js';
import { InvalidOptionError, InvalidPointsError, TooFewPointsError } from './errors.js';
import { hdbscan } from './hdbscan.js';
import { takeRows } from './points.js';
import { reduce } from './reduce.js';

describe('clusterInWorker', () => {
  it('answers what the job answers here, and leaves the points with the caller', async () => {
    const job = sampleJob(400);
    const before = job.points.data.slice();
    const outcome = await clusterInWorker(job);
    expect(outcome).toEqual(runClusterJob(job));
    expect(outcome.result.clusterCount).toBeGreaterThan(1);
    expect(job.points.data).toEqual(before);
  });

  it('reports progress that rises to 1, while the event loop turns', async () => {
    const said: number[] = [];
    let turns = 0;
    let threads = 0;
    let running = true;
    const turn = (): void => {
      turns++;
      if (running) setImmediate(turn);
    };
    turn();
    await clusterInWorker(sampleJob(2_000), {
      threads: 2,
      onProgress: (fraction) => {
        if (said.push(fraction) === 1) threads = livingThreads();
      },
    });
    running = false;
    expect(said.length).toBeGreaterThan(20);
    expect(said).toEqual([...said].sort((a, b) => a - b));
    expect(said.at(-1)).toBeCloseTo(1, 12);
    expect(turns).toBeGreaterThan(said.length);
    expect([threads, livingThreads()]).toEqual([2, 0]);
  });

  it('ends the thread when it is cancelled', async () => {
    const cancel = new AbortController();
    const reason = new Error('the run was cancelled');
    const started = clusterInWorker(sampleJob(20_000), { signal: cancel.signal, onProgress: () => cancel.abort(reason) });
    await expect(started).rejects.toBe(reason);
    expect(livingThreads()).toBe(0);
  });

  it('starts no thread for a run that is cancelled already', async () => {
    await expect(clusterInWorker(sampleJob(10), { signal: AbortSignal.abort() })).rejects.toHaveProperty('name', 'AbortError');
  });

  it('ends the thread when the listener throws', async () => {
    const mistake = new Error('a defect of the listener');
    await expect(clusterInWorker(sampleJob(20_000), { onProgress: () => { throw mistake; } })).rejects.toBe(mistake);
  });

  it.each<{ name: string; change: Partial<ClusterJob>; error: typeof InvalidPointsError | typeof InvalidOptionError; says: RegExp }>([
    { name: 'NaN', change: { points: { data: Float32Array.of(1, NaN), count: 2, dimensions: 1 } }, error: InvalidPointsError, says: /NaN at point 1, dimension 0/ },
    { name: 'what are not points', change: { points: { data: [1, 2] as unknown as Float32Array, count: 2, dimensions: 1 } }, error: InvalidPointsError, says: /is an Array/ },
    { name: 'a bad option', change: { hdbscan: { minClusterSize: 0 } }, error: InvalidOptionError, says: /minClusterSize is 0/ },
  ])('refuses $name as it would here', async ({ change, error, says }) => {
    const attempt = clusterInWorker({ ...sampleJob(50), ...change });
    await expect(attempt).rejects.toThrow(error);
    await expect(attempt).rejects.toThrow(says);
  });
});

describe('hdbscanInWorker', () => {
  it('gives the same bits on any number of threads, and here', async () => {
    const { points, hdbscan: options } = sampleJob(2_500);
    const here = hdbscan(points, options);
    for (const threads of [1, 2, 3]) expect(await hdbscanInWorker(points, options, { threads })).toEqual(here);
    expect(livingThreads()).toBe(0);
  });

  it('ends all threads when it is cancelled', async () => {
    const cancel = new AbortController();
    const reason = new Error('the run was cancelled');
    const { points, hdbscan: options } = sampleJob(20_000);
    await expect(hdbscanInWorker(points, options, { threads: 3, signal: cancel.signal, onProgress: () => cancel.abort(reason) })).rejects.toBe(reason);
    expect(livingThreads()).toBe(0);
  });

  it('refuses less than one thread', async () => {
    const { points, hdbscan: options } = sampleJob(10);
    await expect(hdbscanInWorker(points, options, { threads: 0 })).rejects.toThrow(/threads is 0: it must be a whole number of at least 1/);
  });

  it('says by its class what it was not given enough of', async () => {
    const { points } = sampleJob(10);
    await expect(hdbscanInWorker(points, { minClusterSize: 5, minSamples: 10 })).rejects.toThrow(TooFewPointsError);
  });
});

describe('clusterSubsamplesInWorkers', () => {
  const subsamples = [every(600, 2), every(600, 3), every(600, 5)];

  it('clusters each part in the reduction of all points, in order, and says how far it is', async () => {
    const job = sampleJob(600);
    const said: number[] = [];
    const results = await clusterSubsamplesInWorkers({ ...job, subsamples }, { onProgress: (fraction) => said.push(fraction) });
    const { points } = reduce(job.points, job.reduce);
    expect(results).toEqual(subsamples.map((indices) => hdbscan(takeRows(points, indices), job.hdbscan)));
    expect(said).toEqual([...said].sort((a, b) => a - b));
    expect(said.at(-1)).toBeCloseTo(1, 12);
  });

  it('leaves no thread when it is cancelled, or when one part fails', async () => {
    const cancel = new AbortController();
    const reason = new Error('the run was cancelled');
    await expect(clusterSubsamplesInWorkers({ ...sampleJob(600), subsamples }, { signal: cancel.signal, onProgress: (fraction) => fraction > 0.5 && cancel.abort(reason) })).rejects.toBe(reason);
    await expect(clusterSubsamplesInWorkers({ ...sampleJob(600), subsamples: [[0, 600]] })).rejects.toThrow(/index 600 at position 1 names no point/);
    await expect(clusterSubsamplesInWorkers({ ...sampleJob(600), hdbscan: { minClusterSize: 0 }, subsamples })).rejects.toThrow(InvalidOptionError);
    expect(livingThreads()).toBe(0);
  });

  it('has nothing to say about no parts', async () => expect(await clusterSubsamplesInWorkers({ ...sampleJob(60), subsamples: [] })).toEqual([]));
});

/** Worker threads of this process, as its own diagnostic report counts them. */
function livingThreads(): number {
  return (process.report.getReport() as unknown as { workers: unknown[] }).workers.length;
}

/** Six groups in 16 dimensions, reduced to 5. */
function sampleJob(count: number): ClusterJob {
  const data = Float32Array.from({ length: count * 16 }, (_, at) => {
    const row = Math.floor(at / 16);
    return (at % 16 === row % 6 ? 4 : 0) + Math.sin(at * 12.9898) * 0.6;
  });
  return { points: { data, count, dimensions: 16 }, reduce: { method: 'pca', dimensions: 5 }, hdbscan: { minClusterSize: 5, minSamples: 2 } };
}

function every(count: number, step: number): number[] {
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step);
}
