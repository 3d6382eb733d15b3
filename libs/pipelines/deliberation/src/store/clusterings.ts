/** What one run's clustering came to, written in one go: raw assignments, and what they mean for the clusters that people see. Bulk statements: rows by the thousand. */
import type { JsonObject } from '@carillon/engine';
import type { EntityManager } from 'typeorm';
import type { ClusterChangeKind, Localized } from '../entities-groups.js';
import { beginMemberships, endMemberships, recount } from './membership.js';

/** The raw result for one embedding model; kept for ever, so that a run can be repeated and compared. */
export interface ClusteringRecord {
  id: string;
  embeddingModel: string;
  parameters: JsonObject;
  reduction: JsonObject;
  clusterCount: number;
  noiseCount: number;
  mstTotal: number;
  /** One entry per candidate in all five. */
  candidateIds: string[];
  labels: number[];
  probabilities: number[];
  outlierScores: number[];
  clusterIds: (string | null)[];
}

export interface ClusterShape {
  id: string;
  embeddingModel: string;
  memberCount: number;
  /** Base64 of Float32 little-endian. */
  centroid: string;
  cohesion: number;
  persistence: number;
  needsResummarize: boolean;
}

export interface ClusterChangeRow {
  id: string;
  kind: ClusterChangeKind;
  clusterId: string;
  otherClusterId: string | null;
  jaccard: number | null;
  joined: number;
  leftCount: number;
}

export interface ClusteringWrite {
  runId: string;
  now: Date;
  clusterings: ClusteringRecord[];
  born: (ClusterShape & { title: Localized; summary: Localized })[];
  changed: ClusterShape[];
  /** Was asleep, and is among the changed. */
  woken: string[];
  /** Falls asleep. */
  asleep: string[];
  ended: string[];
  /** Memberships that end, and those that begin. */
  left: string[];
  joined: { clusterId: string; candidateId: string; probability: number }[];
  /** Endorsements of a merged cluster move to its heir. */
  heirs: { from: string; to: string }[];
  changes: ClusterChangeRow[];
}

/** Writes everything in the caller's transaction. */
export async function writeClustering(manager: EntityManager, write: ClusteringWrite): Promise<void> {
  const { runId, now } = write;
  await insertBorn(manager, write);
  await updateChanged(manager, write);
  await manager.query(`UPDATE deliberation.cluster SET status = 'open', dormant_at = NULL, dormant_run_id = NULL WHERE id = ANY($1) AND status = 'dormant'`, [write.woken]);
  await manager.query(`UPDATE deliberation.cluster SET status = 'dormant', dormant_at = $2, dormant_run_id = $3, updated_run_id = $3 WHERE id = ANY($1) AND status = 'open'`, [write.asleep, now, runId]);
  await manager.query(
    `UPDATE deliberation.cluster SET status = 'archived', archived_at = $2, dormant_at = NULL, dormant_run_id = NULL, updated_run_id = $3 WHERE id = ANY($1) AND status IN ('open', 'dormant')`,
    [write.ended, now, runId],
  );
  await writeMembers(manager, write);
  await moveEndorsements(manager, write.heirs);
  for (const record of write.clusterings) await insertClustering(manager, runId, now, record);
  await manager.query(
    `INSERT INTO deliberation.cluster_change (id, run_id, kind, cluster_id, other_cluster_id, jaccard, joined, left_count, at)
     SELECT r.id, $2, r.kind, r."clusterId", r."otherClusterId", r.jaccard, r.joined, r."leftCount", $3
     FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, kind text, "clusterId" uuid, "otherClusterId" uuid, jaccard real, joined int, "leftCount" int)`,
    [JSON.stringify(write.changes), runId, now],
  );
}

