/** Runs and their steps as people and programs read them. */
import type { JsonObject } from '@carillon/engine';
import type { RunStatus } from '@carillon/shared';
import type { DataSource } from 'typeorm';

export interface StepHistory {
  name: string;
  attempt: number;
  status: string;
  owner: string;
  dueAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  durationMs: number | null;
  progress: { done: number; total: number } | null;
  counts: Record<string, number>;
  errors: string[];
  error: JsonObject | null;
  reason: string | null;
  /** What it was given: the run's parameters, and what the steps before it had left. */
  input: JsonObject;
  output: JsonObject | null;
}

export interface RunHistory {
  id: string;
  pipeline: string;
  scope: string;
  trigger: string;
  status: RunStatus;
  reason: string | null;
  scheduledFor: Date | null;
  requestedAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  counts: Record<string, number>;
  errors: string[];
  params: JsonObject;
  priority: number;
  /** The run that this one went on with. */
  resumedFrom: string | null;
  steps: StepHistory[];
}

export interface RunFilter {
  id?: string;
  pipeline?: string;
  status?: RunStatus;
  /** Runs requested before this one, for paging. */
  before?: string;
  limit?: number;
}

/** Newest first, each with all attempts of its steps in order: those that are over, and the one that is due or being worked on. */
export async function listRuns(dataSource: DataSource, filter: RunFilter = {}): Promise<RunHistory[]> {
  const { id = null, pipeline = null, status = null, before = null, limit = 50 } = filter;
  const runs = await dataSource.manager.query<RunHistory[]>(
    `SELECT r.id, r.pipeline, r.scope, r.trigger, r.status, r.reason, r.scheduled_for AS "scheduledFor", r.requested_at AS "requestedAt",
            r.started_at AS "startedAt", r.finished_at AS "finishedAt", r.counts, r.errors, r.params, r.priority, r.resumed_from AS "resumedFrom", coalesce(s.steps, '[]') AS steps
     FROM (SELECT * FROM engine.run
           WHERE ($1::uuid IS NULL OR id = $1) AND ($2::text IS NULL OR pipeline = $2) AND ($3::text IS NULL OR status = $3) AND ($4::uuid IS NULL OR id < $4)
           ORDER BY id DESC LIMIT $5) r
     LEFT JOIN LATERAL (
       SELECT jsonb_agg(jsonb_build_object(
         'name', name, 'attempt', attempt, 'status', status, 'owner', owner, 'dueAt', due_at, 'startedAt', started_at, 'finishedAt', finished_at,
         'durationMs', round(extract(epoch FROM finished_at - started_at) * 1000),
         'progress', CASE WHEN progress_total IS NOT NULL THEN jsonb_build_object('done', progress_done, 'total', progress_total) END,
         'counts', counts, 'errors', item_errors, 'error', error, 'reason', reason, 'output', output) ORDER BY position, attempt) AS steps
       FROM (
         SELECT name, position, attempt, status, owner, due_at, started_at, finished_at, progress_done, progress_total, counts, item_errors, error, reason, output FROM engine.step WHERE run_id = r.id
         UNION ALL
         SELECT step, position, attempt, CASE status WHEN 'waiting' THEN 'due' ELSE status END, owner, due_at, claimed_at, NULL, progress_done, progress_total, '{}', '[]', NULL, NULL, NULL FROM engine.active_run WHERE run_id = r.id AND status <> 'queued'
       ) attempts
     ) s ON true
     ORDER BY r.id DESC`,
    [id, pipeline, status, before, limit],
  );
  return runs.map((run) => ({ ...run, steps: withInputs(run) }));
}

/** Not stored, because it can be derived: outputs are kept with the step that left them. */
function withInputs({ params, steps }: RunHistory): StepHistory[] {
  const outputs: JsonObject = {};
  return steps.map((step) => {
    const input = { params, outputs: { ...outputs } };
    if (step.status === 'done' && step.output) outputs[step.name] = step.output;
    return { ...step, input };
  });
}
