/** What a step handed in at a model's server, and what came of it. Answers are kept with their price in one transaction: they are paid for once, whatever dies. */
import type { Completion } from '@carillon/language';
import { storableJson } from '@carillon/persistence';
import type { EntityManager } from 'typeorm';

export interface BatchOfStep {
  /** Undefined when whoever handed it in died before noting it, or could not. */
  providerId: string | undefined;
  handedInAt: Date;
  over: boolean;
  answers: ReadonlyMap<string, Completion>;
}

/** After this the answers have long become summaries and options. */
const KEPT = '7 days';

/** Notes that questions are about to be handed in, and forgets old ones. */
export async function beginBatch(manager: EntityManager, runId: string, step: string): Promise<void> {
  await manager.query(`DELETE FROM deliberation.model_batch WHERE handed_in_at < engine.clock() - interval '${KEPT}'`);
  await manager.query('INSERT INTO deliberation.model_batch (run_id, step, handed_in_at) VALUES ($1, $2, engine.clock()) ON CONFLICT DO NOTHING', [runId, step]);
}

export async function nameBatch(manager: EntityManager, runId: string, step: string, providerId: string): Promise<void> {
  await manager.query('UPDATE deliberation.model_batch SET provider_id = $3 WHERE run_id = $1 AND step = $2', [runId, step, providerId]);
}

/** @returns false when it was over already */
export async function endBatch(manager: EntityManager, runId: string, step: string, outcome: string, answers: ReadonlyMap<string, Completion> = new Map()): Promise<boolean> {
  const [, changed] = await manager.query<[unknown, number]>(
    'UPDATE deliberation.model_batch SET over_at = engine.clock(), outcome = $3, answers = $4 WHERE run_id = $1 AND step = $2 AND over_at IS NULL',
    [runId, step, outcome, storableJson(Object.fromEntries(answers))],
  );
  return changed === 1;
}

export async function batchOf(manager: EntityManager, runId: string, step: string): Promise<BatchOfStep | undefined> {
  const [row] = await manager.query<{ providerId: string | null; handedInAt: Date; over: boolean; answers: Record<string, Completion> }[]>(
    'SELECT provider_id AS "providerId", handed_in_at AS "handedInAt", over_at IS NOT NULL AS over, answers FROM deliberation.model_batch WHERE run_id = $1 AND step = $2',
    [runId, step],
  );
  return row && { providerId: row.providerId ?? undefined, handedInAt: row.handedInAt, over: row.over, answers: new Map(Object.entries(row.answers)) };
}
