/** The one statement that settles. Its rows come as one JSON array; what is not ours any more is left out and told. */
import type { Statement } from './statements.js';

/**
 * $1 rows, $2 id of the promised facts. In the order in which it takes locks: schedules first, then active runs, as whoever rings does, so that the two never
 * wait for each other. `next` is `hand` (the same worker goes on: the row is updated in place, no index is touched), `due`, `waiting` or `finish`.
 */
export const SETTLE: Statement = {
  name: 'settle',
  text: `
    WITH s AS MATERIALIZED (
      SELECT * FROM json_to_recordset($1::json) AS s (run_id uuid, step_id uuid, fence bigint, knows_cancel boolean, pipeline text, scope text,
        recorded boolean, name text, position int, attempt int, owner text, status text, due_at timestamptz, started_at timestamptz, output jsonb, counts jsonb, item_errors jsonb, error jsonb, reason text, skipped json,
        next text, next_id uuid, next_step text, next_position int, next_attempt int, next_owner text, next_in_ms float8, next_at timestamptz, deadline_ms float8, nudge_id uuid, nudge_subject text,
        run_status text, run_counts jsonb, run_errors jsonb, finished_subject text)
    ),
    schedules AS MATERIALIZED (
      SELECT c.id FROM (SELECT DISTINCT pipeline, scope FROM s WHERE next = 'finish') f JOIN engine.schedule c ON c.pipeline = f.pipeline AND c.scope = f.scope ORDER BY c.id FOR UPDATE OF c
    ),
    held AS MATERIALIZED (
      SELECT a.run_id, a.step_id, a.exclusive, a.claimed_by, a.cancel_requested_at, s.knows_cancel OR a.cancel_requested_at IS NULL AS free
      FROM s JOIN engine.active_run a ON a.run_id = s.run_id AND a.step_id = s.step_id AND a.fence = s.fence
      WHERE (SELECT count(*) FROM schedules) >= 0
      ORDER BY a.run_id FOR UPDATE OF a
    ),
    moved AS (
      UPDATE engine.active_run a SET
        step_id = s.next_id, step = s.next_step, position = s.next_position, attempt = s.next_attempt, owner = s.next_owner,
        status = CASE s.next WHEN 'hand' THEN a.status ELSE s.next END,
        due_at = CASE s.next WHEN 'hand' THEN a.due_at ELSE coalesce(s.next_at, engine.clock() + coalesce(s.next_in_ms, 0) * interval '1 millisecond') END,
        claimed_by = CASE s.next WHEN 'hand' THEN a.claimed_by END, claimed_at = CASE s.next WHEN 'hand' THEN engine.clock() END,
        deadline_at = CASE s.next WHEN 'hand' THEN engine.clock() + s.deadline_ms * interval '1 millisecond' END,
        lease_until = NULL, nudged_at = NULL, progress_done = NULL, progress_total = NULL
      FROM s JOIN held h ON h.run_id = s.run_id WHERE a.run_id = s.run_id AND h.free AND s.next <> 'finish'
      RETURNING a.run_id, a.due_at
    ),
    gone AS (
      DELETE FROM engine.active_run a USING s JOIN held h ON h.run_id = s.run_id WHERE a.run_id = s.run_id AND h.free AND s.next = 'finish' RETURNING a.run_id
    ),
    record AS (
      INSERT INTO engine.step (id, run_id, name, position, attempt, status, owner, due_at, claimed_by, fence, output, counts, item_errors, error, reason, started_at, finished_at)
      SELECT s.step_id, s.run_id, s.name, s.position, s.attempt, s.status, s.owner, s.due_at, h.claimed_by, s.fence, s.output, s.counts, s.item_errors, s.error, s.reason, s.started_at, engine.clock()
      FROM s JOIN held h ON h.run_id = s.run_id WHERE h.free AND s.recorded
    ),
    passed AS (
      INSERT INTO engine.step (id, run_id, name, position, attempt, status, owner, due_at, reason, finished_at)
      SELECT k.id, s.run_id, k.name, k.position, 1, 'skipped', k.owner, engine.clock(), k.reason, engine.clock()
      FROM s JOIN held h ON h.run_id = s.run_id, json_to_recordset(s.skipped) AS k (id uuid, name text, position int, owner text, reason text) WHERE h.free
    ),
    over AS (
      UPDATE engine.run r SET status = s.run_status, finished_at = engine.clock(), counts = s.run_counts, errors = s.run_errors
      FROM s JOIN gone g ON g.run_id = s.run_id WHERE r.id = s.run_id
      RETURNING r.id, r.pipeline, r.scope, r.status, r.started_at, r.finished_at, r.counts, r.errors, s.finished_subject
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
      SELECT s.nudge_id, s.nudge_subject, jsonb_build_object('stepId', s.next_id, 'runId', s.run_id, 'pipeline', s.pipeline, 'step', s.next_step, 'attempt', s.next_attempt), m.due_at
      FROM s JOIN moved m ON m.run_id = s.run_id WHERE s.next <> 'hand'
    ),
    facts AS (
      INSERT INTO engine.outbox (id, subject, payload)
      SELECT $2::uuid, NULL, jsonb_agg(jsonb_build_object('id', id || '.finished', 'subject', finished_subject, 'payload', jsonb_build_object(
        'runId', id, 'pipeline', pipeline, 'scope', scope, 'status', status, 'counts', counts, 'errors', errors, 'finishedAt', to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))))
      FROM over HAVING count(*) > 0
    )
    SELECT s.run_id AS "runId", s.step_id AS "stepId", coalesce(h.free, false) AS settled, coalesce(s.next = 'finish' AND h.free AND h.exclusive, false) AS freed,
           coalesce(NOT h.free, false) AS cancelled, engine.clock() AS now
    FROM s LEFT JOIN held h ON h.run_id = s.run_id AND h.step_id = s.step_id`,
};
