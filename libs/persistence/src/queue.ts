/**
 * Runs that wait for another of their scope. The next one begins in a statement after the one that ended the run before it: only a new statement
 * sees who queued at that very instant. A process that dies between the two is made up for by a sweep.
 */
import type { DataSource } from 'typeorm';
import { NUDGE_SUBJECT } from './nudge.js';
import { askOnce, once } from './statements.js';
import type { Ask, Statement } from './statements.js';
import { sqlState } from './transaction.js';

/** $1 pipelines, $2 scopes. The subjects are put together here, because only the database knows which runs begin; names are checked when a pipeline is defined. */
const START_QUEUED: Statement = {
  name: 'start_queued',
  text: `
    WITH n AS MATERIALIZED (
      SELECT DISTINCT ON (q.pipeline, q.scope) q.run_id
      FROM (SELECT DISTINCT pipeline, scope FROM unnest($1::text[], $2::text[]) AS f (pipeline, scope)) f
      JOIN engine.active_run q ON q.pipeline = f.pipeline AND q.scope = f.scope AND q.status = 'queued'
      WHERE NOT EXISTS (SELECT FROM engine.active_run a WHERE a.pipeline = f.pipeline AND a.scope = f.scope AND a.exclusive AND a.status <> 'queued')
      ORDER BY q.pipeline, q.scope, q.requested_at, q.run_id
    ),
    begun AS (
      UPDATE engine.active_run a SET status = 'due', due_at = engine.clock() FROM n WHERE a.run_id = n.run_id AND a.status = 'queued'
      RETURNING a.*
    ),
    runs AS (
      UPDATE engine.run r SET status = 'running', started_at = engine.clock() FROM begun WHERE r.id = begun.run_id RETURNING r.id, r.schedule_id, r.scheduled_for
    ),
    nudges AS (
      INSERT INTO engine.outbox (id, subject, payload)
      SELECT gen_random_uuid(), ${NUDGE_SUBJECT('begun')}, jsonb_build_object('stepId', step_id, 'runId', run_id, 'pipeline', pipeline, 'step', step, 'attempt', attempt) FROM begun
    ),
    facts AS (
      INSERT INTO engine.outbox (id, subject, payload)
      SELECT gen_random_uuid(), NULL, jsonb_agg(jsonb_build_object('id', b.run_id || '.tick', 'subject', 'tick.' || b.pipeline, 'payload', jsonb_strip_nulls(jsonb_build_object(
        'runId', b.run_id, 'pipeline', b.pipeline, 'scope', b.scope, 'scheduleId', r.schedule_id,
        'scheduledFor', to_char(coalesce(r.scheduled_for, engine.clock()) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))))
      FROM begun b JOIN runs r ON r.id = b.run_id HAVING count(*) > 0
    )
    SELECT run_id AS "runId" FROM begun`,
};

/** $1 limit: scopes in which runs are queued, whether something is in their way or not. */
const QUEUED_SCOPES: Statement = {
  name: 'queued_scopes',
  text: `SELECT DISTINCT pipeline, scope FROM (SELECT pipeline, scope FROM engine.active_run WHERE status = 'queued' ORDER BY requested_at LIMIT $1) q`,
};

/** Lets the next queued run of each of these scopes begin where nothing is in its way any more. */
export async function startQueued(ask: Ask, scopes: readonly { pipeline: string; scope: string }[]): Promise<number> {
  const begun = await ask(START_QUEUED, [scopes.map((one) => one.pipeline), scopes.map((one) => one.scope)]);
  return begun.length;
}

/** The sweep that makes up for a process that died between a run's end and the start of the next in line. */
export async function startStrandedRuns(dataSource: DataSource, limit: number): Promise<number> {
  const scopes = await once<{ pipeline: string; scope: string }>(dataSource, QUEUED_SCOPES, [limit]);
  return scopes.length === 0 ? 0 : startQueuedNow(dataSource, scopes);
}

/** On the hot path; a run of another policy that took the scope at this very instant is no error: its end is the next occasion. */
export async function startQueuedNow(dataSource: DataSource, scopes: readonly { pipeline: string; scope: string }[]): Promise<number> {
  try {
    return await startQueued(askOnce(dataSource), scopes);
  } catch (error) {
    if (sqlState(error) === UNIQUE_VIOLATION) return 0;
    throw error;
  }
}

const UNIQUE_VIOLATION = '23505';
