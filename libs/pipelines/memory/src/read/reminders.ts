/** Reminders as an operator may see them: whose, when and what is wrong with them, and never what they say. */
import type { Recurrence } from '@carillon/calendar';
import type { DataSource } from 'typeorm';

export interface ReminderListing {
  id: string;
  ownerId: string;
  fireAt: Date;
  recurrence: Recurrence | null;
  fired: boolean;
  firedAt: Date | null;
  missed: number;
  failures: number;
  lastError: string | null;
}

/** Those that wait, the soonest first; with `fired` those that rang, the latest first; with `failing` only those that could not be fired. */
export async function reminderListings(dataSource: DataSource, { ownerId, fired = false, failing = false, limit = 50 }: { ownerId?: string; fired?: boolean; failing?: boolean; limit?: number } = {}): Promise<ReminderListing[]> {
  return dataSource.manager.query(
    `SELECT id, owner_id AS "ownerId", fire_at AS "fireAt", recurrence, fired, fired_at AS "firedAt", missed, failures, last_error AS "lastError" FROM memory.reminder
     WHERE fired = $1 AND (NOT $2 OR failures > 0) AND ($3::text IS NULL OR owner_id = $3) ORDER BY CASE WHEN $1 THEN NULL ELSE due_at END, CASE WHEN $1 THEN fired_at END DESC, id LIMIT $4`,
    [fired, failing, ownerId ?? null, limit],
  );
}
