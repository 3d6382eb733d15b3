/** What is asked and written when clusters get their title, summary and ballot question. */
import type { JsonObject } from '@carillon/engine';
import type { EntityManager } from 'typeorm';
import { ADDRESSES_A_MODEL } from '../canonicalize/reading.js';
import type { Localized } from '../entities-groups.js';
import type { MemberText } from './clusters.js';
import { HELD } from './clusters.js';

export interface ClusterToSummarize {
  id: string;
  memberCount: number;
}

/** Open clusters that want a summary, oldest first. What people are voting on is left as it is until the ballot is closed. */
export async function clustersToSummarize(manager: EntityManager): Promise<ClusterToSummarize[]> {
  return manager.query<ClusterToSummarize[]>(
    `SELECT c.id, c.member_count AS "memberCount" FROM deliberation.cluster c WHERE c.status = 'open' AND c.needs_resummarize AND NOT ${HELD} ORDER BY c.id`,
  );
}

/** What the members of clusters say, by cluster and candidate id; of all open clusters when no ids are given. */
export async function memberTexts(manager: EntityManager, clusterIds?: readonly string[]): Promise<Map<string, MemberText[]>> {
  const rows = await manager.query<MemberText[]>(
    `SELECT m.cluster_id AS "clusterId", k.title, k.summary, k.stance, k.language, k.ambiguity_flags ? '${ADDRESSES_A_MODEL}' AS "addressesAModel"
     FROM deliberation.cluster c JOIN deliberation.cluster_member m ON m.cluster_id = c.id JOIN deliberation.candidate k ON k.id = m.candidate_id
     WHERE c.status = 'open' AND ($1::uuid[] IS NULL OR c.id = ANY($1)) ORDER BY m.cluster_id, m.candidate_id`,
    [clusterIds ?? null],
  );
  const texts = new Map<string, MemberText[]>();
  for (const row of rows) {
    const own = texts.get(row.clusterId);
    if (own) own.push(row);
    else texts.set(row.clusterId, [row]);
  }
  return texts;
}

/** English titles that open clusters already have from a summary, by cluster. */
export async function summarizedTitles(manager: EntityManager): Promise<Map<string, string>> {
  const rows = await manager.query<{ id: string; title: string }[]>(
    `SELECT id, title->>'en' AS title FROM deliberation.cluster WHERE status = 'open' AND last_summarized_count > 0`,
  );
  return new Map(rows.map(({ id, title }) => [id, title]));
}

export interface ClusterSummary {
  title: Localized;
  summary: Localized;
  question: Localized;
  keywords: string[];
  provider: string;
  modelVersion: string;
  promptVersion: string;
}

/**
 * Stores a summary and retires the options that belonged to the old one, unless somebody else was faster or a ballot has taken the cluster.
 * @returns whether this call wrote it
 */
export async function writeSummary(manager: EntityManager, cluster: ClusterToSummarize, summary: ClusterSummary, now: Date): Promise<boolean> {
  const [, written] = await manager.query<[unknown[], number]>(
    `UPDATE deliberation.cluster c SET title = $2, summary = $3, question = $4, keywords = $5, provider = $6, model_version = $7, prompt_version = $9, needs_resummarize = false, last_summarized_count = $8
     WHERE c.id = $1 AND c.status = 'open' AND c.needs_resummarize AND NOT ${HELD}`,
    [
      ...[cluster.id, JSON.stringify(summary.title), JSON.stringify(summary.summary), JSON.stringify(summary.question), JSON.stringify(summary.keywords)],
      ...[summary.provider, summary.modelVersion, cluster.memberCount, summary.promptVersion],
    ],
  );
  if (written === 0) return false;
  await manager.query('UPDATE deliberation.policy_option SET superseded_at = $2 WHERE cluster_id = $1 AND superseded_at IS NULL', [cluster.id, now]);
  return true;
}

/** For evidence: plain JSON of a text in its languages. */
export const localizedJson = ({ en, fa }: Localized): JsonObject => (fa === undefined ? { en } : { en, fa });
