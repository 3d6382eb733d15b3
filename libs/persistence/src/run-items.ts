/** The items of fan-outs as people and programs read them. */
import type { ItemStatus, JsonObject, RecordedError } from '@carillon/engine';
import type { DataSource } from 'typeorm';

/** How the items of one step stand. `kept` ones were done by the run that this one goes on with, and are not among `done`. */
export interface ItemSummary {
  step: string;
  done: number;
  failed: number;
  skipped: number;
  waiting: number;
  kept: number;
}

export interface ItemHistory {
  step: string;
  key: string;
  status: ItemStatus;
  attempts: number;
  dueAt: Date | null;
  output: JsonObject | null;
  error: RecordedError | null;
  reason: string | null;
  keptFrom: string | null;
  recordedAt: Date;
}

export interface ItemFilter {
  runId: string;
  step?: string;
  status?: ItemStatus;
  /** The last `step` and `key` of the page before. */
  after?: { step: string; key: string };
  limit?: number;
}

/** One line for each step of the run that has items. */
export async function summarizeItems(dataSource: DataSource, runId: string): Promise<ItemSummary[]> {
  const of = (status: ItemStatus): string => `count(*) FILTER (WHERE status = '${status}' AND kept_from IS NULL)::int AS ${status}`;
  return dataSource.manager.query(
    `SELECT step, ${of('done')}, ${of('failed')}, ${of('skipped')}, ${of('waiting')}, count(kept_from)::int AS kept FROM engine.step_item WHERE run_id = $1 GROUP BY step ORDER BY min(recorded_at)`,
    [runId],
  );
}

/** In the order of step and key, page by page. */
export async function listItems(dataSource: DataSource, { runId, step, status, after, limit = 100 }: ItemFilter): Promise<ItemHistory[]> {
  return dataSource.manager.query(
    `SELECT step, key, status, attempts, due_at AS "dueAt", output, error, reason, kept_from AS "keptFrom", recorded_at AS "recordedAt" FROM engine.step_item
     WHERE run_id = $1 AND ($2::text IS NULL OR step = $2) AND ($3::text IS NULL OR status = $3) AND ($4::text IS NULL OR (step, key) > ($4, $5)) ORDER BY step, key LIMIT $6`,
    [runId, step ?? null, status ?? null, after?.step ?? null, after?.key ?? null, limit],
  );
}
