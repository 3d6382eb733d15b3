/** Who was in which cluster from which run to which: the history that `cluster_member` has no room for. */
import type { EntityManager } from 'typeorm';

export type LeftBecause = 'regrouped' | 'withdrawn' | 'disputed';

/** Ends the memberships of candidates, in the caller's transaction. `runId` is the run that did it, if one did. */
export async function endMemberships(manager: EntityManager, candidateIds: readonly string[], because: LeftBecause, now: Date, runId: string | null): Promise<void> {
  await manager.query('UPDATE deliberation.cluster_membership SET left_run_id = $3, left_at = $4, left_because = $2 WHERE candidate_id = ANY($1) AND left_at IS NULL', [candidateIds, because, runId, now]);
}

/** Begins the memberships of those that are members now and were not. */
export async function beginMemberships(manager: EntityManager, candidateIds: readonly string[], runId: string, now: Date): Promise<void> {
  await manager.query(
    `INSERT INTO deliberation.cluster_membership (cluster_id, candidate_id, joined_run_id, joined_at)
     SELECT m.cluster_id, m.candidate_id, $2, $3 FROM deliberation.cluster_member m WHERE m.candidate_id = ANY($1) ORDER BY m.cluster_id, m.candidate_id ON CONFLICT DO NOTHING`,
    [candidateIds, runId, now],
  );
}

/** Takes candidates out of the clusters they are in, and counts the clusters anew. @returns the clusters that lost one */
export async function takeOut(manager: EntityManager, candidateIds: readonly string[], because: LeftBecause, now: Date): Promise<string[]> {
  const [rows] = await manager.query<[{ id: string }[], number]>('DELETE FROM deliberation.cluster_member WHERE candidate_id = ANY($1) RETURNING cluster_id AS id', [candidateIds]);
  const clusters = [...new Set(rows.map(({ id }) => id))].sort();
  await endMemberships(manager, candidateIds, because, now, null);
  await recount(manager, clusters);
  return clusters;
}

/** The number of members as it is. */
export async function recount(manager: EntityManager, clusterIds: readonly string[]): Promise<void> {
  await manager.query(
    `UPDATE deliberation.cluster c SET member_count = m.count
     FROM (SELECT k.id, (SELECT count(*)::int FROM deliberation.cluster_member m WHERE m.cluster_id = k.id) AS count FROM unnest($1::uuid[]) AS k (id)) m
     WHERE c.id = m.id AND c.member_count <> m.count`,
    [clusterIds],
  );
}

/** Pairs of cluster and candidate that disputes have parted. */
export async function exclusions(manager: EntityManager): Promise<Map<string, Set<string>>> {
  const rows = await manager.query<{ clusterId: string; candidateId: string }[]>(
    `SELECT x.cluster_id AS "clusterId", x.candidate_id AS "candidateId" FROM deliberation.cluster_exclusion x
     JOIN deliberation.cluster c ON c.id = x.cluster_id AND c.status IN ('open', 'dormant') JOIN deliberation.candidate k ON k.id = x.candidate_id AND k.archived_at IS NULL`,
  );
  const parted = new Map<string, Set<string>>();
  for (const { clusterId, candidateId } of rows) parted.set(clusterId, (parted.get(clusterId) ?? new Set()).add(candidateId));
  return parted;
}
