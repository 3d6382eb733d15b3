/** Whether there is anything to rescue: one statement, since every scheduler asks every two seconds and the answer is nearly always no. */
import type { DataSource } from 'typeorm';
import { SILENT } from './take-over.js';

export interface RescueFacts {
  /** Steps are held by workers that are silent. */
  silent: boolean;
  /** Steps have been due for a while, whether they were nudged meanwhile or not. */
  stepsWait: boolean;
  /** Runs wait for another of their scope, whether it is there or not. */
  queued: boolean;
}

/** @param waitingMs what has been due for longer has waited for a while */
export async function rescueFacts(dataSource: DataSource, { leaseMs, waitingMs }: { leaseMs: number; waitingMs: number }): Promise<RescueFacts> {
  const waiting = `due_at < engine.clock() - $2 * interval '1 millisecond'`;
  const [facts] = await dataSource.manager.query<RescueFacts[]>(
    `SELECT EXISTS (SELECT FROM engine.active_run a WHERE ${SILENT}) AS silent,
            EXISTS (SELECT FROM engine.active_run WHERE status IN ('due', 'waiting') AND ${waiting}) AS "stepsWait",
            EXISTS (SELECT FROM engine.active_run WHERE status = 'queued') AS queued`,
    [leaseMs, waitingMs],
  );
  if (!facts) throw new Error('the database did not say whether there is anything to rescue');
  return facts;
}
