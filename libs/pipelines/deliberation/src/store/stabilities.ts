/** What the stability check reads of a run's clustering, and the finding that it leaves on each cluster. */
import type { EntityManager } from 'typeorm';

export interface AssignedCandidate {
  label: number;
  clusterId: string | null;
}

/** A run's raw assignments by embedding model and candidate. */
export async function assignmentsOfRun(manager: EntityManager, runId: string): Promise<Map<string, Map<string, AssignedCandidate>>> {
  const rows = await manager.query<(AssignedCandidate & { model: string; candidateId: string })[]>(
    `SELECT r.embedding_model AS model, a.candidate_id AS "candidateId", a.label, a.cluster_id AS "clusterId"
     FROM deliberation.clustering_run r JOIN deliberation.clustering_assignment a ON a.clustering_run_id = r.id WHERE r.run_id = $1`,
    [runId],
  );
  const models = new Map<string, Map<string, AssignedCandidate>>();
  for (const { model, candidateId, label, clusterId } of rows) {
    const assignments = models.get(model) ?? new Map<string, AssignedCandidate>();
    models.set(model, assignments.set(candidateId, { label, clusterId }));
  }
  return models;
}

export interface ClusterState {
  id: string;
  wasUnstable: boolean;
  needsResummarize: boolean;
  /** Whether this run's clustering changed its members. */
  membersChanged: boolean;
}

export async function clusterStates(manager: EntityManager, runId: string): Promise<Map<string, ClusterState>> {
  const rows = await manager.query<ClusterState[]>(
    `SELECT c.id, c.unstable AS "wasUnstable", c.needs_resummarize AS "needsResummarize",
       EXISTS (SELECT FROM deliberation.cluster_change h WHERE h.run_id = $1 AND h.cluster_id = c.id) AS "membersChanged"
     FROM deliberation.cluster c WHERE c.status = 'open'`,
    [runId],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

export interface StabilityFinding {
  clusterId: string;
  stability: number;
  unstable: boolean;
  needsResummarize: boolean;
}

/** Touches only clusters about which something new was found. */
export async function writeStabilities(manager: EntityManager, findings: readonly StabilityFinding[]): Promise<void> {
  await manager.query(
    `UPDATE deliberation.cluster c SET stability = r.stability, unstable = r.unstable, needs_resummarize = c.needs_resummarize OR r."needsResummarize"
     FROM jsonb_to_recordset($1::jsonb) AS r("clusterId" uuid, stability real, unstable boolean, "needsResummarize" boolean)
     WHERE c.id = r."clusterId" AND c.status = 'open'
       AND (c.stability, c.unstable, c.needs_resummarize) IS DISTINCT FROM (r.stability, r.unstable, c.needs_resummarize OR r."needsResummarize")`,
    [JSON.stringify(findings)],
  );
}
