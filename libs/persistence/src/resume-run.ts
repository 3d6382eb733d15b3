/**
 * A new run that goes on with an ended one: with the same parameters, scope and list of steps. What comes before its first step is kept, on its own
 * record; the ended run is not touched.
 */
import { PermanentError, resumeAt } from '@carillon/engine';
import type { JsonObject, OverlapPolicy, StepEnd } from '@carillon/engine';
import type { EntityManager } from 'typeorm';
import { pastOf } from './claims.js';
import { createRun } from './new-runs.js';
import type { CreatedRun } from './new-runs.js';
import type { PastAttempt } from './past.js';
import { plansOf } from './plans.js';

export class UnknownRun extends PermanentError {
  override readonly name = 'UnknownRun';
}

export interface Resume {
  runId: string;
  /** The step to do anew; the first one that failed unless told. */
  from?: string;
  /** Whether items of a fan-out that are done stay done: yes unless `from` names the step. */
  keepItems?: boolean;
}

/**
 * @param overlapOf the policy of a pipeline; may refuse it
 * @throws UnknownRun, or ResumeRefused with what to do instead
 */
export async function resumeRun(manager: EntityManager, { runId, from, keepItems = from === undefined }: Resume, overlapOf: (pipeline: string) => OverlapPolicy): Promise<CreatedRun & { pipeline: string; from: string }> {
  const [run] = await manager.query<EndedRow[]>('SELECT id, pipeline, scope, params, plan_id AS "planId", status, priority FROM engine.run WHERE id = $1', [runId]);
  if (!run) throw new UnknownRun(`there is no run ${runId}`);
  const overlap = overlapOf(run.pipeline);
  const plan = (await plansOf(manager, [run.planId])).get(run.planId);
  if (!plan) throw new UnknownRun(`the list of steps of run ${runId} is gone`);
  const past = (await pastOf(manager, [runId])).get(runId) ?? [];
  const at = resumeAt({ id: runId, status: run.status, plan, steps: endsOf(past) }, from);
  const first = plan[at]?.name ?? '';
  const before = new Set(plan.slice(0, at).map(({ name }) => name));
  const created = await createRun(manager, {
    ...{ pipeline: run.pipeline, scope: run.scope, trigger: 'resume', reason: `goes on with run ${runId} at "${first}"`, plan, overlap, params: run.params, priority: run.priority },
    resumes: { run: runId, at, past: past.filter(({ name, status }) => before.has(name) && ENDS.has(status)) },
  });
  if (created.status !== 'skipped') await keep(manager, { from: runId, to: created.id, at, items: keepItems ? first : undefined });
  return { ...created, pipeline: run.pipeline, from: first };
}

interface Kept {
  from: string;
  to: string;
  at: number;
  /** The step whose done items stay done. */
  items: string | undefined;
}

/** What was counted stays with the run that did it. */
async function keep(manager: EntityManager, { from, to, at, items }: Kept): Promise<void> {
  await manager.query(
    `INSERT INTO engine.step (id, run_id, name, position, attempt, status, owner, due_at, output, item_errors, error, reason, finished_at)
     SELECT gen_random_uuid(), $2, name, position, 1, status, owner, engine.clock(), output, item_errors, error, CASE WHEN reason LIKE 'kept from run %' THEN reason ELSE 'kept from run ' || $1::text || coalesce(': ' || reason, '') END, engine.clock()
     FROM (SELECT DISTINCT ON (name) * FROM engine.step WHERE run_id = $1::uuid AND position < $3 AND status IN ('done', 'skipped', 'failed') ORDER BY name, attempt DESC) kept`,
    [from, to, at],
  );
  await manager.query(
    `INSERT INTO engine.step_value (run_id, step, name, kind, content)
     SELECT $2, v.step, v.name, v.kind, v.content FROM engine.step_value v WHERE v.run_id = $1 AND (v.step = $3 OR EXISTS (SELECT FROM engine.step s WHERE s.run_id = $2 AND s.name = v.step))`,
    [from, to, items ?? null],
  );
  if (items === undefined) return;
  await manager.query(
    `INSERT INTO engine.step_item (run_id, step, key, status, attempts, revision, output, error, kept_from)
     SELECT $2, step, key, status, attempts, revision, output, error, coalesce(kept_from, $1) FROM engine.step_item WHERE run_id = $1 AND step = $3 AND status = 'done'`,
    [from, to, items],
  );
}

const ENDS: ReadonlySet<string> = new Set<StepEnd>(['done', 'skipped', 'failed', 'cancelled']);

function endsOf(past: readonly PastAttempt[]): Map<string, { end: StepEnd; itemErrors: number }> {
  return new Map(past.flatMap(({ name, status, itemErrors }) => (ENDS.has(status) ? [[name, { end: status as StepEnd, itemErrors: itemErrors.length }] as const] : [])));
}

interface EndedRow {
  id: string;
  pipeline: string;
  scope: string;
  params: JsonObject;
  planId: string;
  status: string;
  priority: number;
}
