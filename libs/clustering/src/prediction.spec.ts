/** Placing new points, on clusterings that can be read; the reference data has more. */
import { describe, expect, it } from '@jest/globals';
import { DifferentLengthsError, NotFiniteError, TooFewPointsError } from './errors.js';
import { hdbscan } from './hdbscan.js';
import { pointsFromRows } from './points.js';
import { approximatePredict } from './prediction.js';

const clustered = pointsFromRows([[0, 0], [0, 1], [1, 0], [1, 1], [20, 20], [20, 21], [21, 20], [21, 21], [21, 22]]);
const result = hdbscan(clustered, { minClusterSize: 3, minSamples: 2 });

describe('a new point', () => {
  it.each<{ name: string; point: [number, number]; label: number; probability: number }>([
    { name: 'amid a cluster', point: [0.5, 0.5], label: 0, probability: 1 },
    { name: 'that is a copy of a member', point: [20, 20], label: 1, probability: 1 },
    { name: 'beside a cluster', point: [22, 24], label: 1, probability: 1 / Math.sqrt(13) },
    { name: 'far from all', point: [300, 300], label: -1, probability: 0 },
  ])('$name is of cluster $label', ({ point, label, probability }) => {
    const { labels, probabilities } = approximatePredict(clustered, result, pointsFromRows([point]));
    expect([...labels]).toEqual([label]);
    expect(probabilities[0]).toBeCloseTo(probability, 12);
  });

  it('is placed by its angle when the clustering was by angle', () => {
    const arc = pointsFromRows([0, 0.1, 0.2, 1.3, 1.4, 1.5].map((angle) => [Math.cos(angle), Math.sin(angle)]));
    const byAngle = hdbscan(arc, { minClusterSize: 3, minSamples: 1, metric: 'cosine' });
    expect([...approximatePredict(arc, byAngle, pointsFromRows([[50, 5], [3, 40]])).labels]).toEqual([0, 1]);
  });

  it('may be none', () => expect(approximatePredict(clustered, result, pointsFromRows([])).labels).toHaveLength(0));
});

describe('placing refuses', () => {
  it.each<{ name: string; attempt: () => unknown; error: new (message: string) => Error; says: RegExp }>([
    { name: 'vectors of another model', attempt: () => approximatePredict(clustered, result, pointsFromRows([[1, 2, 3]])), error: DifferentLengthsError, says: /new points have 3 dimensions and the clustered ones 2/ },
    { name: 'a result of other points', attempt: () => approximatePredict(pointsFromRows([[1, 2]]), result, clustered), error: DifferentLengthsError, says: /result is of 9 points, but 1 were given/ },
    { name: 'NaN', attempt: () => approximatePredict(clustered, result, pointsFromRows([[1, NaN]])), error: NotFiniteError, says: /NaN at point 0, dimension 1/ },
    { name: 'too few clustered points', attempt: () => approximatePredict(pointsFromRows([[1]]), hdbscan(pointsFromRows([[1]]), { minClusterSize: 2 }), pointsFromRows([[1]])), error: TooFewPointsError, says: /1 points were clustered, but a new point is placed by its 3 nearest/ },
  ])('$name', ({ attempt, error, says }) => {
    expect(attempt).toThrow(error);
    expect(attempt).toThrow(says);
  });
});
