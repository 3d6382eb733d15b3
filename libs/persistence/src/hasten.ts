/** A nudge for schedules that ask a counter: somebody committed a row that will be countable sooner than they would look. */
import { ScheduleChanged } from '@carillon/shared';
import type { EntityManager } from 'typeorm';
import { promise } from './outbox.js';

/**
 * Sees to it, in the caller's transaction, that the schedules of a pipeline which ask a counter look at `at`, or right away when that is past. Nothing is written when they look sooner
 * anyhow. A scheduler that is looking just now is waited for: otherwise it would put the look back to where it was, without having seen the caller's row.
 */
export async function hasten(manager: EntityManager, pipeline: string, at: Date): Promise<void> {
  const [moved] = await manager.query<[unknown[], number]>(
    `UPDATE engine.schedule SET next_due_at = greatest($2, engine.clock()) WHERE pipeline = $1 AND by_code AND trigger->>'kind' = 'threshold' AND next_due_at > greatest($2, engine.clock()) RETURNING id`,
    [pipeline, at],
  );
  if (moved.length > 0) await promise(manager, { subject: ScheduleChanged.subject, payload: {} });
}
