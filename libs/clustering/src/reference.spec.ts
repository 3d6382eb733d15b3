/** The same answers as the reference implementation, on the same data and for every set of parameters. */
import { readFileSync } from 'node:fs';
import { describe, expect } from '@jest/globals';
import { itWithReference, referenceData } from '@carillon/testing';
import { adjustedRandIndex } from './agreement.js';
import { densityValidity } from './density-validity.js';
import { hdbscan } from './hdbscan.js';
import type { HdbscanOptions, HdbscanResult } from './hdbscan.js';
import { pointsFromRows } from './points.js';
import type { Points } from './points.js';
import { approximatePredict } from './prediction.js';

interface ReferenceRun {
  params: { min_samples: number; min_cluster_size: number; cluster_selection_method: 'eom' | 'leaf'; cluster_selection_epsilon: number; allow_single_cluster: boolean; max_cluster_size: number };
  labels: number[];
  probabilities: number[];
  outlier_scores: number[];
  persistence: number[];
  core_distances: number[];
  mst_total: number;
  n_clusters: number;
  ari_vs_generic: number;
  ari_vs_boruvka: number;
  tie_sensitive: boolean;
  relative_validity: number;
  dbcv?: number;
  predict?: { points: number[][]; labels: number[]; probabilities: number[] };
}

describe.each(['iris', 'moons', 'blobs'])('hdbscan on %s', (name) => {
  const parameters = Array.from({ length: 9 }, (_, run) => run);

  itWithReference(`hdbscan/${name}.csv`).each(parameters)('agrees with reference run %d', (index) => {
    const run = referenceRuns(name)[index]!;
    const result = hdbscan(referencePoints(name), optionsOf(run));

    expect(result.mstTotal / run.mst_total).toBeCloseTo(1, 6);
    expectClose(result.coreDistances, run.core_distances);
    const agreement = adjustedRandIndex(result.labels, run.labels);
    if (run.tie_sensitive) {
      expect(agreement).toBeGreaterThanOrEqual(Math.min(run.ari_vs_generic, run.ari_vs_boruvka) - 0.02);
    } else {
      expect(agreement).toBe(1);
      expect(noise(result.labels)).toEqual(noise(run.labels));
      expect(result.clusterCount).toBe(run.n_clusters);
      expectClose(result.probabilities, run.probabilities);
      expectClose(result.outlierScores, run.outlier_scores);
      expectClose(inReferenceOrder(result, run), run.persistence);
      expect(result.relativeValidity).toBeCloseTo(run.relative_validity, 6);
      // Of the very labels of the reference, in its numbering.
      if (run.dbcv !== undefined) expect(densityValidity(referencePoints(name), run.labels)).toBeCloseTo(run.dbcv, 6);
      expectPredictions(result, run, referencePoints(name));
    }
  });

  itWithReference(`hdbscan/${name}.csv`)('has as many runs as are compared here', () => {
    expect(referenceRuns(name)).toHaveLength(parameters.length);
  });
});

function referencePoints(name: string): Points {
  const rows = read(`hdbscan/${name}.csv`).trim().split('\n').map((line) => line.split(',').map(Number));
  return { data: Float64Array.from(rows.flat()), count: rows.length, dimensions: rows[0]!.length };
}

function referenceRuns(name: string): ReferenceRun[] {
  return (JSON.parse(read(`hdbscan/${name}.contrib.json`)) as { runs: ReferenceRun[] }).runs;
}

function read(name: string): string {
  return readFileSync(referenceData(name) ?? name, 'utf8');
}

function optionsOf({ params }: ReferenceRun): HdbscanOptions {
  return {
    minClusterSize: params.min_cluster_size,
    minSamples: params.min_samples,
    selection: params.cluster_selection_method,
    clusterSelectionEpsilon: params.cluster_selection_epsilon,
    maxClusterSize: params.max_cluster_size,
    allowSingleCluster: params.allow_single_cluster,
  };
}

function noise(labels: ArrayLike<number>): number[] {
  return Array.from(labels).flatMap((label, point) => (label === -1 ? [point] : []));
}

function inReferenceOrder(result: HdbscanResult, run: ReferenceRun): number[] {
  return run.persistence.map((_, label) => result.persistence[result.labels[run.labels.indexOf(label)]!]!);
}

function expectPredictions(result: HdbscanResult, run: ReferenceRun, points: Points): void {
  if (!run.predict) return;
  const { labels, probabilities } = approximatePredict(points, result, pointsFromRows(run.predict.points));
  const renamed = run.predict.labels.map((label) => (label < 0 ? -1 : result.labels[run.labels.indexOf(label)]!));
  expect([...labels]).toEqual(renamed);
  expectClose(probabilities, run.predict.probabilities);
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  const worst = expected.reduce((largest, value, index) => Math.max(largest, Math.abs(value - actual[index]!)), 0);
  expect(actual).toHaveLength(expected.length);
  expect(worst).toBeLessThan(1e-6);
}
