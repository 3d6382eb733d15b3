/** The options that people choose from. A generation is never deleted: a ballot keeps the one it opened with. */
import { newId } from '@carillon/persistence';
import type { EntityManager } from 'typeorm';
import type { Localized } from '../entities-groups.js';
import { HELD } from './clusters.js';

export interface ClusterWithoutOptions {
  id: string;
  title: Localized;
  summary: Localized;
  question: Localized;
}

/** Open clusters that have a question and no options for it, oldest first. */
export async function clustersWithoutOptions(manager: EntityManager): Promise<ClusterWithoutOptions[]> {
  return manager.query<ClusterWithoutOptions[]>(`SELECT c.id, c.title, c.summary, c.question FROM deliberation.cluster c WHERE ${WANTS_OPTIONS} ORDER BY c.id`);
}

const WANTS_OPTIONS = `c.status = 'open' AND c.question IS NOT NULL AND NOT c.needs_resummarize AND NOT ${HELD}
  AND NOT EXISTS (SELECT FROM deliberation.policy_option o WHERE o.cluster_id = c.id AND o.superseded_at IS NULL)`;

export interface NewOption {
  label: Localized;
  description: Localized;
}

/**
 * Stores a generation of options, unless the cluster has some by now.
 * @returns the generation, or undefined when this call wrote nothing
 */
export async function writeOptions(manager: EntityManager, clusterId: string, options: readonly NewOption[], by: { provider: string; modelVersion: string; promptVersion: string }): Promise<number | undefined> {
  await manager.query('SELECT FROM deliberation.cluster WHERE id = $1 FOR UPDATE', [clusterId]);
  const [wanting] = await manager.query<{ generation: number }[]>(
    `SELECT (SELECT coalesce(max(generation), 0) + 1 FROM deliberation.policy_option WHERE cluster_id = c.id)::int AS generation
     FROM deliberation.cluster c WHERE c.id = $1 AND ${WANTS_OPTIONS}`,
    [clusterId],
  );
  if (!wanting) return undefined;
  for (const [index, { label, description }] of options.entries()) {
    await manager.query(
      `INSERT INTO deliberation.policy_option (id, cluster_id, generation, position, label, description, provider, model_version, prompt_version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [newId(), clusterId, wanting.generation, index + 1, JSON.stringify(label), JSON.stringify(description), by.provider, by.modelVersion, by.promptVersion],
    );
  }
  return wanting.generation;
}
