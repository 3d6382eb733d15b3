/** Clusters as the next clustering meets them: those that are open, and those that sleep. */
import type { EntityManager } from 'typeorm';
import type { Localized } from '../entities-groups.js';

export interface OpenCluster {
  id: string;
  embeddingModel: string;
  /** Candidate ids, ascending. */
  members: string[];
  /** On the ballot of the active cycle. */
  held: boolean;
  needsResummarize: boolean;
  lastSummarizedCount: number;
}

/** Whether the active cycle's ballot holds cluster `c`. */
export const HELD = `EXISTS (SELECT FROM deliberation.ballot_item b JOIN deliberation.voting_cycle v ON v.id = b.cycle_id WHERE b.cluster_id = c.id AND v.status = 'active')`;

/** All open clusters with their members, by id. */
export async function openClusters(manager: EntityManager): Promise<OpenCluster[]> {
  return manager.query<OpenCluster[]>(
    `SELECT c.id, c.embedding_model AS "embeddingModel", ${HELD} AS held, c.needs_resummarize AS "needsResummarize", c.last_summarized_count AS "lastSummarizedCount",
       coalesce((SELECT array_agg(m.candidate_id::text ORDER BY m.candidate_id) FROM deliberation.cluster_member m WHERE m.cluster_id = c.id), '{}') AS members
     FROM deliberation.cluster c WHERE c.status = 'open' ORDER BY c.id`,
  );
}

/** What it has in common with an open cluster, for one that sleeps: no ballot holds it. */
export interface DormantCluster extends OpenCluster {
  /** Members that can still be grouped. */
  alive: number;
  dormantAt: Date;
}

/** All clusters that sleep, with the members that they had when they fell asleep; by id. */
export async function dormantClusters(manager: EntityManager): Promise<DormantCluster[]> {
  return manager.query<DormantCluster[]>(
    `SELECT c.id, c.embedding_model AS "embeddingModel", false AS held, c.needs_resummarize AS "needsResummarize", c.last_summarized_count AS "lastSummarizedCount", c.dormant_at AS "dormantAt",
       coalesce(array_agg(k.id::text ORDER BY k.id) FILTER (WHERE k.id IS NOT NULL), '{}') AS members, count(k.id) FILTER (WHERE k.archived_at IS NULL)::int AS alive
     FROM deliberation.cluster c
     LEFT JOIN deliberation.cluster_membership m ON m.cluster_id = c.id AND m.left_run_id = c.dormant_run_id AND m.left_at IS NOT NULL
     LEFT JOIN deliberation.candidate k ON k.id = m.candidate_id
     WHERE c.status = 'dormant' GROUP BY c.id ORDER BY c.id`,
  );
}

/** When each of these candidates was said. */
export async function candidateTimes(manager: EntityManager, ids: readonly string[]): Promise<Map<string, Date>> {
  const rows = await manager.query<{ id: string; at: Date }[]>('SELECT id, created_at AS at FROM deliberation.candidate WHERE id = ANY($1)', [ids]);
  return new Map(rows.map(({ id, at }) => [id, at]));
}

/** The candidates that the latest clustering saw, whether it put them into a cluster or not. */
export async function candidatesKnownToLastClustering(manager: EntityManager): Promise<Set<string>> {
  const rows = await manager.query<{ id: string }[]>(
    `SELECT candidate_id AS id FROM deliberation.clustering_assignment WHERE clustering_run_id IN (
       SELECT id FROM deliberation.clustering_run WHERE run_id = (SELECT run_id FROM deliberation.clustering_run ORDER BY created_at DESC, id DESC LIMIT 1))`,
  );
  return new Set(rows.map(({ id }) => id));
}

/** What a candidate says, for placeholders and prompts. */
export interface MemberText {
  clusterId: string;
  title: string;
  summary: string;
  stance: string;
  language: string;
  /** Speaks to a model instead of to people. */
  addressesAModel: boolean;
}

/** Titles and summaries of candidates. */
export async function candidateTexts(manager: EntityManager, ids: readonly string[]): Promise<Map<string, { title: Localized; summary: Localized }>> {
  const rows = await manager.query<{ id: string; title: string; summary: string; language: string }[]>(
    'SELECT id, title, summary, language FROM deliberation.candidate WHERE id = ANY($1)',
    [ids],
  );
  return new Map(rows.map(({ id, title, summary, language }) => [id, { title: inLanguage(title, language), summary: inLanguage(summary, language) }]));
}

/** A text that nobody translated stands in for English, and says in which other language it is when we can show that. */
export const inLanguage = (text: string, language: string): Localized => (language === 'fa' ? { en: text, fa: text } : { en: text });
