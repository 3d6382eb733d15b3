/** Which submissions the batch is done with, and how many wait for it. */
import type { EntityManager } from 'typeorm';

/**
 * Canonicalized submissions of which every candidate took part in this run's clustering, or in an earlier ballot. One without a candidate, or with a candidate that has no
 * vector yet, is not among them.
 */
export async function submissionsCovered(manager: EntityManager, runId: string): Promise<string[]> {
  const rows = await manager.query<{ id: string }[]>(
    `SELECT s.id FROM deliberation.submission s JOIN deliberation.candidate k ON k.submission_id = s.id
     LEFT JOIN (deliberation.clustering_assignment a JOIN deliberation.clustering_run r ON r.id = a.clustering_run_id AND r.run_id = $1) ON a.candidate_id = k.id
     WHERE s.status = 'canonicalized' GROUP BY s.id HAVING bool_and(a.candidate_id IS NOT NULL OR k.archived_at IS NOT NULL) ORDER BY s.id`,
    [runId],
  );
  return rows.map(({ id }) => id);
}

export async function markProcessed(manager: EntityManager, ids: readonly string[], now: Date): Promise<void> {
  await manager.query(`UPDATE deliberation.submission SET status = 'processed', processed_at = $2 WHERE id = ANY($1) AND status = 'canonicalized'`, [ids, now]);
}

/** Submissions that a run would get further: not those that are still held, and not those that wait for their next attempt, or a failing model would start run after run. */
export async function countWaiting(manager: EntityManager): Promise<number> {
  const [row] = await manager.query<{ count: number }[]>(
    `SELECT count(*)::int AS count FROM deliberation.submission
     WHERE status = 'canonicalized' OR (status = 'pending' AND (next_attempt_at IS NULL OR next_attempt_at <= engine.clock()))
       OR (status = 'quarantined' AND quarantined_until <= engine.clock())`,
  );
  return row?.count ?? 0;
}
