/**
 * Looks at schedules whose pipeline has to be asked: what a threshold counts, whether what is waited for is ready. Each in a transaction of its own with
 * a bound on its time, because code of a pipeline may be slow or broken, and that must be nobody else's trouble.
 */
import { decideThreshold, decideWhenReady, nextLook, owedSince } from '@carillon/engine';
import type { Condition, Counter, Sensor, ThresholdTrigger, WhenReadyTrigger } from '@carillon/engine';
import type { DataSource, EntityManager } from 'typeorm';
import { createFailedRun } from './ended-run.js';
import { createRun } from './new-runs.js';
import { activeRuns } from './run-ledger.js';
import type { CreatedRun } from './new-runs.js';
import { limitStatements, moveCursors, outcomeOf, recordOccurrences, runOf, SCHEDULE_COLUMNS, setAside, timed } from './schedule-rows.js';
import type { Hosted, HostedPipeline, Rung, ScheduleRow } from './schedule-rows.js';
import { hostOf } from './schedule-times.js';
import { asTransaction, inTransaction, isConnectionLost } from './transaction.js';

/** One statement of a pipeline's counter, condition or sensor, and all of them together with whatever else they do. */
const STATEMENT_MS = 5_000;
const LOOK_MS = 10_000;

/** Looks at the schedule that has been due longest. @returns undefined when none is due; with `error` when that one, and only that one, is broken */
export async function lookAtNext(dataSource: DataSource, hosted: Hosted): Promise<Rung | undefined> {
  let at: ScheduleRow | undefined;
  try {
    return await inTransaction(dataSource, async (manager) => {
      at = await claimLook(manager, hosted);
      if (!at) return undefined;
      const host = hostOf(hosted, at);
      await limitStatements(manager, STATEMENT_MS);
      const runs = at.trigger.kind === 'threshold' ? await lookAtThreshold(manager, at, at.trigger, host) : await lookAtSensor(manager, at, at.trigger as WhenReadyTrigger, host);
      return rungOf(at, runs);
    });
  } catch (error) {
    // Without a database no schedule is to blame.
    if (!at || isConnectionLost(error)) throw error;
    const failed = at.trigger.kind === 'whenReady' ? await failWhenOver(dataSource, hosted, at, at.trigger, error) : undefined;
    if (failed) return { ...failed, error };
    await setAside(dataSource, at.id, error);
    return { ...rungOf(at, []), error };
  }
}

const rungOf = ({ name, pipeline, scope }: ScheduleRow, runs: CreatedRun[]): Rung => ({ schedule: name, pipeline, scope, runs });

async function claimLook(manager: EntityManager, hosted: Hosted, id: string | null = null): Promise<ScheduleRow | undefined> {
  const [row] = await manager.query<ScheduleRow[]>(
    `SELECT ${SCHEDULE_COLUMNS} FROM engine.schedule s
     WHERE s.paused_at IS NULL AND s.by_code AND s.next_due_at <= engine.clock() AND s.pipeline = ANY($1) AND ($2::uuid IS NULL OR s.id = $2)
     ORDER BY s.next_due_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED`,
    [[...hosted.keys()], id],
  );
  return row;
}

async function lookAtThreshold(manager: EntityManager, row: ScheduleRow, trigger: ThresholdTrigger, host: HostedPipeline): Promise<CreatedRun[]> {
  const { now } = row;
  const transaction = asTransaction(manager);
  const counter: Counter<never> = named(host, 'counters', trigger.counter);
  const condition: Condition<never> | undefined = trigger.orWhen === undefined ? undefined : named(host, 'conditions', trigger.orWhen);
  const active = (await activeRuns(manager, row.pipeline, row.scope)).length > 0;
  const asking = { scope: row.scope };
  const decision = decideThreshold(trigger, {
    now,
    active,
    ...(counter.ripeAt && { ripeAt: await inTime(counter.name, counter.ripeAt(host.services, transaction, asking)) }),
    count: active ? 0 : await inTime(trigger.counter, counter.read(host.services, transaction, asking)),
    conditionHolds: active || !condition ? false : await inTime(condition.name, condition.holds(host.services, transaction, asking)),
    lastStartedAt: row.lastStartedAt,
    lastSuccessStartedAt: row.lastSuccessStartedAt ?? row.createdAt,
    failuresInRow: row.failuresInRow,
  });
  if (!decision.ring) {
    await moveCursors(manager, [{ id: row.id, through: now, nextDueAt: decision.nextPollAt, started: false, waitingFor: decision.reason }]);
    return [];
  }
  const run = await createRun(manager, runOf(row, host, { reason: decision.reason, scheduledFor: now }));
  await recordOccurrences(manager, [{ scheduleId: row.id, scheduledFor: now, outcome: outcomeOf(run), reason: run.reason, runId: run.id }]);
  await moveCursors(manager, [{ id: row.id, through: now, nextDueAt: decision.nextPollAt, started: run.status !== 'skipped' }]);
  return [run];
}

/**
 * The cursor stands before the instant that is waited for until that is decided, so a scheduler that comes back goes on waiting for it. Only the latest owed
 * instant is waited for: the earlier ones have been overtaken by it.
 */
