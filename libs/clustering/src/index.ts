/**
 * Clustering: arithmetic on vectors. Pure functions of their arguments: no clock, no chance, no other library of ours.
 *
 * - `hdbscanInWorker(points, options, { signal, onProgress, threads })`: exact HDBSCAN on all processors, off the event loop. Labels, membership, outlier scores, persistence,
 *   relative validity. At most O(n² d) time, no n × n memory, the same bits on any number of threads. `hdbscan` is the same where it is called, and blocks.
 * - `approximatePredict(points, result, newPoints)`: where new points would belong. `densityValidity(points, labels)`: how good any labelling is (DBCV).
 * - `placeNoise(points, labels, { reach })`: a cluster for noise that is as close to its centre as its members are.
 * - `reduce(points, options)`, `project(points, reducer)`: principal components and unit length, fitted once and applied to later points.
 * - `clusterInWorker(job, …)`: reduction and clustering in one go, off the event loop; `clusterSubsamplesInWorkers` does it for parts of the points side by side.
 *   `runClusterJob(job)`: the same where it is called.
 * - `adjustedRandIndex`, `jaccard`: agreement of two groupings. `centroid`, `cohesion`: what a cluster looks like. `takeRows`: some of the points. `pointsFromRows`.
 *
 * Conventions
 * - Points are one flat row-major array. Distance is Euclidean or cosine (1 - cos). Clusters of normalised rows by Euclidean distance join in the same order as by cosine,
 *   but densities differ, and with them sometimes which clusters are selected.
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
export { placeNoise } from './place-noise.js';
export type { PlaceNoiseOptions } from './place-noise.js';
export { pointsFromRows, takeRows } from './points.js';
export type { Points } from './points.js';
export { approximatePredict } from './prediction.js';
export type { Prediction, PredictionModel } from './prediction.js';
export { project, reduce } from './reduce.js';
export type { ReduceOptions, Reducer, Reduction } from './reduce.js';
