/** Cheap validity, on trees that can be read. */
import { expect, it } from '@jest/globals';
import { relativeValidity } from './relative-validity.js';

it.each<{ name: string; edges: [number, number, number][]; labels: number[]; validity: number }>([
  { name: 'no clusters', edges: [[0, 1, 2]], labels: [-1, -1], validity: 0 },
  { name: 'no points', edges: [], labels: [], validity: 0 },
  { name: 'two clusters far apart', edges: [[0, 1, 1], [2, 3, 1], [1, 2, 4]], labels: [0, 0, 1, 1], validity: 0.75 },
  { name: 'two clusters wider than apart', edges: [[1, 2, 1], [0, 1, 4], [2, 3, 2]], labels: [0, 0, 1, 1], validity: 0.5 * -0.75 + 0.5 * -0.5 },
  { name: 'clusters that only noise joins', edges: [[0, 1, 1], [3, 4, 1], [1, 2, 2], [2, 3, 2]], labels: [0, 0, -1, 1, 1], validity: 0.8 * 0.75 },
  { name: 'one cluster and noise', edges: [[0, 1, 1], [1, 2, 2], [2, 3, 5]], labels: [0, 0, -1, -1], validity: 0.5 * 0.75 },
  { name: 'copies of two points', edges: [[0, 1, 0], [2, 3, 0], [1, 2, 1]], labels: [0, 0, 1, 1], validity: 1 },
])('of $name is $validity', ({ edges, labels, validity }) => {
  const tree = { from: Int32Array.from(edges, ([from]) => from), to: Int32Array.from(edges, ([, to]) => to), weight: Float64Array.from(edges, ([, , weight]) => weight) };
  expect(relativeValidity(tree, Int32Array.from(labels), Math.max(-1, ...labels) + 1)).toBeCloseTo(validity, 12);
});
