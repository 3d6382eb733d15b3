/** The one statement that settles. Its rows come as one JSON array; what is not ours any more is left out of the answer. */
import type { Statement } from './statements.js';

/**
 * $1 rows, of which only what is not as usual need be there; $2 id of the promised facts; $3 whose attempts these are. In the order in which it takes locks: schedules first, then active runs, as whoever rings does, so that the two never
 * wait for each other. `next` is `hand` (the same worker goes on: the row is updated in place, no index is touched), `due`, `waiting` or `finish`. Each part
 * reads what the part before it returned, never two of them joined: the planner is told to use nested loops.
 */
export const SETTLE: Statement = {
  name: 'settle',
  text: `
    WITH s AS MATERIALIZED (
      SELECT * FROM json_to_recordset($1::json) AS s (run_id uuid, step_id uuid, fence bigint, knows_cancel boolean, pipeline text, scope text, worker uuid,
        unrecorded boolean, name text, position int, attempt int, owner text, status text, due_at timestamptz, started_at timestamptz, output jsonb, counts jsonb, item_errors jsonb, error jsonb, reason text, skipped json,
        next text, next_id uuid, next_step text, next_position int, next_attempt int, next_owner text, next_in_ms float8, next_at timestamptz, deadline_ms float8, nudge_id uuid, nudge_subject text,
        run_status text, run_counts jsonb, run_errors jsonb, finished_subject text)
    ),
    schedules AS MATERIALIZED (
      SELECT c.id FROM (SELECT DISTINCT pipeline, scope FROM s WHERE next = 'finish') f JOIN engine.schedule c ON c.pipeline = f.pipeline AND c.scope = f.scope ORDER BY c.id FOR UPDATE OF c
    ),
    moved AS (
      UPDATE engine.active_run a SET
        step_id = s.next_id, step = s.next_step, position = s.next_position, attempt = coalesce(s.next_attempt, 1), owner = coalesce(s.next_owner, s.owner),
        status = CASE s.next WHEN 'hand' THEN a.status ELSE s.next END,
        due_at = CASE s.next WHEN 'hand' THEN a.due_at ELSE coalesce(s.next_at, engine.clock() + coalesce(s.next_in_ms, 0) * interval '1 millisecond') END,
        claimed_by = CASE s.next WHEN 'hand' THEN a.claimed_by END, claimed_at = CASE s.next WHEN 'hand' THEN engine.clock() END,
        deadline_at = CASE s.next WHEN 'hand' THEN engine.clock() + s.deadline_ms * interval '1 millisecond' END,
        lease_until = NULL, nudged_at = NULL, progress_done = NULL, progress_total = NULL
      FROM s WHERE s.next <> 'finish' AND a.run_id = s.run_id AND a.step_id = s.step_id AND a.fence = s.fence AND (s.knows_cancel IS TRUE OR a.cancel_requested_at IS NULL)
      RETURNING s.*, a.due_at AS promised_at, false AS freed
    ),
    gone AS (
      DELETE FROM engine.active_run a USING s
      WHERE s.next = 'finish' AND a.run_id = s.run_id AND a.step_id = s.step_id AND a.fence = s.fence AND (s.knows_cancel IS TRUE OR a.cancel_requested_at IS NULL) AND (SELECT count(*) FROM schedules) >= 0
      RETURNING s.*, NULL::timestamptz AS promised_at, a.exclusive AS freed
    ),
    settled AS MATERIALIZED (SELECT * FROM moved UNION ALL SELECT * FROM gone),
    record AS (
      INSERT INTO engine.step (id, run_id, name, position, attempt, status, owner, due_at, claimed_by, fence, output, counts, item_errors, error, reason, started_at, finished_at)
      SELECT step_id, run_id, name, position, attempt, status, owner, coalesce(due_at, started_at), coalesce(worker, $3::uuid), fence, output, coalesce(counts, '{}'), coalesce(item_errors, '[]'), error, reason, started_at, engine.clock()
      FROM settled WHERE unrecorded IS NOT TRUE
    ),
    passed AS (
      INSERT INTO engine.step (id, run_id, name, position, attempt, status, owner, due_at, reason, finished_at)
      SELECT k.id, t.run_id, k.name, k.position, 1, 'skipped', k.owner, engine.clock(), k.reason, engine.clock()
      FROM settled t, json_to_recordset(t.skipped) AS k (id uuid, name text, position int, owner text, reason text)
    ),
    over AS (
      UPDATE engine.run r SET status = t.run_status, finished_at = engine.clock(), counts = t.run_counts, errors = t.run_errors
      FROM settled t WHERE t.next = 'finish' AND r.id = t.run_id
      RETURNING r.id, r.pipeline, r.scope, r.status, r.started_at, r.finished_at, r.counts, r.errors, t.finished_subject
    ),
    scheduled AS (
      UPDATE engine.schedule c SET
        last_started_at = greatest(c.last_started_at, f.started_at), last_success_started_at = greatest(c.last_success_started_at, f.succeeded_at),
        failures_in_row = CASE WHEN f.succeeded_at IS NOT NULL THEN 0 ELSE c.failures_in_row + f.failures END
      FROM (SELECT pipeline, scope, max(started_at) AS started_at, max(started_at) FILTER (WHERE status = 'succeeded') AS succeeded_at, count(*) FILTER (WHERE status IN ('failed', 'partial')) AS failures
            FROM over GROUP BY pipeline, scope) f
      WHERE c.pipeline = f.pipeline AND c.scope = f.scope
    ),
    chained AS (
      INSERT INTO engine.chain_due (schedule_id, run_id, finished_at)
      SELECT c.id, over.id, over.finished_at FROM over JOIN engine.schedule c ON c.after_pipeline = over.pipeline AND (c.after_scope IS NULL OR c.after_scope = over.scope) ON CONFLICT DO NOTHING
    ),
    nudges AS (
      INSERT INTO engine.outbox (id, subject, payload, available_at)
      SELECT nudge_id, nudge_subject, jsonb_build_object('stepId', next_id, 'runId', run_id, 'pipeline', pipeline, 'step', next_step, 'attempt', coalesce(next_attempt, 1)), promised_at FROM settled WHERE next IN ('due', 'waiting')
    ),
    facts AS (
      INSERT INTO engine.outbox (id, subject, payload)
      SELECT $2::uuid, NULL, json_agg(json_build_object('id', id || '.finished', 'subject', finished_subject, 'payload', json_build_object(
        'runId', id, 'pipeline', pipeline, 'scope', scope, 'status', status, 'counts', counts, 'errors', errors, 'finishedAt', to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))))::jsonb
      FROM over HAVING count(*) > 0
    )
    SELECT step_id AS "stepId", freed, engine.clock() AS now FROM settled`,
};

/** $1 run ids, $2 step ids: those that were not settled only because their run was cancelled meanwhile. */
export const CANCELLED_MEANWHILE: Statement = {
  name: 'cancelled_meanwhile',
  text: `SELECT step_id AS "stepId" FROM engine.active_run WHERE run_id = ANY ($1::uuid[]) AND step_id = ANY ($2::uuid[]) AND cancel_requested_at IS NOT NULL`,
};
