/**
 * Clustering: arithmetic on vectors. Pure functions of their arguments: no clock, no chance, no other library of ours.
 *
 * - `hdbscan(points, options)`: exact HDBSCAN. Labels, membership, outlier scores, persistence. Blocks; at most O(n² d) time, no n × n memory.
 * - `reduce(points, options)`, `project(points, reducer)`: principal components and unit length, fitted once and applied to later points.
 * - `clusterInWorker(job, { signal, onProgress })`: both in a thread of its own; `clusterSubsamplesInWorkers` does it for parts of the points side by side. What
 *   a service calls.
 * - `runClusterJob(job)`: the same without a thread.
 * - `adjustedRandIndex`, `jaccard`: agreement of two groupings. `centroid`, `cohesion`: what a cluster looks like. `takeRows`: some of the points.
 *
 * Conventions
 * - Points are one flat row-major array. Distance is Euclidean; for cosine, normalise the rows first (`reduce` with `normalize`): the order of distances is the same.
 * - `minSamples` does not count the point itself, like the hdbscan package of scikit-learn-contrib, whose results this library equals. scikit-learn's own HDBSCAN
 *   counts it: its min_samples = k is k - 1 here. R's dbscan has one number for both: its minPts = m is minClusterSize m and minSamples m - 1.
 * - Label -1 is noise. Clusters are numbered by their first member, so a label means nothing across two runs: match clusters by their members.
 * - Identical points are at distance 0 and density infinity. The cluster that holds more than `minSamples` copies of one point has infinite stability and is
 *   always selected in place of its ancestors.
 * - The same points in the same order give the same bits. In another order, ties between equal distances may be broken differently.
 */
export { adjustedRandIndex, jaccard } from './agreement.js';
export { centroid, cohesion } from './centroid.js';
export { clusterInWorker, clusterSubsamplesInWorkers, hdbscanInWorker } from './cluster-in-worker.js';
export type { SubsampleJob } from './cluster-in-worker.js';
export { runClusterJob } from './cluster-job.js';
export type { ClusterJob, ClusterOutcome } from './cluster-job.js';
export { densityValidity } from './density-validity.js';
export { ClusteringError, ClusteringWorkerError, DifferentLengthsError, InvalidLabelsError, InvalidOptionError, InvalidPointsError, NotFiniteError, TooFewPointsError } from './errors.js';
export { hdbscan } from './hdbscan.js';
export type { HdbscanOptions, HdbscanResult } from './hdbscan.js';
export type { InWorkerOptions } from './in-worker.js';
export type { Metric } from './metric.js';
export { pointsFromRows, takeRows } from './points.js';
export type { Points } from './points.js';
export { approximatePredict } from './prediction.js';
export type { Prediction, PredictionModel } from './prediction.js';
export { project, reduce } from './reduce.js';
export type { ReduceOptions, Reducer, Reduction } from './reduce.js';
