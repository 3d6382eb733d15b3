/** Honest counts for steps that commit item by item: what a run did before its worker died counts as much as what it did after. */
import type { EntityManager } from 'typeorm';
import type { EvidenceEvent } from '../evidence/append-evidence.js';

/** Entries of one kind whose payload names the run. */
export async function countEvidenceOfRun(manager: EntityManager, eventType: EvidenceEvent, runId: string): Promise<number> {
  const [row] = await manager.query<{ count: number }[]>(`SELECT count(*)::int AS count FROM deliberation.evidence WHERE event_type = $1 AND payload->>'run_id' = $2`, [eventType, runId]);
  return row?.count ?? 0;
}