async function lookAtSensor(manager: EntityManager, row: ScheduleRow, trigger: WhenReadyTrigger, host: HostedPipeline): Promise<CreatedRun[]> {
  const wanted = await wantedInstant(manager, row, trigger);
  if (!wanted) return [];
  const sensor: Sensor<never> = named(host, 'sensors', trigger.sensor);
  const readiness = await inTime(sensor.name, sensor.ready(host.services, asTransaction(manager), { scope: row.scope, scheduledFor: wanted }));
  const decision = decideWhenReady(trigger, wanted, readiness, row.now);
  if (decision.kind === 'wait') {
    const waitingFor = `waiting for ${decision.waitingFor.join(', ')} since ${wanted.toISOString()}`;
    await moveCursors(manager, [{ id: row.id, through: new Date(wanted.getTime() - 1), nextDueAt: decision.nextLookAt, started: false, waitingFor, waitingList: decision.waitingFor }]);
    return [];
  }
  if (decision.kind === 'fail') return [await failWanted(manager, row, trigger, host, { wanted, ...decision })];
  const run = await createRun(manager, runOf(row, host, { reason: decision.reason, scheduledFor: wanted }));
  await decided(manager, row, trigger, wanted, { outcome: outcomeOf(run), run });
  return [run];
}

/** The latest owed instant; the ones before it are recorded as overtaken. Undefined, and the cursor moved on, when none is owed. */
async function wantedInstant(manager: EntityManager, row: ScheduleRow, trigger: WhenReadyTrigger): Promise<Date | undefined> {
  const schedule = timed(row, trigger.from);
  let wanted: Date | undefined;
  let through = row.through;
  for (let more = true; more; ) {
    const look = owedSince(trigger.from, through, row.now, row.anchor, row.daylight);
    more = look.more;
    const overtaken = [...(wanted ? [wanted] : []), ...look.owed];
    wanted = overtaken.pop();
    await recordOccurrences(manager, overtaken.map((scheduledFor) => ({ scheduleId: row.id, scheduledFor, outcome: 'coalesced' as const, reason: `not ready before ${(wanted as Date).toISOString()} fell due as well` })));
    through = wanted ?? through;
  }
  if (!wanted) await moveCursors(manager, [{ id: row.id, through: row.through, nextDueAt: nextLook(schedule, row.through), started: false }]);
  return wanted;
}

interface Failure {
  wanted: Date;
  reason: string;
  errors: string[];
}

/** Nothing is executed: the run is made failed, with the list of what was missing. */
async function failWanted(manager: EntityManager, row: ScheduleRow, trigger: WhenReadyTrigger, host: HostedPipeline, { wanted, reason, errors }: Failure): Promise<CreatedRun> {
  const run = await createFailedRun(manager, runOf(row, host, { reason, scheduledFor: wanted }), errors);
  await decided(manager, row, trigger, wanted, { outcome: 'expired', run });
  return run;
}

async function decided(manager: EntityManager, row: ScheduleRow, trigger: WhenReadyTrigger, wanted: Date, { outcome, run }: { outcome: 'ran' | 'skipped' | 'expired'; run: CreatedRun }): Promise<void> {
  await recordOccurrences(manager, [{ scheduleId: row.id, scheduledFor: wanted, outcome, reason: run.reason, runId: run.id }]);
  await moveCursors(manager, [{ id: row.id, through: wanted, nextDueAt: nextLook(timed(row, trigger.from), wanted), started: outcome === 'ran' }]);
}

/** A sensor that can not be asked must not keep its schedule from failing at the deadline. */
async function failWhenOver(dataSource: DataSource, hosted: Hosted, at: ScheduleRow, trigger: WhenReadyTrigger, cause: unknown): Promise<Rung | undefined> {
  return inTransaction(dataSource, async (manager) => {
    const row = await claimLook(manager, hosted, at.id);
    const wanted = row && (await wantedInstant(manager, row, trigger));
    if (!row || !wanted || row.now.getTime() < wanted.getTime() + trigger.deadlineMs) return undefined;
    const failure = { wanted, reason: `${trigger.sensor} could not be asked until the deadline`, errors: [`${trigger.sensor}: ${cause instanceof Error ? cause.message : String(cause)}`] };
    return rungOf(row, [await failWanted(manager, row, trigger, hostOf(hosted, row), failure)]);
  });
}

function named<Kind extends 'counters' | 'conditions' | 'sensors'>({ pipeline }: HostedPipeline, kind: Kind, name: string): HostedPipeline['pipeline'][Kind][number] {
  const found = pipeline[kind].find((one) => one.name === name);
  if (!found) throw new Error(`pipeline "${pipeline.name}" has no ${kind.slice(0, -1)} "${name}"; it has ${pipeline[kind].map((one) => one.name).join(', ') || 'none'}`);
  return found;
}

/** The database bounds its statements; this bounds everything else that a pipeline's code may wait for. */
async function inTime<T>(name: string, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`"${name}" did not answer within ${LOOK_MS} ms`)), LOOK_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
