/** A run that ends as it is made: nothing of it is executed, and history, facts and alerts see it like any other. */
import { RunFinished, subjectOf } from '@carillon/shared';
import type { EntityManager } from 'typeorm';
import { newId } from './identifiers.js';
import type { CreatedRun, NewRun } from './new-runs.js';
import { promise } from './outbox.js';
import { planRow } from './plans.js';
import { storableJson, storableText } from './storable.js';
import { databaseNow } from './transaction.js';

export async function createFailedRun(manager: EntityManager, run: NewRun, errors: readonly string[]): Promise<CreatedRun> {
  const failed = await insertEnded(manager, run, 'failed', errors);
  await manager.query('UPDATE engine.schedule SET failures_in_row = failures_in_row + 1 WHERE pipeline = $1 AND scope = $2', [run.pipeline, run.scope]);
  return failed;
}

/** For what was asked for and is not done, such as a backup that is not configured: the history says so, and why. */
export const createSkippedRun = (manager: EntityManager, run: Omit<NewRun, 'plan' | 'overlap'>): Promise<CreatedRun> => insertEnded(manager, { ...run, plan: [], overlap: { kind: 'allow' } }, 'skipped', []);

async function insertEnded(manager: EntityManager, run: NewRun, status: 'failed' | 'skipped', errors: readonly string[]): Promise<CreatedRun> {
  const id = newId();
  const reason = storableText(run.reason ?? '');
  const plan = planRow(run.pipeline, run.plan);
  await manager.query('INSERT INTO engine.plan (id, pipeline, steps) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [plan.id, plan.pipeline, JSON.stringify(plan.steps)]);
  await manager.query(
    `INSERT INTO engine.run (id, pipeline, scope, trigger, reason, schedule_id, scheduled_for, params, plan_id, priority, status, requested_at, started_at, finished_at, errors)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $12, engine.clock(), CASE WHEN $12 = 'failed' THEN engine.clock() END, engine.clock(), $11)`,
    [id, run.pipeline, run.scope, run.trigger, reason, run.scheduleId ?? null, run.scheduledFor ?? null, storableJson(run.params ?? {}), plan.id, run.priority ?? 0, storableJson(errors), status],
  );
  const finishedAt = (await databaseNow(manager)).toISOString();
  await promise(manager, { subject: subjectOf(RunFinished, run.pipeline), payload: { runId: id, pipeline: run.pipeline, scope: run.scope, status, counts: {}, errors: [...errors], finishedAt } });
  await manager.query('INSERT INTO engine.chain_due (schedule_id, run_id, finished_at) SELECT id, $2::uuid, engine.clock() FROM engine.schedule WHERE after_pipeline = $1 AND (after_scope IS NULL OR after_scope = $3)', [run.pipeline, id, run.scope]);
  return { id, status, reason, created: true };
}
