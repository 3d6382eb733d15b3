/** What makes lost messages and dead workers harmless: steps whose worker fell silent are taken over, and lost nudges are repeated. */
import type { DataSource, EntityManager } from 'typeorm';
import { claimsOf } from './claims.js';
import type { ClaimRow } from './claims.js';
import { CLAIMED } from './claims.sql.js';
import { newId } from './identifiers.js';
import { moveAfterLoss, rowOf } from './moves.js';
import { NUDGE_SUBJECT } from './nudge.js';
import { startQueued } from './queue.js';
import type { RunOver } from './run-over.js';
import { SETTLE } from './settlements.sql.js';
import { askIn } from './statements.js';
import { storableJson } from './storable.js';
import { databaseNow, inTransaction, isConnectionLost } from './transaction.js';

/**
 * A worker is silent when its heart has not beaten for the lease, when it never had one, or when the step is past its time: then it hangs. A heartbeat from the future
 * is none either: the clock was set back since, and who holds a step and lives beats again within a second. Of table or alias `a`; $1 is the lease in ms.
 */
export const SILENT = `a.status = 'running' AND (a.deadline_at < engine.clock() OR a.lease_until < engine.clock()
  OR a.lease_until IS NULL AND NOT EXISTS (SELECT FROM engine.service s WHERE s.id = a.claimed_by AND s.stopped_at IS NULL AND s.beat_at BETWEEN engine.clock() - $1 * interval '1 millisecond' AND engine.clock() + $1 * interval '1 millisecond'))`;

/** A process that died held this many at most; more dead ones are the next batch. */
const TOGETHER = 100;

/** What became of one lost step. */
export interface TakenOver {
  /** For the log. */
  words: string;
  /** False when it could not be taken over just now. */
  taken: boolean;
  /** Its run, when nothing follows any more. */
  over?: RunOver;
}

/** Takes over steps whose worker fell silent, many in one transaction: who waits for them has waited for a lease already. */
export async function takeOverLostSteps(dataSource: DataSource, limit: number, leaseMs = 30_000): Promise<TakenOver[]> {
  const lost = await dataSource.manager.query<{ id: string }[]>(`SELECT a.run_id AS id FROM engine.active_run a WHERE ${SILENT} ORDER BY a.claimed_at LIMIT $2`, [leaseMs, limit]);
  const ids = lost.map(({ id }) => id);
  const taken: TakenOver[] = [];
  for (let start = 0; start < ids.length; start += TOGETHER) taken.push(...(await takeOverTogether(dataSource, ids.slice(start, start + TOGETHER), leaseMs)));
  return taken;
}

/** One step that can not be taken over must not keep the others from it: when a batch fails, each is tried alone. */
async function takeOverTogether(dataSource: DataSource, runIds: readonly string[], leaseMs: number): Promise<TakenOver[]> {
  try {
    return await inTransaction(dataSource, (manager) => takeOver(manager, runIds, leaseMs));
  } catch (error) {
    if (isConnectionLost(error)) throw error;
    if (runIds.length === 1) return [{ words: `the step of run ${runIds[0]} could not be taken over, it is tried again: ${String(error)}`, taken: false }];
    const alone: TakenOver[] = [];
    for (const id of runIds) alone.push(...(await takeOverTogether(dataSource, [id], leaseMs)));
    return alone;
  }
}

async function takeOver(manager: EntityManager, runIds: readonly string[], leaseMs: number): Promise<TakenOver[]> {
  // Whoever holds a row is settling it, perhaps with a long last write: then there is nothing to take over yet, and nothing to wait for.
  const held = await manager.query<{ id: string }[]>(`SELECT a.run_id AS id FROM engine.active_run a WHERE a.run_id = ANY($2) AND ${SILENT} ORDER BY a.run_id FOR UPDATE SKIP LOCKED`, [leaseMs, runIds]);
  if (held.length === 0) return [];
  const rows = await manager.query<ClaimRow[]>(`WITH claimed AS (SELECT * FROM engine.active_run WHERE run_id = ANY($1)) ${CLAIMED}`, [held.map(({ id }) => id)]);
  const claims = await claimsOf(manager, rows);
  if (claims.length === 0) return [];
  const now = await databaseNow(manager);
  const moves = claims.map((claim) => moveAfterLoss(claim, now));
  await askIn(manager)(SETTLE, [storableJson(moves.map((move) => ({ ...rowOf(move), worker: move.claim.worker }))), newId(), null]);
  const ended = claims.filter((_claim, index) => moves[index]?.next.kind === 'finish').map(({ run }) => run);
  if (ended.length > 0) await startQueued(askIn(manager), ended);
  return claims.map(({ name, run }, index) => {
    const next = moves[index]?.next;
    const words = `step "${name}" of run ${run.id} taken over after its worker fell silent`;
    return { words, taken: true, ...(next?.kind === 'finish' && { over: { id: run.id, pipeline: run.pipeline, status: next.status, trace: run.trace ?? null } }) };
  });
}

/** Gives back a step that this worker holds in the ledger and knows nothing of: the answer to its claim was lost. False when it is not held like that any more. */
export async function releaseStep(dataSource: DataSource, step: { runId: string; fence: string }, worker: string): Promise<boolean> {
  const [, changed] = await dataSource.manager.query<[unknown, number]>(
    `UPDATE engine.active_run SET status = 'due', claimed_by = NULL, claimed_at = NULL, deadline_at = NULL, fence = fence + 1 WHERE run_id = $1 AND fence = $2 AND claimed_by = $3 AND status = 'running'`,
    [step.runId, step.fence, worker],
  );
  return changed === 1;
}

/**
 * Repeats the nudge of steps that have been due for a while without anyone claiming them: the bus may lose anything. The longer one waits the more
 * seldom, at least once a minute: most were not lost but wait for a busy worker, and would pile up on the bus.
 */
export async function renudgeWaitingSteps(dataSource: DataSource, waitingMs: number, limit: number): Promise<number> {
  return inTransaction(dataSource, async (manager) => {
    const nudged = await manager.query<unknown[]>(
      `WITH waiting AS MATERIALIZED (
         SELECT a.run_id FROM engine.active_run a
         WHERE (a.status = 'due' OR a.status = 'waiting') AND a.due_at < engine.clock() - $1 * interval '1 millisecond'
           AND (a.nudged_at IS NULL OR a.nudged_at < engine.clock() - greatest($1 * interval '1 millisecond', least(interval '1 minute', (engine.clock() - a.due_at) / 2)))
           AND NOT EXISTS (SELECT FROM engine.outbox o WHERE o.payload->>'stepId' = a.step_id::text)
         ORDER BY a.due_at LIMIT $2 FOR UPDATE SKIP LOCKED
       ), nudged AS (
         UPDATE engine.active_run a SET nudged_at = engine.clock() FROM waiting WHERE a.run_id = waiting.run_id RETURNING a.*
       )
       INSERT INTO engine.outbox (id, subject, payload)
       SELECT gen_random_uuid(), ${NUDGE_SUBJECT('nudged')}, jsonb_build_object('stepId', step_id, 'runId', run_id, 'pipeline', pipeline, 'step', step, 'attempt', attempt) FROM nudged RETURNING id`,
      [waitingMs, limit],
    );
    return nudged.length;
  });
}
