/**
 * Runs that are not over: which there are, and how they are cancelled. Making runs is in new-runs.ts, ending them in settlements.ts.
 */
import type { EntityManager } from 'typeorm';
import { pastOf } from './claims.js';
import { startQueued } from './queue.js';
import type { RunOver } from './run-over.js';
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

export interface CancelledRuns {
  /** All that were asked to stop. */
  asked: string[];
  /** Those of them that nobody worked on: they are over. */
  over: RunOver[];
}

/** Asks runs to stop. What waits ends now; a step that is being worked on is told through its signal and ends when it has stopped. */
export async function cancelRuns(manager: EntityManager, which: { ids: readonly string[] } | { pipeline: string; scope: string }, reason: string): Promise<CancelledRuns> {
  const filter = 'ids' in which ? 'run_id = ANY($1)' : 'pipeline = $1 AND scope = $2';
  const values = 'ids' in which ? [which.ids] : [which.pipeline, which.scope];
  const runs = await manager.query<ActiveRow[]>(
    `SELECT run_id AS "runId", step_id AS "stepId", pipeline, scope, status, owner, step, position, attempt, due_at AS "dueAt", fence FROM engine.active_run WHERE ${filter} ORDER BY run_id FOR UPDATE`,
    values,
  );
  if (runs.length === 0) return { asked: [], over: [] };
  const ids = runs.map((run) => run.runId);
  const [asked] = await manager.query<[{ id: string; trace: string | null }[], number]>('UPDATE engine.run SET cancel_requested_at = coalesce(cancel_requested_at, engine.clock()), reason = $2 WHERE id = ANY($1) RETURNING id, trace', [ids, storableText(reason)]);
  await manager.query('UPDATE engine.active_run SET cancel_requested_at = coalesce(cancel_requested_at, engine.clock()) WHERE run_id = ANY($1)', [ids]);
  const waiting = runs.filter((run) => run.status !== 'running');
  if (waiting.length > 0) {
    const past = await pastOf(manager, waiting.map((run) => run.runId));
    await endNow(askIn(manager), waiting.map((run) => ({ ...run, past: past.get(run.runId) ?? [], reason })));
    await startQueued(askIn(manager), waiting);
  }
  const traces = new Map(asked.map(({ id, trace }) => [id, trace]));
  return { asked: ids, over: waiting.map(({ runId: id, pipeline }) => ({ id, pipeline, status: 'cancelled', trace: traces.get(id) ?? null })) };
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
