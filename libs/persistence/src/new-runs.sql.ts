/** The statements that make runs. Rows come as one JSON array, so that a thousand runs are one round trip. */
import type { Statement } from './statements.js';

const FIELDS = `ord int, id uuid, step_id uuid, pipeline text, scope text, trigger text, reason text, schedule_id uuid, scheduled_for timestamptz, dedupe_key text, params jsonb, plan_id uuid,
  exclusive boolean, priority int, resumed_from uuid, trace text, owner text, step text, position int, nudge_id uuid, nudge_subject text, tick_subject text, taken boolean, queued boolean, deadline_ms float8`;

const PLANS = `INSERT INTO engine.plan (id, pipeline, steps) SELECT id, pipeline, steps FROM json_to_recordset($2::json) AS p (id uuid, pipeline text, steps jsonb) ON CONFLICT DO NOTHING`;

const ISO = (instant: string): string => `to_char(${instant} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Whoever hears a hint takes as much as it has room for, which is this unless set otherwise: the first of a kind have a hint each, to find every idle replica, and then one stands for as many. */
const RUNS_A_HINT = 8;

/** Where those stand that wait for a worker, and the hints that they do. */
const FLOW = `
    flow AS MATERIALIZED (
      SELECT pipeline, scope, owner, priority, greatest(
        (SELECT a.turn + 1 FROM engine.active_run a WHERE a.pipeline = f.pipeline AND a.scope = f.scope ORDER BY a.turn DESC LIMIT 1),
        (SELECT a.turn FROM engine.active_run a WHERE a.owner = f.owner AND a.pipeline = f.pipeline AND a.status = 'due' AND a.priority = f.priority ORDER BY a.turn LIMIT 1), 0) AS turn
      FROM (SELECT DISTINCT pipeline, scope, owner, priority FROM n WHERE NOT taken) f
    ),`;
const NUDGES = `
    nudges AS (
      INSERT INTO engine.outbox (id, subject, payload)
      SELECT nudge_id, nudge_subject, jsonb_build_object('stepId', step_id, 'runId', id, 'pipeline', pipeline, 'step', step, 'attempt', 1)
      FROM (SELECT n.*, row_number() OVER (PARTITION BY n.nudge_subject ORDER BY n.ord) AS nth FROM n, made WHERE n.id = ANY (made.ids) AND NOT n.taken AND NOT n.queued) due WHERE nth <= ${RUNS_A_HINT} OR nth % ${RUNS_A_HINT} = 0
    ),`;

const makeRuns = ({ waiting }: { waiting: boolean }): string => `
    WITH n AS MATERIALIZED (SELECT * FROM json_to_recordset($1::json) AS n (${FIELDS})),
    plans AS (${PLANS}),${waiting ? FLOW : ''}
    active AS (
      INSERT INTO engine.active_run (run_id, step_id, pipeline, scope, exclusive, priority, turn, status, plan_id, owner, step, position, attempt, due_at, requested_at, claimed_by, claimed_at, fence, deadline_at)
      SELECT n.id, n.step_id, n.pipeline, n.scope, n.exclusive, n.priority, ${waiting ? 'coalesce(f.turn + row_number() OVER (PARTITION BY n.pipeline, n.scope, n.priority ORDER BY n.ord) - 1, 0)' : '0'},
             CASE WHEN n.queued THEN 'queued' WHEN n.taken THEN 'running' ELSE 'due' END, n.plan_id, n.owner, n.step, n.position, 1, engine.clock(), engine.clock(),
             CASE WHEN n.taken THEN $3::uuid END, CASE WHEN n.taken THEN engine.clock() END, CASE WHEN n.taken THEN 1 ELSE 0 END, CASE WHEN n.taken THEN engine.clock() + n.deadline_ms * interval '1 millisecond' END
      FROM n ${waiting ? 'LEFT JOIN flow f ON f.pipeline = n.pipeline AND f.scope = n.scope AND f.owner = n.owner AND f.priority = n.priority AND NOT n.taken' : ''}
      ORDER BY n.pipeline, n.scope, n.ord
      ON CONFLICT DO NOTHING RETURNING run_id
    ),
    -- An array and no join: the planner is told to use nested loops.
    made AS MATERIALIZED (SELECT coalesce(array_agg(run_id), '{}') AS ids FROM active),
    runs AS (
      INSERT INTO engine.run (id, pipeline, scope, trigger, reason, schedule_id, scheduled_for, dedupe_key, params, plan_id, status, priority, resumed_from, trace, requested_at, started_at)
      SELECT n.id, n.pipeline, n.scope, n.trigger, n.reason, n.schedule_id, n.scheduled_for, n.dedupe_key, n.params, n.plan_id, CASE WHEN n.queued THEN 'queued' ELSE 'running' END,
             n.priority, n.resumed_from, n.trace, engine.clock(), CASE WHEN NOT n.queued THEN engine.clock() END
      FROM n, made WHERE n.id = ANY (made.ids)
    ),${waiting ? NUDGES : ''}
    facts AS (
      INSERT INTO engine.outbox (id, subject, payload)
      SELECT $4::uuid, NULL, json_agg(json_build_object('id', n.id || '.tick', 'subject', n.tick_subject, 'payload', json_strip_nulls(json_build_object(
        'runId', n.id, 'pipeline', n.pipeline, 'scope', n.scope, 'scheduleId', n.schedule_id, 'scheduledFor', CASE WHEN n.scheduled_for IS NULL THEN (SELECT ${ISO('engine.clock()')}) ELSE ${ISO('n.scheduled_for')} END))))::jsonb
      FROM n, made WHERE n.id = ANY (made.ids) AND NOT n.queued HAVING count(*) > 0
    )
    SELECT engine.clock() AS now, CASE WHEN cardinality(made.ids) < (SELECT count(*) FROM n) THEN made.ids END AS only FROM made`;

/**
 * $1 rows, $2 plans, $3 the worker that takes the rows marked `taken`, $4 id of the promised facts. A row that finds another exclusive run in its way is not
 * made; then the one row of the answer lists those that are, in `only`.
 *
 * `turn`: who waits stands behind the last of its own scope, and never before the head of the line. So scopes take turns, however many one of them
 * brings, and none gathers credit while it is away (start-time fair queueing, Goyal, Vin and Cheng 1996).
 */
export const MAKE_RUNS: Statement = { name: 'make_runs', text: makeRuns({ waiting: true }) };

/** The same when a worker takes every row: none waits. Starting up the parts that find nothing to do took a seventh to a fifth of Postgres's time for it. */
export const MAKE_TAKEN: Statement = { name: 'make_taken', text: makeRuns({ waiting: false }) };

/** $1 rows, $2 plans: runs that found another in their way, with its id as the reason. A statement of its own, because only a new one sees who that is. */
export const MAKE_SKIPPED: Statement = {
  name: 'make_skipped',
  text: `
    WITH n AS MATERIALIZED (
      SELECT n.*, (SELECT 'skipped: run ' || a.run_id || ' is ' || CASE a.status WHEN 'queued' THEN 'queued' ELSE 'running' END
                   FROM engine.active_run a WHERE a.pipeline = n.pipeline AND a.scope = n.scope ORDER BY a.status = 'queued', a.requested_at, a.run_id LIMIT 1) AS because
      FROM json_to_recordset($1::json) AS n (${FIELDS})
    ),
    plans AS (${PLANS}),
    runs AS (
      INSERT INTO engine.run (id, pipeline, scope, trigger, reason, schedule_id, scheduled_for, dedupe_key, params, plan_id, status, priority, resumed_from, trace, requested_at, finished_at)
      SELECT n.id, n.pipeline, n.scope, n.trigger, coalesce(n.because, 'skipped: another run was in the way'), n.schedule_id, n.scheduled_for, n.dedupe_key, n.params, n.plan_id, 'skipped',
             n.priority, n.resumed_from, n.trace, engine.clock(), engine.clock() FROM n
    )
    SELECT ord, coalesce(because, 'skipped: another run was in the way') AS reason FROM n`,
};

/** $1 pipelines, $2 keys, $3 run ids. Whoever commits first has the key; in order, so that two never wait for each other. */
export const TAKE_KEYS: { take: Statement; read: Statement } = {
  take: {
    name: 'take_keys',
    text: `INSERT INTO engine.run_key (pipeline, dedupe_key, run_id)
           SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[]) AS k (pipeline, dedupe_key, run_id) ORDER BY pipeline, dedupe_key, run_id ON CONFLICT DO NOTHING`,
  },
  read: {
    name: 'read_keys',
    text: `SELECT k.pipeline, k.dedupe_key, k.run_id FROM unnest($1::text[], $2::text[]) AS n (pipeline, dedupe_key) JOIN engine.run_key k USING (pipeline, dedupe_key)`,
  },
};
