/** What one run of the batch left behind, for the page and the terminal: the groupings, what happened to the clusters, and the ballots it opened or closed. */
import type { JsonObject } from '@carillon/engine';
import { inOneSnapshot } from '@carillon/persistence';
import type { DataSource } from 'typeorm';
import type { ClusterChangeKind } from '../entities-groups.js';

export interface RunSummary {
  clusterings: { id: string; embeddingModel: string; parameters: JsonObject; reduction: JsonObject; candidates: number; clusters: number; noise: number; mstTotal: number }[];
  /** Clusters by what happened to them; those that stayed as they were are not counted. */
  changes: Partial<Record<ClusterChangeKind, number>>;
  cycleOpened: string | null;
  cyclesClosed: string[];
}

/** Of a run that left nothing, everything is empty. */
export async function runSummary(dataSource: DataSource, runId: string): Promise<RunSummary> {
  return inOneSnapshot(dataSource, async (manager) => {
    const clusterings = await manager.query<RunSummary['clusterings']>(
      `SELECT id, embedding_model AS "embeddingModel", parameters, reduction, candidate_count AS candidates, cluster_count AS clusters, noise_count AS noise, mst_total AS "mstTotal"
       FROM deliberation.clustering_run WHERE run_id = $1 ORDER BY embedding_model`,
      [runId],
    );
    const changes = await manager.query<{ kind: keyof RunSummary['changes']; count: number }[]>('SELECT kind, count(*)::int AS count FROM deliberation.cluster_change WHERE run_id = $1 GROUP BY kind', [runId]);
    const cycles = await manager.query<{ id: string; opened: boolean; closed: boolean }[]>(
      'SELECT id, opened_run_id = $1 AS opened, coalesce(tallied_run_id = $1, false) AS closed FROM deliberation.voting_cycle WHERE opened_run_id = $1 OR tallied_run_id = $1 ORDER BY id',
      [runId],
    );
    return {
      clusterings,
      changes: Object.fromEntries(changes.map(({ kind, count }) => [kind, count])),
      cycleOpened: cycles.find(({ opened }) => opened)?.id ?? null,
      cyclesClosed: cycles.filter(({ closed }) => closed).map(({ id }) => id),
    };
  });
}
