/**
 * Runs that are not over: which there are, and how they are cancelled. Making runs is in new-runs.ts, ending them in settlements.ts.
 */
import type { EntityManager } from 'typeorm';
import { pastOf } from './claims.js';
import { startQueued } from './queue.js';
import { endNow } from './settlements.js';
import { askIn } from './statements.js';
import { storableText } from './storable.js';

/** Runs of the scope that are not over, oldest first. */
export async function activeRuns(manager: EntityManager, pipeline: string, scope: string): Promise<{ id: string; status: 'queued' | 'running' }[]> {
  return manager.query(
    `SELECT run_id AS id, CASE status WHEN 'queued' THEN 'queued' ELSE 'running' END AS status FROM engine.active_run WHERE pipeline = $1 AND scope = $2 ORDER BY requested_at, run_id`,
    [pipeline, scope],
  );
}

/**
 * Asks runs to stop. What waits ends now; a step that is being worked on is told through its signal and ends when it has stopped.
 * @returns the ids of the runs that were asked
 */
export async function cancelRuns(manager: EntityManager, which: { ids: readonly string[] } | { pipeline: string; scope: string }, reason: string): Promise<string[]> {
  const filter = 'ids' in which ? 'run_id = ANY($1)' : 'pipeline = $1 AND scope = $2';
  const values = 'ids' in which ? [which.ids] : [which.pipeline, which.scope];
  const runs = await manager.query<ActiveRow[]>(
    `SELECT run_id AS "runId", step_id AS "stepId", pipeline, scope, status, owner, step, position, attempt, due_at AS "dueAt", fence FROM engine.active_run WHERE ${filter} ORDER BY run_id FOR UPDATE`,
    values,
  );
  if (runs.length === 0) return [];
  const ids = runs.map((run) => run.runId);
  await manager.query('UPDATE engine.run SET cancel_requested_at = coalesce(cancel_requested_at, engine.clock()), reason = $2 WHERE id = ANY($1)', [ids, storableText(reason)]);
  await manager.query('UPDATE engine.active_run SET cancel_requested_at = coalesce(cancel_requested_at, engine.clock()) WHERE run_id = ANY($1)', [ids]);
  const waiting = runs.filter((run) => run.status !== 'running');
  if (waiting.length > 0) {
    const past = await pastOf(manager, waiting.map((run) => run.runId));
    await endNow(askIn(manager), waiting.map((run) => ({ ...run, past: past.get(run.runId) ?? [], reason })));
    await startQueued(askIn(manager), waiting);
  }
  return ids;
}

export interface ActiveRow {
  runId: string;
  stepId: string;
  pipeline: string;
  scope: string;
  status: 'queued' | 'waiting' | 'due' | 'running';
  owner: string;
  step: string;
  position: number;
  attempt: number;
  dueAt: Date;
  fence: string;
}
