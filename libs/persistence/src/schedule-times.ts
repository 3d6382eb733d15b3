/**
 * Rings what time alone makes due, many schedules at once: claimed with one statement, decided in memory, written with a few more. Any number of
 * schedulers may ring; the row locks say whose a schedule is. When a batch fails, its schedules ring one by one, and only the broken one waits.
 */
import { lookAt, nextLook } from '@carillon/engine';
import type { Cursor, Look, OccurrenceDecision } from '@carillon/engine';
import type { DataSource, EntityManager } from 'typeorm';
import { createRuns } from './new-runs.js';
import { lateness, limitStatements, moveCursors, outcomeOf, recordOccurrences, runOf, SCHEDULE_COLUMNS, setAside, timed } from './schedule-rows.js';
import type { Hosted, HostedPipeline, RecordedOccurrence, Rung, ScheduleRow } from './schedule-rows.js';
import type { CreatedRun } from './new-runs.js';
import { inTransaction, isConnectionLost } from './transaction.js';

/** Schedules claimed at once: enough to hide the round trips, few enough that other schedulers get their share and the transaction stays short. */
export const RING_AT_ONCE = 500;
/** A schedule that owes more than this has a backlog, and is not worked off among the others. */
const BACKLOG = 20;
const STATEMENT_MS = 10_000;

/** Rings up to a batch of due schedules of times. @returns nothing when none was due, or all were in other schedulers' hands; `RING_AT_ONCE` or more when there may be others */
export async function ringTimes(dataSource: DataSource, hosted: Hosted): Promise<Rung[]> {
  const claimed: ScheduleRow[] = [];
  const alone: ScheduleRow[] = [];
  let rungs: Rung[] = [];
  try {
    rungs = await inTransaction(dataSource, async (manager) => {
      claimed.length = alone.length = 0;
      await limitStatements(manager, STATEMENT_MS);
      claimed.push(...(await claimDue(manager, hosted)));
      return ringBatch(manager, hosted, claimed, alone);
    });
  } catch (error) {
    // Without a database no schedule is to blame, and before the claim none is known.
    if (claimed.length === 0 || isConnectionLost(error)) throw error;
    alone.splice(0, alone.length, ...claimed);
  }
  for (const row of alone) rungs.push(...(await ringAlone(dataSource, hosted, row)));
  return rungs;
}

/** Decides everything that a schedule of times owes by now, within the caller's transaction, which holds its row. @returns the runs and how far it came */
export async function ringOwed(manager: EntityManager, row: ScheduleRow, host: HostedPipeline): Promise<{ runs: CreatedRun[]; through: Date }> {
  const runs: CreatedRun[] = [];
  const schedule = timed(row);
  let cursor: Cursor = { through: row.through, ofBacklog: false };
  for (let more = true; more; ) {
    const look = lookAt(schedule, cursor, row.now);
    ({ cursor, more } = look);
    const fresh = await withoutRecorded(manager, row.id, look.decisions);
    const made = await createRuns(manager, fresh.filter((one) => one.fire).map((one) => runOf(row, host, { scheduledFor: one.scheduledFor, reason: lateness(one.scheduledFor, row.now) })));
    await recordOccurrences(manager, recordsOf(row.id, fresh, made));
    runs.push(...made);
  }
  return { runs, through: cursor.through };
}

async function claimDue(manager: EntityManager, hosted: Hosted): Promise<ScheduleRow[]> {
  return manager.query(
    `SELECT ${SCHEDULE_COLUMNS} FROM engine.schedule s
     WHERE s.paused_at IS NULL AND NOT s.by_code AND s.next_due_at <= engine.clock() AND s.pipeline = ANY($1)
     ORDER BY s.next_due_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED`,
    [[...hosted.keys()], RING_AT_ONCE],
  );
}

