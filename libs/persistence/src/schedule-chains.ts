/**
 * Rings schedules that follow another pipeline's runs. Whoever ends a run leaves a row for each schedule that follows it; here the row becomes a run,
 * or a recorded reason why not, in the transaction that removes it. So no end of a run is forgotten, and none is followed twice.
 */
import { decideAfter } from '@carillon/engine';
import type { AfterTrigger } from '@carillon/engine';
import type { DataSource, EntityManager } from 'typeorm';
import { createRuns } from './new-runs.js';
import { limitStatements, outcomeOf, recordOccurrences, runOf, SCHEDULE_COLUMNS } from './schedule-rows.js';
import type { Hosted, RecordedOccurrence, Rung, ScheduleRow } from './schedule-rows.js';
import { hostOf } from './schedule-times.js';
import type { CreatedRun, NewRun } from './new-runs.js';
import { inTransaction, isConnectionLost } from './transaction.js';

const AT_ONCE = 200;
const STATEMENT_MS = 10_000;

interface ChainRow extends ScheduleRow {
  runId: string;
  finishedAt: Date;
  ended: { pipeline: string; scope: string; status: string; counts: Record<string, number> } | null;
}

/** Follows up to a batch of runs that ended. @returns nothing when there were none */
export async function ringChains(dataSource: DataSource, hosted: Hosted): Promise<Rung[]> {
  let claimed: ChainRow[] = [];
  try {
    return await inTransaction(dataSource, async (manager) => {
      await limitStatements(manager, STATEMENT_MS);
      claimed = await claimChains(manager, hosted, null);
      return follow(manager, hosted, claimed);
    });
  } catch (error) {
    if (claimed.length === 0 || isConnectionLost(error)) throw error;
  }
  const rungs: Rung[] = [];
  for (const row of claimed) rungs.push(...(await followAlone(dataSource, hosted, row)));
  return rungs;
}

async function claimChains(manager: EntityManager, hosted: Hosted, only: Pick<ChainRow, 'id' | 'runId'> | null): Promise<ChainRow[]> {
  return manager.query(
    `SELECT ${SCHEDULE_COLUMNS}, c.run_id AS "runId", c.finished_at AS "finishedAt",
            (SELECT jsonb_build_object('pipeline', r.pipeline, 'scope', r.scope, 'status', r.status, 'counts', r.counts) FROM engine.run r WHERE r.id = c.run_id) AS ended
     FROM engine.chain_due c JOIN engine.schedule s ON s.id = c.schedule_id
     WHERE s.paused_at IS NULL AND s.pipeline = ANY($1) AND ($2::uuid IS NULL OR (c.schedule_id = $2 AND c.run_id = $3))
     ORDER BY c.finished_at LIMIT ${AT_ONCE} FOR UPDATE OF c SKIP LOCKED`,
    [[...hosted.keys()], only?.id ?? null, only?.runId ?? null],
  );
}

async function follow(manager: EntityManager, hosted: Hosted, rows: readonly ChainRow[]): Promise<Rung[]> {
  if (rows.length === 0) return [];
  const decided = rows.map((row) => ({ row, decision: decisionOf(row) }));
  const ringing = decided.flatMap(({ row, decision }): { row: ChainRow; run: NewRun }[] =>
    decision && 'ring' in decision && decision.ring ? [{ row, run: runOf(row, hostOf(hosted, row), { reason: decision.reason, scope: decision.scope }) }] : [],
  );
  const made = await createRuns(manager, ringing.map(({ run }) => run));
  const runs = new Map<ChainRow, CreatedRun>(ringing.map(({ row }, index) => [row, made[index] as CreatedRun]));
  const occurrences = decided.flatMap(({ row, decision }): RecordedOccurrence[] => {
    if (!decision) return [];
    const run = runs.get(row);
    const what = run ? { outcome: outcomeOf(run), reason: run.reason, runId: run.id } : 'expired' in decision ? { outcome: 'expired' as const, reason: decision.expired } : { outcome: 'skipped' as const, reason: decision.reason };
    return [{ scheduleId: row.id, scheduledFor: row.finishedAt, cause: row.runId, ...what }];
  });
  await recordOccurrences(manager, occurrences, 'ON CONFLICT DO NOTHING');
  await manager.query('DELETE FROM engine.chain_due c USING unnest($1::uuid[], $2::uuid[]) AS d (schedule_id, run_id) WHERE c.schedule_id = d.schedule_id AND c.run_id = d.run_id', [rows.map((row) => row.id), rows.map((row) => row.runId)]);
  const started = ringing.flatMap(({ row }) => (runs.get(row)?.status === 'skipped' ? [] : [row.id]));
  if (started.length > 0) await manager.query('UPDATE engine.schedule SET last_started_at = engine.clock(), last_error = NULL WHERE id = ANY($1)', [started]);
  return ringing.map(({ row }) => ({ schedule: row.name, pipeline: row.pipeline, scope: row.scope, runs: [runs.get(row) as CreatedRun] }));
}

/** Undefined when it is none of the schedule's business: another scope's run, or one that ended before the schedule was as it is. */
function decisionOf(row: ChainRow): ReturnType<typeof decideAfter> | { expired: string } {
  if (row.trigger.kind !== 'after' || row.ended === null || row.finishedAt <= row.through) return undefined;
  const decision = decideAfter(row.trigger as AfterTrigger, row.scope, { id: row.runId, ...row.ended });
  if (decision?.ring === true && row.deadlineMs !== null && row.now.getTime() - row.finishedAt.getTime() > row.deadlineMs) return { expired: `later than the deadline of ${row.deadlineMs} ms` };
  return decision;
}

/** One that can not be followed stays for the next round, and says so. */
async function followAlone(dataSource: DataSource, hosted: Hosted, { id, name, pipeline, scope, runId }: ChainRow): Promise<Rung[]> {
  try {
    return await inTransaction(dataSource, async (manager) => follow(manager, hosted, await claimChains(manager, hosted, { id, runId })));
  } catch (error) {
    if (isConnectionLost(error)) throw error;
    return [{ schedule: name, pipeline, scope, runs: [], error }];
  }
}
