/** What HDBSCAN promises beyond the reference data: edges of the input, refusals, and laws that hold for any points. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { adjustedRandIndex } from './agreement.js';
import { DifferentLengthsError, InvalidOptionError, InvalidPointsError, NotFiniteError, TooFewPointsError } from './errors.js';
import { hdbscan } from './hdbscan.js';
import type { HdbscanOptions } from './hdbscan.js';
import { pointsFromRows, takeRows } from './points.js';
import type { Points } from './points.js';

const SMALL: HdbscanOptions = { minClusterSize: 3, minSamples: 1 };

describe('hdbscan', () => {
  it.each<{ name: string; values: number[]; options?: Partial<HdbscanOptions>; labels: number[] }>([
    { name: 'no points', values: [], labels: [] },
    { name: 'one point', values: [4], labels: [-1] },
    { name: 'two points', values: [4, 5], labels: [-1, -1] },
    { name: 'fewer points than a cluster needs', values: [1, 2, 3, 4], options: { minClusterSize: 5 }, labels: [-1, -1, -1, -1] },
    { name: 'fewer points than a cluster needs, a single one allowed', values: [1, 2, 3, 4], options: { minClusterSize: 5, allowSingleCluster: true }, labels: [-1, -1, -1, -1] },
    { name: 'all points equal', values: [7, 7, 7, 7, 7, 7], labels: [-1, -1, -1, -1, -1, -1] },
    { name: 'all points equal, a single cluster allowed', values: [7, 7, 7, 7, 7, 7], options: { allowSingleCluster: true }, labels: [0, 0, 0, 0, 0, 0] },
    { name: 'all points equal, leaves, a single cluster allowed', values: [7, 7, 7, 7], options: { allowSingleCluster: true, selection: 'leaf' }, labels: [0, 0, 0, 0] },
    { name: 'fewer points than a cluster or a neighbourhood needs', values: [0, 1, 2], options: { minClusterSize: 4, minSamples: 99 }, labels: [-1, -1, -1] },
    { name: 'two groups', values: [50, 51, 52, 0, 1, 2], labels: [0, 0, 0, 1, 1, 1] },
    { name: 'two groups and a stranger', values: [0, 1, 2, 500, 50, 51, 52], labels: [0, 0, 0, -1, 1, 1, 1] },
    { name: 'two groups of duplicates', values: [1, 9, 1, 9, 1, 9, 40], labels: [0, 1, 0, 1, 0, 1, -1] },
    { name: 'numbers too large to square', values: [1e200, 2e200, 3e200, -1e200, -2e200, -3e200], labels: [-1, -1, -1, -1, -1, -1] },
  ])('$name', ({ values, options, labels }) => {
    const result = hdbscan(line(values), { ...SMALL, ...options });
    expect([...result.labels]).toEqual(labels);
    expect(result.clusterCount).toBe(Math.max(-1, ...labels) + 1);
    for (const numbers of [result.probabilities, result.outlierScores]) {
      expect(numbers).toHaveLength(values.length);
      expect(numbers.every((value) => value >= 0 && value <= 1)).toBe(true);
    }
    expect(result.probabilities.filter((_, point) => labels[point] === -1).every((value) => value === 0)).toBe(true);
  });

  it('joins what split below the epsilon, and takes finer clusters when they may not grow large', () => {
    const values = [0, 0.1, 0.2, 1, 1.1, 1.2, 30, 30.1, 30.2];
    const labelsWith = (options: Partial<HdbscanOptions>): number[] => [...hdbscan(line(values), { ...SMALL, ...options }).labels];
    expect(labelsWith({ selection: 'leaf' })).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
    expect(labelsWith({ selection: 'leaf', clusterSelectionEpsilon: 2 })).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1]);
    expect(labelsWith({ maxClusterSize: 3 })).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
  });

  it('needs neighbours to speak of density', () => {
    const attempt = (): unknown => hdbscan(line([0, 1, 2, 50, 51, 52]), { ...SMALL, minSamples: 6 });
    expect(attempt).toThrow(TooFewPointsError);
    expect(attempt).toThrow(/6 points have only 5 neighbours each, but minSamples is 6: give at least 7 points or lower minSamples/);
  });

  it.each([1, 2, 2_048])('tells two far blobs apart in %d dimensions, few points or many', (dimensions) => {
    for (const count of [40, 600]) {
      const { data } = cloud(count, count, dimensions);
      const labels = Array.from({ length: count }, (_, row) => row % 2);
      // Each blob is a clump of small spread around its own place.
      const blobs = { data: data.map((value, at) => 0.01 * (value % 2) + 100 * labels[Math.floor(at / dimensions)]!), count, dimensions };
      expect([...hdbscan(blobs, { minClusterSize: 15 }).labels]).toEqual(labels);
    }
  });

  it('names what is wrong with points by its class', () => {
    expect(() => hdbscan(plane([1, 2, 3, NaN]), SMALL)).toThrow(NotFiniteError);
    expect(() => hdbscan({ ...plane([1, 2, 3, 4]), count: 3 }, SMALL)).toThrow(DifferentLengthsError);
    expect(() => pointsFromRows([[1, 2], [3, 4], [5]])).toThrow(DifferentLengthsError);
    expect(() => pointsFromRows([[1, 2], [3, 4], [5]])).toThrow(/row 2 has 1 numbers, but row 0 has 2/);
    expect(pointsFromRows([[1, 2], [3, 4]])).toEqual({ data: Float64Array.of(1, 2, 3, 4), count: 2, dimensions: 2 });
    expect(pointsFromRows([])).toMatchObject({ count: 0, dimensions: 0 });
  });

  it('measures angles with the cosine metric', () => {
    const angles = [0, 0.1, 0.2, 1.5, 1.6, 1.7, 3];
    const points = plane(angles.flatMap((angle, at) => [(at + 1) * Math.cos(angle), (at + 1) * Math.sin(angle)]));
    const { labels, coreDistances, spanningTree, mstTotal } = hdbscan(points, { ...SMALL, metric: 'cosine' });
    expect([...labels]).toEqual([0, 0, 0, 1, 1, 1, 1]);
    expect(coreDistances[6]).toBeCloseTo(1 - Math.cos(1.3), 12);
    expect(spanningTree.weight[6 - 1]).toBeCloseTo(1 - Math.cos(1.3), 12);
    expect(mstTotal).toBeCloseTo(4 * (1 - Math.cos(0.1)) + 2 * (1 - Math.cos(1.3)), 12);
    expect(() => hdbscan(plane([1, 1, 0, 0, 2, 2]), { ...SMALL, minClusterSize: 2, metric: 'cosine' })).toThrow(/all 0 at point 1/);
  });

  it.each<{ name: string; points: Points; says: RegExp }>([
    { name: 'NaN', points: plane([1, 2, 3, NaN]), says: /NaN at point 1, dimension 1: leave the point out/ },
    { name: 'Infinity', points: plane([Infinity, 2, 3, 4]), says: /Infinity at point 0, dimension 0/ },
    { name: 'a missing row', points: { ...plane([1, 2, 3, 4]), count: 3 }, says: /holds 4 numbers, but 3 points of 2 dimensions need 6/ },
    { name: 'a fraction of a point', points: { ...plane([1, 2]), count: 0.5 }, says: /points\.count is 0\.5/ },
    { name: 'no dimensions', points: { data: new Float32Array(0), count: 2, dimensions: 0 }, says: /at least one coordinate/ },
    { name: 'a plain array', points: { data: [1, 2] as unknown as Float32Array, count: 1, dimensions: 2 }, says: /points\.data is an Array: give a Float32Array/ },
  ])('refuses points with $name', ({ points, says }) => {
    const attempt = (): unknown => hdbscan(points, SMALL);
    expect(attempt).toThrow(InvalidPointsError);
    expect(attempt).toThrow(says);
  });

  it.each<{ options: object; says: RegExp }>([
    { options: { minClusterSize: 1 }, says: /minClusterSize is 1: it must be a whole number of at least 2/ },
    { options: {}, says: /minClusterSize is undefined/ },
    { options: { minClusterSize: 5, minSamples: 0 }, says: /minSamples is 0/ },
    { options: { minClusterSize: 5, minSamples: 2.5 }, says: /minSamples is 2\.5/ },
    { options: { minClusterSize: 5, selection: 'EOM' }, says: /selection is "EOM": it must be "eom" or "leaf"/ },
    { options: { minClusterSize: 5, clusterSelectionEpsilon: -1 }, says: /clusterSelectionEpsilon is -1/ },
    { options: { minClusterSize: 5, clusterSelectionEpsilon: Infinity }, says: /clusterSelectionEpsilon is Infinity/ },
    { options: { minClusterSize: 5, min_samples: 1 }, says: /no option "min_samples": did you mean "minSamples"\?/ },
    { options: { minClusterSize: 5, metric: 'manhattan' }, says: /metric is "manhattan": it must be "euclidean" or "cosine"/ },
    { options: { minClusterSize: 5, alpha: 1 }, says: /no option "alpha": it knows minClusterSize/ },
  ])('refuses options $options', ({ options, says }) => {
    const attempt = (): unknown => hdbscan(line([1, 2, 3]), options as HdbscanOptions);
    expect(attempt).toThrow(InvalidOptionError);
    expect(attempt).toThrow(says);
  });

  it('reports progress that rises to 1', () => {
    const said: number[] = [];
    hdbscan(cloud(3, 3_000, 2), SMALL, (fraction) => said.push(fraction));
    expect(said.length).toBeGreaterThan(20);
    expect(said).toEqual([...said].sort((a, b) => a - b));
    expect(said.at(-1)).toBe(1);
  });
});

describe('hdbscan on any points', () => {
  const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });
  // More than the largest minSamples.
  const sizes = fc.integer({ min: 13, max: 70 });
  const dimensions = fc.integer({ min: 1, max: 9 });
  const options = fc.record({ minClusterSize: fc.integer({ min: 2, max: 8 }), minSamples: fc.integer({ min: 1, max: 12 }), selection: fc.constantFrom('eom' as const, 'leaf' as const), allowSingleCluster: fc.boolean() });

  it('gives the same bits every time, from single or double precision', () => {
    fc.assert(fc.property(seeds, sizes, dimensions, options, (seed, count, width, rules) => {
      const points = cloud(seed, count, width);
      const single = Float32Array.from(points.data);
      expect(hdbscan({ ...points, data: single }, rules)).toEqual(hdbscan({ ...points, data: Float64Array.from(single) }, rules));
    }));
  });

  it('gives the same partition in any order when no distances are equal', () => {
    fc.assert(fc.property(seeds, sizes, dimensions, options, (seed, count, width, rules) => {
      const points = cloud(seed, count, width);
      const order = shuffled(count, seed);
      const shuffledPoints = takeRows(points, order);
      // With one neighbour, mutual reachability is the distance itself, so that only equal distances could tie.
      const before = hdbscan(points, { ...rules, minSamples: 1 });
      const after = hdbscan(shuffledPoints, { ...rules, minSamples: 1 });
      expect(adjustedRandIndex(after.labels, order.map((point) => before.labels[point]!))).toBe(1);
      expect(hdbscan(shuffledPoints, rules).mstTotal).toBeCloseTo(hdbscan(points, rules).mstTotal, 9);
    }));
  });

  it('does not depend on the scale', () => {
    fc.assert(fc.property(seeds, sizes, dimensions, options, fc.integer({ min: -20, max: 20 }), (seed, count, width, rules, exponent) => {
      const points = cloud(seed, count, width);
      const factor = 2 ** exponent;
      const small = hdbscan(points, rules);
      const large = hdbscan({ ...points, data: points.data.map((value) => value * factor) }, rules);
      const { spanningTree: tree, model } = large;
      expect({
        ...large,
        coreDistances: large.coreDistances.map((value) => value / factor),
        mstTotal: large.mstTotal / factor,
        spanningTree: { ...tree, weight: tree.weight.map((value) => value / factor) },
        model: { ...model, closerCores: model.closerCores.map((value) => value / factor), birth: model.birth.map((value) => value * factor), pointLambda: model.pointLambda.map((value) => value * factor), densest: model.densest.map((value) => value * factor) },
      }).toEqual(small);
    }));
  });

  it('keeps the copies of a point together, and two places of many copies apart', () => {
    fc.assert(fc.property(seeds, fc.integer({ min: 2, max: 40 }), options, (seed, count, rules) => {
      const copies = Math.max(rules.minSamples + 1, rules.minClusterSize);
      const points = cloud(seed, count, 3);
      const rows = [...Array(copies).fill(0), ...Array(copies).fill(1), ...Array.from({ length: count }, (_, row) => row)] as number[];
      const { labels, probabilities } = hdbscan(takeRows(points, shuffled(rows.length, seed).map((row) => rows[row]!)), { ...rules, selection: 'eom' });
      const places = shuffled(rows.length, seed).map((row) => rows[row]!);
      for (const place of [0, 1]) {
        const members = places.flatMap((row, point) => (row === place ? [point] : []));
        expect(new Set(members.map((point) => labels[point])).size).toBe(1);
        expect(members.every((point) => labels[point]! >= 0 && probabilities[point] === 1)).toBe(true);
      }
      expect(labels[places.indexOf(0)]).not.toBe(labels[places.indexOf(1)]);
    }));
  });

  it('makes clusters of at least the smallest size, numbered by first member, with a full member each', () => {
    fc.assert(fc.property(seeds, sizes, dimensions, options, (seed, count, width, rules) => {
      const { labels, probabilities, clusterCount, persistence } = hdbscan(cloud(seed, count, width), { ...rules, allowSingleCluster: false });
      expect(persistence).toHaveLength(clusterCount);
      const firsts = Array.from({ length: clusterCount }, (_, label) => labels.indexOf(label));
      expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
      for (let label = 0; label < clusterCount; label++) {
        const members = Array.from(labels.keys()).filter((point) => labels[point] === label);
        expect(members.length).toBeGreaterThanOrEqual(rules.minClusterSize);
        expect(Math.max(...members.map((point) => probabilities[point]!))).toBe(1);
      }
    }));
  });
});

function line(values: number[]): Points {
  return { data: Float64Array.from(values), count: values.length, dimensions: 1 };
}

function plane(values: number[]): Points {
  return { data: Float64Array.from(values), count: values.length / 2, dimensions: 2 };
}

/** Points around a few centres, from a seed; no two distances are equal. */
function cloud(seed: number, count: number, dimensions: number): Points {
  const next = chance(seed);
  const data = Float64Array.from({ length: count * dimensions }, () => 0);
  for (let row = 0; row < count; row++) {
    const centre = 5 * Math.floor(3 * next());
    for (let k = 0; k < dimensions; k++) data[row * dimensions + k] = centre + next() + next();
  }
  return { data, count, dimensions };
}

function shuffled(count: number, seed: number): number[] {
  const next = chance(seed + 1);
  const keys = Array.from({ length: count }, () => next());
  return Array.from(keys.keys()).sort((a, b) => keys[a]! - keys[b]!);
}

function chance(seed: number): () => number {
  let state = seed % 2_147_483_647 || 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