async function ringBatch(manager: EntityManager, hosted: Hosted, claimed: readonly ScheduleRow[], alone: ScheduleRow[]): Promise<Rung[]> {
  const looked: { row: ScheduleRow; look: Look; next: Date | null; firing: OccurrenceDecision[] }[] = [];
  for (const row of claimed) {
    const seen = row.lastError === null ? attempted(() => lookAt(timed(row), { through: row.through, ofBacklog: false }, row.now, BACKLOG)) : undefined;
    const next = seen && attempted(() => nextLook(timed(row), seen.cursor.through));
    // Whatever is unusual about it is found again, and said, when it rings alone.
    if (!seen || seen.more || next === undefined) alone.push(row);
    else looked.push({ row, look: seen, next, firing: seen.decisions.filter((one) => one.fire) });
  }
  const runs = await createRuns(manager, looked.flatMap(({ row, firing }) => firing.map((one) => runOf(row, hostOf(hosted, row), { scheduledFor: one.scheduledFor, reason: lateness(one.scheduledFor, row.now) }))));
  let taken = 0;
  const rung = looked.map((one) => ({ ...one, runs: runs.slice(taken, (taken += one.firing.length)) }));
  await recordOccurrences(manager, rung.flatMap(({ row, look, runs: own }) => recordsOf(row.id, look.decisions, own)));
  await moveCursors(manager, rung.map(({ row, look, next, runs: own }) => ({ id: row.id, through: look.cursor.through, nextDueAt: next, started: own.some((run) => run.status !== 'skipped') })));
  return rung.map(({ row, runs: own }) => ({ schedule: row.name, pipeline: row.pipeline, scope: row.scope, runs: own }));
}

/** One schedule in a transaction of its own. What is wrong with it is written into its row. */
async function ringAlone(dataSource: DataSource, hosted: Hosted, { id, name, pipeline, scope }: ScheduleRow): Promise<Rung[]> {
  try {
    return await inTransaction(dataSource, async (manager) => {
      await limitStatements(manager, STATEMENT_MS);
      const [row] = await manager.query<ScheduleRow[]>(
        `SELECT ${SCHEDULE_COLUMNS} FROM engine.schedule s WHERE s.id = $1 AND s.paused_at IS NULL AND s.next_due_at <= engine.clock() AND NOT s.by_code FOR NO KEY UPDATE SKIP LOCKED`,
        [id],
      );
      if (!row) return [];
      const { runs, through } = await ringOwed(manager, row, hostOf(hosted, row));
      await moveCursors(manager, [{ id, through, nextDueAt: nextLook(timed(row), through), started: runs.some((run) => run.status !== 'skipped') }]);
      return [{ schedule: name, pipeline, scope, runs }];
    });
  } catch (error) {
    if (isConnectionLost(error)) throw error;
    await setAside(dataSource, id, error);
    return [{ schedule: name, pipeline, scope, runs: [], error }];
  }
}

/** An instant that is in the ledger has been decided, whatever the cursor says. */
async function withoutRecorded(manager: EntityManager, scheduleId: string, decisions: readonly OccurrenceDecision[]): Promise<OccurrenceDecision[]> {
  const [first, last] = [decisions[0], decisions.at(-1)];
  if (!first || !last) return [];
  const recorded = await manager.query<{ at: Date }[]>('SELECT scheduled_for AS at FROM engine.occurrence WHERE schedule_id = $1 AND scheduled_for BETWEEN $2 AND $3', [scheduleId, first.scheduledFor, last.scheduledFor]);
  const known = new Set(recorded.map(({ at }) => at.getTime()));
  return decisions.filter((one) => !known.has(one.scheduledFor.getTime()));
}

function recordsOf(scheduleId: string, decisions: readonly OccurrenceDecision[], runs: readonly CreatedRun[]): RecordedOccurrence[] {
  let fired = 0;
  return decisions.map((one) => {
    const { scheduledFor } = one;
    if (!one.fire) return { scheduleId, scheduledFor, outcome: one.outcome, reason: one.reason };
    const run = runs[fired++] as CreatedRun;
    return { scheduleId, scheduledFor, outcome: outcomeOf(run), reason: run.reason, runId: run.id };
  });
}

function attempted<T>(decide: () => T): T | undefined {
  try {
    return decide();
  } catch {
    return undefined;
  }
}

export function hostOf(hosted: Hosted, row: Pick<ScheduleRow, 'pipeline'>): HostedPipeline {
  const host = hosted.get(row.pipeline);
  if (!host) throw new Error(`pipeline "${row.pipeline}" is not hosted here`);
  return host;
}
