/** The ways to group that are compared: how vectors are reduced, which clusters are selected, and what becomes of those that are in none. */
import { approximatePredict, hdbscan, placeNoise, project, reduce } from '@carillon/clustering';
import { UMAP } from 'umap-js';
import { seededRandom } from '../random.mjs';

/**
 * @typedef {object} Variant
 * @property {'none' | 'pca' | 'umap'} reduction
 * @property {number} dimensions
 * @property {'eom' | 'leaf'} selection
 * @property {number} reach how far noise may lie from the members of the group that it is given to; 0 leaves it alone
 */

const HDBSCAN = { minClusterSize: 5, minSamples: 1 };
/** As small a conversation as this is no town, but its neighbours are as many. */
const NEIGHBOURS = 15;

/** @param {import('@carillon/clustering').Points} points @param {Variant} variant */
export function group(points, { reduction, dimensions, selection, reach }) {
  const fitted = fitOnce(points, reduction, dimensions);
  const result = hdbscan(fitted.points, { ...HDBSCAN, selection });
  const labels = reach > 0 ? placeNoise(fitted.points, result.labels, { reach }) : result.labels;
  return { labels, result, fitted };
}

/** Where the groups of some points would put others. */
export function predict({ fitted, result, labels }, others, { reach }) {
  const projected = fitted.project(others);
  const { labels: predicted } = approximatePredict(fitted.points, result, projected);
  if (reach === 0) return predicted;
  const { count, dimensions, data } = fitted.points;
  const all = { data: Float32Array.from([...data, ...projected.data]), count: count + projected.count, dimensions };
  return placeNoise(all, Int32Array.from([...labels, ...predicted]), { reach }).slice(count);
}

/** Fitting costs more than all that is done with it, and many ways of grouping share one. */
const fits = new WeakMap();
function fitOnce(points, reduction, dimensions) {
  const known = fits.get(points) ?? fits.set(points, new Map()).get(points);
  const key = `${reduction} ${dimensions}`;
  if (!known.has(key)) known.set(key, fit(points, reduction, dimensions));
  return known.get(key);
}

function fit(points, reduction, dimensions) {
  if (reduction !== 'umap') {
    const reduced = reduce(points, { method: reduction, ...(reduction === 'pca' && { dimensions }) });
    return { points: reduced.points, project: once((others) => project(others, reduced)) };
  }
  const random = seededRandom(7);
  const umap = new UMAP({ nComponents: dimensions, nNeighbors: NEIGHBOURS, minDist: 0, random: random.uniform, distanceFn: cosine });
  return { points: pointsOf(umap.fit(rowsOf(points))), project: once((others) => pointsOf(umap.transform(rowsOf(others)))) };
}

function once(work) {
  const done = new WeakMap();
  return (given) => {
    if (!done.has(given)) done.set(given, work(given));
    return done.get(given);
  };
}

function rowsOf({ data, count, dimensions }) {
  return Array.from({ length: count }, (_, row) => Array.from(data.subarray(row * dimensions, (row + 1) * dimensions)));
}

function pointsOf(rows) {
  return { data: Float32Array.from(rows.flat()), count: rows.length, dimensions: rows[0].length };
}

/** Of unit vectors. */
function cosine(one, other) {
  let product = 0;
  for (let k = 0; k < one.length; k += 1) product += one[k] * other[k];
  return 1 - product;
}
