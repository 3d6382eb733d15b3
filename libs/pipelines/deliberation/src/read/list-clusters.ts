/** Clusters as people and programs read them. */
import type { DataSource } from 'typeorm';
import type { ClusterChangeKind, ClusterStatus, Localized } from '../entities-groups.js';

export interface ClusterListing {
  id: string;
  title: Localized;
  summary: Localized;
  question: Localized | null;
  keywords: string[];
  status: ClusterStatus;
  /** Of one that is not open any more: when it was. */
  size: number;
  /** Distinct people who submitted a member or endorsed it; of one that sleeps, those whose endorsements wait with it. */
  supporters: number;
  /** Share of the subsampled re-runs in which it was found again, 0 to 1; null when it was never checked. */
  stability: number | null;
  unstable: boolean;
  /** On the ballot of the active cycle. */
  onBallot: boolean;
  /** Options that people can choose from now. */
  options: number;
  /** Up to three members, those that belong most first. */
  sampleTitles: string[];
  /** The latest event of its history; `with` is the other cluster of a split or merge. */
  lastChange: { kind: ClusterChangeKind; with: string | null; joined: number; left: number; at: Date } | null;
  /** Null unless it sleeps. */
  dormantSince: Date | null;
  provider: string | null;
  modelVersion: string | null;
}

export interface ClusterFilter {
  /** Open ones unless told, or unless one is named by its id. */
  status?: ClusterStatus;
  id?: string;
  /** 200 unless told. */
  limit?: number;
}

/** The most supported first. */
export async function listClusters({ manager }: Pick<DataSource, 'manager'>, { id, status = id === undefined ? 'open' : undefined, limit = 200 }: ClusterFilter = {}): Promise<ClusterListing[]> {
  const rows = await manager.query<(Omit<ClusterListing, 'lastChange'> & { lastChange: (Omit<NonNullable<ClusterListing['lastChange']>, 'at'> & { at: string }) | null })[]>(
    `WITH supporter AS (
       SELECT m.cluster_id, s.account_id FROM deliberation.cluster_member m
       JOIN deliberation.candidate k ON k.id = m.candidate_id JOIN deliberation.submission s ON s.id = k.submission_id
       UNION SELECT cluster_id, account_id FROM deliberation.endorsement
     ), support AS (SELECT cluster_id, count(*)::int AS people FROM supporter GROUP BY cluster_id)
     SELECT c.id, c.title, c.summary, c.question, c.keywords, c.status, c.member_count AS size, coalesce(p.people, 0) AS supporters, c.stability, c.unstable,
       EXISTS (SELECT FROM deliberation.ballot_item b JOIN deliberation.voting_cycle v ON v.id = b.cycle_id WHERE b.cluster_id = c.id AND v.status = 'active') AS "onBallot",
       (SELECT count(*)::int FROM deliberation.policy_option o WHERE o.cluster_id = c.id AND o.superseded_at IS NULL) AS options,
       coalesce((SELECT json_agg(t.title) FROM (
         SELECT k.title FROM deliberation.cluster_member m JOIN deliberation.candidate k ON k.id = m.candidate_id
         WHERE m.cluster_id = c.id ORDER BY m.probability DESC, k.id LIMIT 3) t), '[]') AS "sampleTitles",
       (SELECT json_build_object('kind', h.kind, 'with', h.other_cluster_id, 'joined', h.joined, 'left', h.left_count, 'at', h.at)
        FROM deliberation.cluster_change h WHERE h.cluster_id = c.id ORDER BY h.at DESC, h.id DESC LIMIT 1) AS "lastChange",
       c.dormant_at AS "dormantSince", c.provider, c.model_version AS "modelVersion"
     FROM deliberation.cluster c LEFT JOIN support p ON p.cluster_id = c.id
     WHERE ($1::text IS NULL OR c.status = $1) AND ($2::uuid IS NULL OR c.id = $2) ORDER BY supporters DESC, size DESC, c.id LIMIT $3`,
    [status ?? null, id ?? null, limit],
  );
  return rows.map((row) => ({ ...row, lastChange: row.lastChange && { ...row.lastChange, at: new Date(row.lastChange.at) } }));
}
