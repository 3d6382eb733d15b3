/** The statements that claim. All are on the small table of active runs; what lies behind a run is read only when there is something. */
import type { Statement } from './statements.js';

const ATTEMPT = `'name', p.name, 'status', p.status, 'counts', p.counts, 'itemErrors', p.item_errors, 'error', p.error, 'output', p.output`;

/** What a claimed row tells its worker; `a` is the updated row. */
export const CLAIMED = `
  SELECT a.run_id AS "runId", a.step_id AS "stepId", a.fence, a.claimed_by AS worker, a.attempt, a.step AS name, a.position, a.plan_id AS "planId", a.pipeline, a.scope, r.trigger, r.params, r.trace,
         a.claimed_at AS "claimedAt", a.due_at AS "dueAt", a.cancel_requested_at IS NOT NULL AS "cancelRequested",
         CASE WHEN a.position > 0 OR a.attempt > 1 THEN (SELECT jsonb_agg(jsonb_build_object(${ATTEMPT}) ORDER BY p.position, p.attempt) FROM engine.step p WHERE p.run_id = a.run_id) END AS past
  FROM claimed a JOIN engine.run r ON r.id = a.run_id`;

const TAKE = (worker: string, grace: string): string => `
  status = 'running', claimed_by = ${worker}, claimed_at = engine.clock(), fence = a.fence + 1, nudged_at = NULL, progress_done = NULL, progress_total = NULL,
  deadline_at = engine.clock() + ((SELECT (p.steps -> a.position ->> 'timeoutMs')::float8 FROM engine.plan p WHERE p.id = a.plan_id) + ${grace}) * interval '1 millisecond'`;

/** $1 step id, $2 worker, $3 grace in ms, $4 lease in ms for a worker without a heartbeat, or null */
export const CLAIM_ONE: Statement = {
  name: 'claim_one',
  text: `
    WITH claimed AS (
      UPDATE engine.active_run a SET ${TAKE('$2::uuid', '$3::float8')},
        lease_until = CASE WHEN NOT EXISTS (SELECT FROM engine.service s WHERE s.id = $2::uuid) THEN engine.clock() + $4::float8 * interval '1 millisecond' END
      WHERE a.step_id = $1::uuid AND (a.status = 'due' OR a.status = 'waiting' AND a.due_at <= engine.clock())
      RETURNING a.*
    ) ${CLAIMED}`,
};

/**
 * $1 owner, $2 pipelines, $3 steps as pipeline.step, $4 room, $5 worker, $6 grace in ms. Each pipeline offers its best, and pipelines of equal priority take turns.
 * Steps that wait for a time stand in an index of their own until it has come, so that thousands of them are not passed by at every claim.
 */
export const CLAIM_BEST: Statement = {
  name: 'claim_best',
  text: `
    WITH offered AS MATERIALIZED (
      SELECT c.* FROM unnest($2::text[]) AS p (pipeline), LATERAL (
        SELECT * FROM (
          SELECT a.run_id, a.pipeline, a.priority, a.turn FROM engine.active_run a
          WHERE a.owner = $1 AND a.pipeline = p.pipeline AND a.status = 'due' AND a.pipeline || '.' || a.step = ANY ($3)
          ORDER BY a.priority DESC, a.turn LIMIT $4 FOR UPDATE SKIP LOCKED
        ) due
        UNION ALL
        SELECT * FROM (
          SELECT a.run_id, a.pipeline, a.priority, a.turn FROM engine.active_run a
          WHERE a.status = 'waiting' AND a.due_at <= engine.clock() AND a.owner = $1 AND a.pipeline = p.pipeline AND a.pipeline || '.' || a.step = ANY ($3)
          ORDER BY a.due_at LIMIT $4 FOR UPDATE SKIP LOCKED
        ) waited
      ) c
    ),
    best AS MATERIALIZED (
      SELECT run_id FROM (SELECT run_id, priority, row_number() OVER (PARTITION BY pipeline ORDER BY priority DESC, turn) AS nth FROM offered) o ORDER BY priority DESC, nth LIMIT $4
    ),
    claimed AS (
      UPDATE engine.active_run a SET ${TAKE('$5::uuid', '$6::float8')}, lease_until = NULL FROM best WHERE a.run_id = best.run_id RETURNING a.*
    ) ${CLAIMED}`,
};

/**
 * As CLAIM_BEST for the one pipeline in $2, and $7 runs of a scope at once. Scopes are found by skipping from one to the next in the index, so that a scope with
 * ten thousand waiting runs costs as much as one with a single run.
 */
export const CLAIM_BY_SCOPE: Statement = {
  name: 'claim_by_scope',
  text: `
    WITH RECURSIVE scope AS (
      (SELECT a.scope FROM engine.active_run a WHERE a.pipeline = ($2::text[])[1] ORDER BY a.scope LIMIT 1)
      UNION ALL
      SELECT (SELECT a.scope FROM engine.active_run a WHERE a.pipeline = ($2::text[])[1] AND a.scope > s.scope ORDER BY a.scope LIMIT 1) FROM scope s WHERE s.scope IS NOT NULL
    ),
    open AS MATERIALIZED (
      SELECT scope, $7::int - (SELECT count(*) FROM engine.active_run r WHERE r.pipeline = ($2::text[])[1] AND r.scope = s.scope AND r.status = 'running') AS free FROM scope s WHERE scope IS NOT NULL
    ),
    offered AS MATERIALIZED (
      SELECT c.* FROM open, LATERAL (
        SELECT a.run_id, a.priority, a.turn FROM engine.active_run a
        WHERE a.owner = $1 AND a.pipeline = ($2::text[])[1] AND a.scope = open.scope AND (a.status = 'due' OR a.status = 'waiting' AND a.due_at <= engine.clock()) AND a.pipeline || '.' || a.step = ANY ($3)
        ORDER BY a.priority DESC, a.turn LIMIT open.free FOR UPDATE SKIP LOCKED
      ) c WHERE open.free > 0
    ),
    best AS MATERIALIZED (SELECT run_id FROM offered ORDER BY priority DESC, turn LIMIT $4),
    claimed AS (
      UPDATE engine.active_run a SET ${TAKE('$5::uuid', '$6::float8')}, lease_until = NULL FROM best WHERE a.run_id = best.run_id RETURNING a.*
    ) ${CLAIMED}`,
};

/** $1 run ids */
export const PAST = `
  SELECT run_id AS "runId", name, status, counts, item_errors AS "itemErrors", error, output FROM engine.step WHERE run_id = ANY ($1) ORDER BY run_id, position, attempt`;
