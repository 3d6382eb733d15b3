/** The groupings of every run, as they came out: listed, compared, and made again from what was recorded. */
import { clusterInWorker } from '@carillon/clustering';
import type { HdbscanOptions } from '@carillon/clustering';
import type { JsonObject } from '@carillon/engine';
import type { DataSource } from 'typeorm';
import { NotFound } from '../errors.js';
import type { ClusteringComparison, Labelling } from '../rules/compare-clusterings.js';
import { compareClusterings } from '../rules/compare-clusterings.js';
import { withNoisePlaced } from '../rules/place-noise.js';
import { hashOfSpace, readVectorsOf } from '../store/candidate-vectors.js';

export interface ClusteringListing {
  id: string;
  runId: string;
  embeddingModel: string;
  parameters: JsonObject;
  reduction: JsonObject;
  candidates: number;
  clusters: number;
  noise: number;
  at: Date;
}

const COLUMNS = `id, run_id AS "runId", embedding_model AS "embeddingModel", parameters, reduction, candidate_count AS candidates, cluster_count AS clusters, noise_count AS noise, created_at AS at`;

/** The latest first. */
export async function listClusterings(dataSource: DataSource, limit = 50): Promise<ClusteringListing[]> {
  return dataSource.manager.query<ClusteringListing[]>(`SELECT ${COLUMNS} FROM deliberation.clustering_run ORDER BY created_at DESC, id DESC LIMIT $1`, [limit]);
}

/** By its own id, or by that of its run; of a run with several embedding models the one with most candidates. @throws NotFound */
export async function findClustering(dataSource: DataSource, id: string): Promise<ClusteringListing> {
  const [found] = await dataSource.manager.query<ClusteringListing[]>(`SELECT ${COLUMNS} FROM deliberation.clustering_run WHERE id = $1 OR run_id = $1 ORDER BY (id = $1) DESC, candidate_count DESC, id LIMIT 1`, [id]);
  if (!found) throw new NotFound(`there is no clustering ${id}, and no run ${id} that made one: "carillon clusters runs" lists them`);
  return found;
}

/** Which candidate got which label, as the run recorded it. */
export async function labellingOf(dataSource: DataSource, clusteringId: string): Promise<Labelling> {
  const rows = await dataSource.manager.query<{ id: string; label: number }[]>('SELECT candidate_id AS id, label FROM deliberation.clustering_assignment WHERE clustering_run_id = $1 ORDER BY candidate_id', [clusteringId]);
  return new Map(rows.map(({ id, label }) => [id, label]));
}

export interface ClusteringDiff extends ClusteringComparison {
  before: ClusteringListing;
  after: ClusteringListing;
  /** Title of the cluster that a label was, by label. */
  titles: { before: Record<number, string>; after: Record<number, string> };
}

/** What changed from one run's grouping to another's. @throws NotFound */
export async function diffClusterings(dataSource: DataSource, from: string, to: string): Promise<ClusteringDiff> {
  const [before, after] = [await findClustering(dataSource, from), await findClustering(dataSource, to)];
  const comparison = compareClusterings(await labellingOf(dataSource, before.id), await labellingOf(dataSource, after.id));
  return { ...comparison, before, after, titles: { before: await titlesOf(dataSource, before.id), after: await titlesOf(dataSource, after.id) } };
}

async function titlesOf(dataSource: DataSource, clusteringId: string): Promise<Record<number, string>> {
  const rows = await dataSource.manager.query<{ label: number; title: string }[]>(
    `SELECT DISTINCT ON (a.label) a.label, c.title->>'en' AS title FROM deliberation.clustering_assignment a JOIN deliberation.cluster c ON c.id = a.cluster_id
     WHERE a.clustering_run_id = $1 AND a.label >= 0 GROUP BY a.label, c.id ORDER BY a.label, count(*) DESC, c.id`,
    [clusteringId],
  );
  return Object.fromEntries(rows.map(({ label, title }) => [label, title]));
}

export interface Reproduction {
  clustering: ClusteringListing;
  /** Label for label, as it was recorded. */
  identical: boolean;
  /** Candidates whose label differs. */
  different: number;
  /** The vectors are bit for bit those of then; null for a clustering that is older than this record. */
  sameVectors: boolean | null;
  /** Candidates whose vectors have been replaced by another model's since: without them the grouping can not be made again. */
  missing: number;
  agreement: number;
}

/** Groups the same concerns again with the recorded parameters, and says whether every label is the same. Changes nothing. @throws NotFound */
export async function reproduceClustering(dataSource: DataSource, id: string, signal?: AbortSignal): Promise<Reproduction> {
  const clustering = await findClustering(dataSource, id);
  const recorded = await labellingOf(dataSource, clustering.id);
  const space = await readVectorsOf(dataSource.manager, clustering.embeddingModel, [...recorded.keys()]);
  const missing = recorded.size - space.candidateIds.length;
  const sha256 = clustering.parameters['vectorsSha256'];
  const sameVectors = typeof sha256 === 'string' ? hashOfSpace(space) === sha256 : null;
  if (missing > 0) return { clustering, identical: false, different: missing, sameVectors, missing, agreement: 0 };
  const points = { data: space.data, count: space.candidateIds.length, dimensions: space.dimensions };
  // Older records know of no placing.
  const { result } = withNoisePlaced(Number(clustering.parameters['noiseReach'] ?? 0), await clusterInWorker({ points, ...recordedOptions(clustering) }, { ...(signal && { signal }) }));
  const again = new Map(space.candidateIds.map((candidate, row) => [candidate, result.labels[row] ?? -1]));
  const different = [...recorded].filter(([candidate, label]) => again.get(candidate) !== label).length;
  return { clustering, identical: different === 0, different, sameVectors, missing, agreement: compareClusterings(recorded, again).agreement };
}

/** As the cluster step wrote them. */
function recordedOptions({ parameters, reduction }: ClusteringListing): { reduce: { method: 'pca' | 'none'; dimensions: number }; hdbscan: HdbscanOptions } {
  const { minClusterSize, minSamples, selection, allowSingleCluster } = parameters;
  return {
    reduce: { method: reduction['method'] === 'pca' ? 'pca' : 'none', dimensions: Number(reduction['dimensions']) },
    hdbscan: { minClusterSize: Number(minClusterSize), minSamples: Number(minSamples), selection: selection === 'leaf' ? 'leaf' : 'eom', allowSingleCluster: allowSingleCluster === true },
  };
}
