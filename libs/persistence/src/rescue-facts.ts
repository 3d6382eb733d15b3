/** Whether there is anything to rescue: one statement, since every scheduler asks every two seconds and the answer is nearly always no. */
import type { DataSource } from 'typeorm';
import type { Channel } from './notices.js';
import { SILENT } from './take-over.js';

export interface RescueFacts {
  /** Steps are held by workers that are silent. */
  silent: boolean;
  /** Steps have been due for a while, whether they were nudged meanwhile or not. */
  stepsWait: boolean;
  /** Runs wait for another of their scope, whether it is there or not. */
  queued: boolean;
  /** Notices were being sent when their notifier fell silent. */
  unsure: boolean;
  /** Notices have been due for a while. */
  noticesWait: boolean;
}

/** @param waitingMs what has been due for longer has waited for a while */
export async function rescueFacts(dataSource: DataSource, { leaseMs, waitingMs, channels }: { leaseMs: number; waitingMs: number; channels: readonly Channel[] }): Promise<RescueFacts> {
  const waiting = `due_at < engine.clock() - $2 * interval '1 millisecond'`;
  const [facts] = await dataSource.manager.query<RescueFacts[]>(
    `SELECT EXISTS (SELECT FROM engine.active_run a WHERE ${SILENT}) AS silent,
            EXISTS (SELECT FROM engine.active_run WHERE status IN ('due', 'waiting') AND ${waiting}) AS "stepsWait",
            EXISTS (SELECT FROM engine.active_run WHERE status = 'queued') AS queued,
            EXISTS (SELECT FROM notices.notice WHERE status = 'sending' AND lease_until < engine.clock()) AS unsure,
            EXISTS (SELECT FROM notices.notice WHERE status IN ('queued', 'failed') AND channel = ANY($3) AND ${waiting}) AS "noticesWait"`,
    [leaseMs, waitingMs, channels],
  );
  if (!facts) throw new Error('the database did not say whether there is anything to rescue');
  return facts;
}
