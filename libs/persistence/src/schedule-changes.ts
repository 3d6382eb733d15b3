/**
 * Schedules changed while everything runs: made, edited, paused, resumed, deleted, rung by hand, and ranges of the past made up for. Each change is one
 * transaction that holds the schedule's row, as whoever rings it does, so no instant falls between the old and the new.
 */
import { nextLook, owedSince, queueAll } from '@carillon/engine';
import type { JsonObject, OverlapPolicy, TimeTrigger } from '@carillon/engine';
import type { DataSource, EntityManager } from 'typeorm';
import { refuseCircles } from './chain-circles.js';
import { createRun, createRuns } from './new-runs.js';
import type { CreatedRun } from './new-runs.js';
import { changeDefinition, insertSchedule, pausedReason, recordOwed, settleOwed } from './schedule-ledger.js';
import type { Definition } from './schedule-ledger.js';
import { firstLook, justBefore, limitStatements, outcomeOf, recordOccurrences, runOf, SCHEDULE_COLUMNS, timed } from './schedule-rows.js';
import type { Hosted, HostedPipeline, ScheduleRow } from './schedule-rows.js';
import { inTransaction } from './transaction.js';

/** What was asked for can not be done with this schedule, and why. */
export class ScheduleRefused extends Error {
  override readonly name = 'ScheduleRefused';
  constructor(
    readonly code: 'unknown_schedule' | 'name_taken' | 'defined_in_code' | 'not_hosted' | 'nothing_to_backfill' | 'too_many',
    message: string,
  ) {
    super(message);
  }
}

/** A change settles what the schedule owed, and a week of seconds takes its time. */
const STATEMENT_MS = 30_000;
/** More instants at once would be a flood; the range is made up for in parts. */
const MOST_BACKFILLED = 1_000;

export type NewSchedule = Omit<Definition, 'source'> & { name: string; pipeline: string };

/** @throws ScheduleRefused when the name is taken; DefinitionError when it would close a circle */
export async function createSchedule(dataSource: DataSource, schedule: NewSchedule): Promise<void> {
  const made = await inTransaction(dataSource, async (manager) => {
    await refuseCircles(manager, schedule);
    return insertSchedule(manager, { ...schedule, source: 'runtime' }, 'ON CONFLICT (name) DO NOTHING');
  });
  if (!made) throw new ScheduleRefused('name_taken', `there is a schedule "${schedule.name}" already: edit it, or choose another name`);
}

/** What it owed until now is decided as it was; then it counts anew. @throws ScheduleRefused; DefinitionError when it would close a circle */
export async function editSchedule(dataSource: DataSource, hosted: Hosted, name: string, changes: Partial<Omit<Definition, 'source'>>): Promise<CreatedRun[]> {
  return changing(dataSource, hosted, name, async (manager, row, host) => {
    if (row.source === 'code') throw new ScheduleRefused('defined_in_code', `"${name}" is defined in the code of pipeline "${row.pipeline}", and the next start would undo the edit: change it there, or pause it and create a schedule under another name`);
    await refuseCircles(manager, { ...row, ...changes });
    return changeDefinition(manager, row, host, { ...row, ...changes });
  });
}

/** What was owed until now still rings; what falls due from here on is recorded as paused when it is resumed. @throws ScheduleRefused */
export async function pauseSchedule(dataSource: DataSource, hosted: Hosted, name: string): Promise<CreatedRun[]> {
  return changing(dataSource, hosted, name, async (manager, row, host) => {
    if (row.pausedAt !== null) return [];
    const runs = row.trigger.kind === 'whenReady' ? [] : await settleOwed(manager, row, host, '');
    await manager.query(`UPDATE engine.schedule SET paused_at = $2, updated_at = engine.clock() WHERE id = $1`, [row.id, row.now]);
    return runs;
  });
}

/**
 * `now`: what fell due meanwhile is recorded as paused, and the schedule counts from here. `misfire`: what fell due meanwhile was missed, and the misfire policy says
 * what becomes of it. @throws ScheduleRefused
 */
