/** The thread behind the door: same answer, same errors, stoppable, and gone afterwards. */
import { describe, expect, it } from '@jest/globals';
import { clusterInWorker } from './cluster-in-worker.js';
import { runClusterJob } from './cluster-job.js';
import type { ClusterJob } from './cluster-job.js';
import { InvalidOptionError, InvalidPointsError } from './errors.js';

describe('clusterInWorker', () => {
  it('answers what the job answers here, and leaves the points with the caller', async () => {
    const job = { ...sampleJob(400), subsamples: [every(400, 2), every(400, 3)] };
    const before = job.points.data.slice();
    const outcome = await clusterInWorker(job);
    expect(outcome).toEqual(runClusterJob(job));
    expect(outcome.result.clusterCount).toBeGreaterThan(1);
    expect(outcome.subsamples.map(({ labels }) => labels.length)).toEqual([200, 134]);
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
    await clusterInWorker({ ...sampleJob(1_500), subsamples: [every(1_500, 2)] }, {
      onProgress: (fraction) => {
        if (said.push(fraction) === 1) threads = livingThreads();
      },
    });
    running = false;
    expect(said.length).toBeGreaterThan(20);
    expect(said).toEqual([...said].sort((a, b) => a - b));
    expect(said.at(-1)).toBeCloseTo(1, 12);
    expect(turns).toBeGreaterThan(said.length);
    expect([threads, livingThreads()]).toEqual([1, 0]);
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
    { name: 'an index of no point', change: { subsamples: [[0, 50]] }, error: InvalidPointsError, says: /index 50 at position 1 names no point/ },
  ])('refuses $name as it would here', async ({ change, error, says }) => {
    const attempt = clusterInWorker({ ...sampleJob(50), ...change });
    await expect(attempt).rejects.toThrow(error);
    await expect(attempt).rejects.toThrow(says);
  });
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