/** A candidate that was withdrawn or taken out while this run was at work stays out, and is not counted. */
async function writeMembers(manager: EntityManager, { left, joined, born, changed, runId, now }: ClusteringWrite): Promise<void> {
  await manager.query('DELETE FROM deliberation.cluster_member WHERE candidate_id = ANY($1)', [left]);
  await endMemberships(manager, left, 'regrouped', now, runId);
  await manager.query(
    `INSERT INTO deliberation.cluster_member (cluster_id, candidate_id, probability)
     SELECT j.cluster_id, j.candidate_id, j.probability FROM unnest($1::uuid[], $2::uuid[], $3::real[]) AS j (cluster_id, candidate_id, probability)
     JOIN deliberation.candidate k ON k.id = j.candidate_id AND k.archived_at IS NULL
     WHERE NOT EXISTS (SELECT FROM deliberation.cluster_exclusion x WHERE x.cluster_id = j.cluster_id AND x.candidate_id = j.candidate_id)`,
    [joined.map(({ clusterId }) => clusterId), joined.map(({ candidateId }) => candidateId), joined.map(({ probability }) => probability)],
  );
  await beginMemberships(manager, joined.map(({ candidateId }) => candidateId), runId, now);
  await recount(manager, [...born, ...changed].map(({ id }) => id));
}

async function insertBorn(manager: EntityManager, { born, runId, now }: ClusteringWrite): Promise<void> {
  await manager.query(
    `INSERT INTO deliberation.cluster (id, embedding_model, title, summary, member_count, centroid, cohesion, persistence, created_run_id, updated_run_id, created_at)
     SELECT r.id, r."embeddingModel", r.title, r.summary, r."memberCount", decode(r.centroid, 'base64'), r.cohesion, r.persistence, $2, $2, $3
     FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, "embeddingModel" text, title jsonb, summary jsonb, "memberCount" int, centroid text, cohesion real, persistence real)`,
    [JSON.stringify(born), runId, now],
  );
}

async function updateChanged(manager: EntityManager, { changed, runId }: ClusteringWrite): Promise<void> {
  await manager.query(
    `UPDATE deliberation.cluster c SET embedding_model = r."embeddingModel", member_count = r."memberCount", centroid = decode(r.centroid, 'base64'), cohesion = r.cohesion,
       persistence = r.persistence, needs_resummarize = c.needs_resummarize OR r."needsResummarize", updated_run_id = $2
     FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, "embeddingModel" text, "memberCount" int, centroid text, cohesion real, persistence real, "needsResummarize" boolean)
     WHERE c.id = r.id`,
    [JSON.stringify(changed), runId],
  );
}

/** A person who supported both the old cluster and its heir supports the heir once. */
async function moveEndorsements(manager: EntityManager, heirs: ClusteringWrite['heirs']): Promise<void> {
  if (heirs.length === 0) return;
  const pairs = [heirs.map(({ from }) => from), heirs.map(({ to }) => to)];
  await manager.query(
    `INSERT INTO deliberation.endorsement (id, account_id, cluster_id, created_at)
     SELECT gen_random_uuid(), e.account_id, h."to", min(e.created_at)
     FROM unnest($1::uuid[], $2::uuid[]) AS h("from", "to") JOIN deliberation.endorsement e ON e.cluster_id = h."from"
     GROUP BY e.account_id, h."to" ON CONFLICT (account_id, cluster_id) DO NOTHING`,
    pairs,
  );
  await manager.query('DELETE FROM deliberation.endorsement WHERE cluster_id = ANY($1)', [pairs[0]]);
}

async function insertClustering(manager: EntityManager, runId: string, now: Date, record: ClusteringRecord): Promise<void> {
  const { id, embeddingModel, parameters, reduction, candidateIds, clusterCount, noiseCount, mstTotal } = record;
  await manager.query(
    `INSERT INTO deliberation.clustering_run (id, run_id, embedding_model, parameters, reduction, candidate_count, cluster_count, noise_count, mst_total, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [id, runId, embeddingModel, JSON.stringify(parameters), JSON.stringify(reduction), candidateIds.length, clusterCount, noiseCount, mstTotal, now],
  );
  await manager.query(
    `INSERT INTO deliberation.clustering_assignment (clustering_run_id, candidate_id, label, probability, outlier_score, cluster_id)
     SELECT $1, * FROM unnest($2::uuid[], $3::int[], $4::real[], $5::real[], $6::uuid[])`,
    [id, candidateIds, record.labels, record.probabilities, record.outlierScores, record.clusterIds],
  );
}