export async function resumeSchedule(dataSource: DataSource, hosted: Hosted, name: string, from: 'now' | 'misfire' = 'now'): Promise<void> {
  await changing(dataSource, hosted, name, async (manager, row) => {
    if (row.pausedAt === null) return;
    if (from === 'misfire') {
      await manager.query('UPDATE engine.schedule SET paused_at = NULL, next_due_at = coalesce($2, next_due_at), updated_at = engine.clock() WHERE id = $1', [row.id, missedSince(row)]);
      return;
    }
    await recordOwed(manager, row, 'paused', pausedReason(row.pausedAt));
    await manager.query(
      `WITH gone AS (DELETE FROM engine.chain_due WHERE schedule_id = $1 RETURNING run_id, finished_at)
       INSERT INTO engine.occurrence (schedule_id, scheduled_for, cause, outcome, reason) SELECT $1, finished_at, run_id, 'paused', $2 FROM gone ON CONFLICT DO NOTHING`,
      [row.id, pausedReason(row.pausedAt)],
    );
    await manager.query(
      `UPDATE engine.schedule SET paused_at = NULL, evaluated_through = $2, next_due_at = $3, waiting_for = NULL, waiting_list = '[]', last_error = NULL, updated_at = engine.clock() WHERE id = $1`,
      [row.id, row.now, nextFrom(row)],
    );
  });
}

/**
 * Removes a schedule that was made at runtime, or whose pipeline no longer defines it. What it made stays in the history, and what it owed and nobody had rung yet
 * is recorded there with the reason. @throws ScheduleRefused
 */
export async function deleteSchedule(dataSource: DataSource, hosted: Hosted, name: string): Promise<void> {
  await inTransaction(dataSource, async (manager) => {
    const row = await heldSchedule(manager, name);
    if (row.source === 'code' && hosted.has(row.pipeline)) throw new ScheduleRefused('defined_in_code', `"${name}" is defined in the code of pipeline "${row.pipeline}" and would be back at the next start: pause it, or give the pipeline the trigger manual()`);
    await recordOwed(manager, row, row.pausedAt === null ? 'expired' : 'paused', row.pausedAt === null ? 'the schedule was deleted before this rang' : pausedReason(row.pausedAt));
    await manager.query('DELETE FROM engine.schedule WHERE id = $1', [row.id]);
  });
}

/** A run by hand, with the schedule's scope and parameters. It has its own identity and takes no instant. @throws ScheduleRefused */
export async function runScheduleNow(dataSource: DataSource, hosted: Hosted, name: string, params: JsonObject = {}): Promise<CreatedRun> {
  return changing(dataSource, hosted, name, (manager, row, host) => createRun(manager, runOf(row, host, { trigger: 'manual', reason: 'asked for by hand', params })));
}

export interface Backfill {
  from: Date;
  to: Date;
  /** `queue`: one after the other, unless the schedule allows them side by side. `policy`: as the schedule's overlap policy says, which may skip all but one. */
  overlap: 'queue' | 'policy';
}

export interface Backfilled {
  /** Instants of the range, those that had run before, and the runs that were made now. */
  owed: number;
  ranBefore: number;
  runs: CreatedRun[];
}

