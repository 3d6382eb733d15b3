/**
 * The statements that settle. Nearly all attempts are followed by the next step in the same worker, or end their run, and nothing else is to be said of them: these have a
 * light statement each, with columns as arrays. The third settles whatever there is, with its rows as one JSON array. What is not ours any more is left out of the answers.
 */
import type { Statement } from './statements.js';

/** The same for every row of a statement, so it is made once. */
const NOW_ISO = `(SELECT to_char(engine.clock() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`;

/** $1 to $7, see settlement-columns.ts; $8 to $12 by kind, because few steps are meant by many rows; $13 whose attempts these are. */
const ROWS = `unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::int[], $5::timestamptz[], $6::timestamptz[], $7::jsonb[]`;
const ROW_NAMES = 'run_id, step_id, fence, kind, due_at, started_at, content';
const RECORD = (settled: string): string => `
      INSERT INTO engine.step (id, run_id, name, position, attempt, status, owner, due_at, claimed_by, fence, output, counts, item_errors, error, reason, started_at, finished_at)
      SELECT step_id, run_id, ($8::text[])[kind], ($9::int[])[kind], ($10::int[])[kind], ($11::text[])[kind], ($12::text[])[kind], coalesce(due_at, started_at), $13::uuid, fence,
             content -> 'output', coalesce(content -> 'counts', '{}'), coalesce(content -> 'item_errors', '[]'), content -> 'error', content ->> 'reason', started_at, engine.clock()
      FROM ${settled}`;
const OURS = 'a.run_id = s.run_id AND a.step_id = s.step_id AND a.fence = s.fence AND a.cancel_requested_at IS NULL';
/** One row, whatever the number: `only` lists what was settled when that is not everything. */
const ANSWER = 'count(*)::int AS settled, CASE WHEN count(*) < cardinality($1::uuid[]) THEN array_agg(step_id) END AS only, engine.clock() AS now';

/** $14 ids of the next attempts; by kind $15 next step, $16 its position, $17 its deadline in ms. The row is updated in place: no index is touched. */
export const HAND_ON: Statement = {
  name: 'hand_on',
  text: `
    WITH s AS MATERIALIZED (SELECT * FROM ${ROWS}, $14::uuid[]) AS s (${ROW_NAMES}, next_id)),
    moved AS (
      UPDATE engine.active_run a SET
        step_id = s.next_id, step = ($15::text[])[s.kind], position = ($16::int[])[s.kind], attempt = 1, claimed_at = engine.clock(), deadline_at = engine.clock() + ($17::float8[])[s.kind] * interval '1 millisecond',
        lease_until = NULL, nudged_at = NULL, progress_done = NULL, progress_total = NULL
      FROM s WHERE ${OURS}
      RETURNING s.*
    ),
    record AS (${RECORD('moved')}
    )
    SELECT ${ANSWER} FROM moved`,
};

/** $14 scopes; by kind $15 pipeline, $16 how the run ends, $17 subject of the fact; $18 what the steps sum up to; $19 id of the promised facts. Locks are taken in the order of SETTLE. */
export const END_RUNS: Statement = {
  name: 'end_runs',
  text: `
    WITH s AS MATERIALIZED (
      SELECT s.*, ($15::text[])[kind] AS pipeline FROM ${ROWS}, $14::text[], $18::jsonb[]) AS s (${ROW_NAMES}, scope, sums)
    ),
    schedules AS MATERIALIZED (
      SELECT c.id FROM (SELECT DISTINCT pipeline, scope FROM s) f JOIN engine.schedule c ON c.pipeline = f.pipeline AND c.scope = f.scope ORDER BY c.id FOR UPDATE OF c
    ),
    gone AS (
      DELETE FROM engine.active_run a USING s WHERE ${OURS} AND (SELECT count(*) FROM schedules) >= 0
      RETURNING s.*, a.exclusive AS freed
    ),
    record AS (${RECORD('gone')}
    ),
    over AS (
      UPDATE engine.run r SET status = ($16::text[])[g.kind], finished_at = engine.clock(), counts = coalesce(g.sums -> 'counts', '{}'), errors = coalesce(g.sums -> 'errors', '[]')
      FROM gone g WHERE r.id = g.run_id
      RETURNING r.id, r.pipeline, r.scope, r.status, r.started_at, r.finished_at, r.counts, r.errors, ($17::text[])[g.kind] AS subject
    ),
    ${afterwards('subject', '$19')}
    SELECT ${ANSWER}, array_agg(step_id) FILTER (WHERE freed) AS freed FROM gone`,
};

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
    nudges AS (
      INSERT INTO engine.outbox (id, subject, payload, available_at)
      SELECT nudge_id, nudge_subject, jsonb_build_object('stepId', next_id, 'runId', run_id, 'pipeline', pipeline, 'step', next_step, 'attempt', coalesce(next_attempt, 1)), promised_at FROM settled WHERE next IN ('due', 'waiting')
    ),
    ${afterwards('finished_subject', '$2')}
    SELECT step_id AS "stepId", freed, engine.clock() AS now FROM settled`,
};

/** $1 run ids, $2 step ids: those that were not settled only because their run was cancelled meanwhile. */
export const CANCELLED_MEANWHILE: Statement = {
  name: 'cancelled_meanwhile',
  text: `SELECT step_id AS "stepId" FROM engine.active_run WHERE run_id = ANY ($1::uuid[]) AND step_id = ANY ($2::uuid[]) AND cancel_requested_at IS NOT NULL`,
};

/** What follows the end of runs, from the CTE `over`: their schedules know it, what rings after them is due, and it is told. */
function afterwards(subject: string, factsId: string): string {
  return `scheduled AS (
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
    facts AS (
      INSERT INTO engine.outbox (id, subject, payload)
      SELECT ${factsId}::uuid, NULL, json_agg(json_build_object('id', id || '.finished', 'subject', ${subject}, 'payload', json_build_object(
        'runId', id, 'pipeline', pipeline, 'scope', scope, 'status', status, 'counts', counts, 'errors', errors, 'finishedAt', ${NOW_ISO})))::jsonb
      FROM over HAVING count(*) > 0
    )`;
}