/** Makes up for the instants of a range that did not run; none that ran is repeated. What lies ahead of the cursor is the schedule's own affair. @throws ScheduleRefused */
export async function backfillSchedule(dataSource: DataSource, hosted: Hosted, name: string, { from, to, overlap }: Backfill): Promise<Backfilled> {
  return changing(dataSource, hosted, name, async (manager, row, host) => {
    const until = new Date(Math.min(to.getTime(), row.through.getTime()));
    const { owed, more } = owedSince(timeTriggerOf(row), justBefore(from), until, row.anchor, row.daylight, MOST_BACKFILLED);
    if (more) throw new ScheduleRefused('too_many', `"${name}" owes more than ${MOST_BACKFILLED} instants from ${from.toISOString()} to ${until.toISOString()}: take a shorter range, and the rest after it`);
    const before = await manager.query<{ at: Date; outcome: string }[]>('SELECT scheduled_for AS at, outcome FROM engine.occurrence WHERE schedule_id = $1 AND scheduled_for BETWEEN $2 AND $3', [row.id, from, until]);
    const outcomes = new Map(before.map(({ at, outcome }) => [at.getTime(), outcome]));
    const missing = owed.filter((at) => outcomes.get(at.getTime()) !== 'ran');
    const policy: OverlapPolicy = overlap === 'policy' || row.overlap.kind === 'allow' ? row.overlap : queueAll(MOST_BACKFILLED * 1_000);
    const runs = await createRuns(manager, missing.map((scheduledFor) => runOf(row, host, { trigger: 'backfill', reason: `backfill of ${scheduledFor.toISOString()}`, scheduledFor, overlap: policy })));
    const records = missing.map((scheduledFor, index) => {
      const run = runs[index] as CreatedRun;
      const was = outcomes.get(scheduledFor.getTime());
      return { scheduleId: row.id, scheduledFor, outcome: outcomeOf(run), reason: `${run.reason}${was === undefined ? '' : `, was ${was}`}`, runId: run.id };
    });
    await recordOccurrences(manager, records, `ON CONFLICT (schedule_id, scheduled_for, cause) DO UPDATE SET outcome = excluded.outcome, reason = excluded.reason, run_id = excluded.run_id, decided_at = engine.clock() WHERE o.outcome <> 'ran'`);
    return { owed: owed.length, ranBefore: owed.length - missing.length, runs };
  });
}

async function changing<T>(dataSource: DataSource, hosted: Hosted, name: string, change: (manager: EntityManager, row: ScheduleRow, host: HostedPipeline) => Promise<T>): Promise<T> {
  return inTransaction(dataSource, async (manager) => {
    await limitStatements(manager, STATEMENT_MS);
    const row = await heldSchedule(manager, name);
    const host = hosted.get(row.pipeline);
    if (!host) throw new ScheduleRefused('not_hosted', `"${name}" rings pipeline "${row.pipeline}", which this scheduler does not host; it hosts ${[...hosted.keys()].join(', ')}`);
    return change(manager, row, host);
  });
}

async function heldSchedule(manager: EntityManager, name: string): Promise<ScheduleRow> {
  const [row] = await manager.query<ScheduleRow[]>(`SELECT ${SCHEDULE_COLUMNS} FROM engine.schedule s WHERE s.name = $1 FOR UPDATE`, [name]);
  if (!row) throw new ScheduleRefused('unknown_schedule', `there is no schedule "${name}"`);
  return row;
}

function timeTriggerOf({ name, trigger }: ScheduleRow): TimeTrigger {
  const time = trigger.kind === 'whenReady' ? trigger.from : trigger;
  if (time.kind !== 'every' && time.kind !== 'cron' && time.kind !== 'once') throw new ScheduleRefused('nothing_to_backfill', `"${name}" owes no instants of its own (its trigger is ${trigger.kind}), so there is nothing to make up for: run it instead`);
  return time;
}

/** The first look after a pause that is left from now on. The counting of `every` goes on as before. */
function nextFrom(row: ScheduleRow): Date | null {
  const { trigger } = row;
  if (trigger.kind === 'threshold') return row.now;
  if (trigger.kind === 'manual' || trigger.kind === 'after') return firstLook(row, row.now);
  return nextLook(timed(row, timeTriggerOf(row)), row.now);
}

function missedSince(row: ScheduleRow): Date | null {
  const { trigger } = row;
  if (trigger.kind === 'threshold') return row.now;
  if (trigger.kind === 'manual' || trigger.kind === 'after') return null;
  return nextLook(timed(row, timeTriggerOf(row)), row.through);
}
