/** A schedule's row as whoever rings it needs it, what a ring leaves in the ledger, and how a pipeline meets its services. */
import { nextLook } from '@carillon/engine';
import type { DaylightPolicy, JsonObject, MisfirePolicy, OverlapPolicy, Pipeline, StepPlan, TimedSchedule, TimeTrigger, Trigger } from '@carillon/engine';
import type { DataSource, EntityManager } from 'typeorm';
import { storableJson, storableText } from './storable.js';
import type { CreatedRun, NewRun } from './new-runs.js';

/** A pipeline and the services that its counters need, as a scheduler hosts it. */
export interface HostedPipeline {
  // A pipeline's counters only ever meet the services they were registered with.
  pipeline: Pipeline<never>;
  services: never;
}

/** Puts a pipeline beside the services that its steps, counters and conditions need; the compiler sees to it that they fit. */
export function hostPipeline<Services>(pipeline: Pipeline<Services>, services: NoInfer<Services>): HostedPipeline {
  return { pipeline, services } as unknown as HostedPipeline;
}

export type Hosted = ReadonlyMap<string, HostedPipeline>;

/** What one look at one schedule came to. */
export interface Rung {
  /** The schedule's name. */
  schedule: string;
  pipeline: string;
  scope: string;
  runs: CreatedRun[];
  /** Why this schedule could not be looked at; it was set aside for half a minute, with the reason in its row. */
  error?: unknown;
}

export interface ScheduleRow {
  id: string;
  name: string;
  pipeline: string;
  scope: string;
  source: 'code' | 'runtime';
  trigger: Trigger;
  misfire: MisfirePolicy;
  overlap: OverlapPolicy;
  daylight: DaylightPolicy;
  jitterMs: number;
  deadlineMs: number | null;
  params: JsonObject;
  priority: number;
  version: number;
  anchor: Date;
  through: Date;
  nextDueAt: Date | null;
  pausedAt: Date | null;
  lastStartedAt: Date | null;
  lastSuccessStartedAt: Date | null;
  failuresInRow: number;
  lastError: string | null;
  createdAt: Date;
  /** The database's time when the row was read. */
  now: Date;
}

/** Of a table or alias `s`. */
export const SCHEDULE_COLUMNS = `s.id, s.name, s.pipeline, s.scope, s.source, s.trigger, s.misfire, s.overlap, s.daylight, s.jitter_ms AS "jitterMs", s.deadline_ms AS "deadlineMs", s.params, s.priority,
  s.version, s.anchor_at AS anchor, s.evaluated_through AS through, s.next_due_at AS "nextDueAt", s.paused_at AS "pausedAt", s.last_started_at AS "lastStartedAt",
  s.last_success_started_at AS "lastSuccessStartedAt", s.failures_in_row AS "failuresInRow", s.last_error AS "lastError", s.created_at AS "createdAt", engine.clock() AS now`;

/** The row as the engine's decisions about time want it. @param trigger the row's own, or the one from which it is looked for */
export const timed = (row: ScheduleRow, trigger = row.trigger as TimeTrigger): TimedSchedule => ({ ...row, trigger });

/** So that an instant that falls exactly on the moment of creation is still owed. */
export const justBefore = (now: Date): Date => new Date(now.getTime() - 1);

/** When a schedule is first looked at that counts from now on; null when nothing but another run or a person makes it ring. */
export function firstLook(row: Pick<ScheduleRow, 'id' | 'trigger' | 'misfire' | 'daylight' | 'jitterMs' | 'deadlineMs'>, now: Date): Date | null {
  const { trigger } = row;
  if (trigger.kind === 'manual' || trigger.kind === 'after') return null;
  if (trigger.kind === 'threshold') return new Date(now.getTime() + trigger.pollMs);
  return nextLook({ ...row, trigger: trigger.kind === 'whenReady' ? trigger.from : trigger, anchor: now }, justBefore(now));
}

/** Columns by which a run that ends finds the schedules that follow it. */
export const followed = (trigger: Trigger): { pipeline: string | null; scope: 'own' | null } =>
  trigger.kind === 'after' ? { pipeline: trigger.pipeline, scope: trigger.scope === 'same' ? 'own' : null } : { pipeline: null, scope: null };

/** The run that a schedule makes. Without `scheduledFor` it takes no instant: a chained run, or one by hand. */
export function runOf(row: ScheduleRow, { pipeline }: HostedPipeline, why: { reason: string; scheduledFor?: Date; trigger?: string; scope?: string; params?: JsonObject; overlap?: OverlapPolicy }): NewRun {
  return {
    pipeline: row.pipeline,
    scope: why.scope ?? row.scope,
    trigger: why.trigger ?? row.trigger.kind,
    reason: why.reason,
    plan: planOf(pipeline),
    overlap: why.overlap ?? row.overlap,
    params: { ...row.params, ...why.params },
    priority: row.priority,
    scheduleId: row.id,
    ...(why.scheduledFor && { scheduledFor: why.scheduledFor }),
  };
}

const plans = new WeakMap<Pipeline<never>, StepPlan[]>();

/** The same list each time, so that what is worked out about it is worked out once. */
function planOf(pipeline: Pipeline<never>): StepPlan[] {
  let plan = plans.get(pipeline);
  if (!plan) plans.set(pipeline, (plan = pipeline.steps.map((step) => step.plan)));
  return plan;
}

/** What became of one instant, or of one run that is followed. */
export interface RecordedOccurrence {
  scheduleId: string;
  scheduledFor: Date;
  outcome: 'ran' | 'coalesced' | 'skipped' | 'expired' | 'paused';
  reason: string | null;
  runId?: string;
  /** The ended run that a chained occurrence follows. */
  cause?: string;
}

const NIL = '00000000-0000-0000-0000-000000000000';

/** Fails when one of them was recorded before: no instant ever rings twice. */
export async function recordOccurrences(manager: EntityManager, occurrences: readonly RecordedOccurrence[], onConflict = ''): Promise<void> {
  if (occurrences.length === 0) return;
  await manager.query(
    `INSERT INTO engine.occurrence AS o (schedule_id, scheduled_for, cause, outcome, reason, run_id)
     SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::uuid[]) ${onConflict}`,
    [
      occurrences.map((one) => one.scheduleId), occurrences.map((one) => one.scheduledFor), occurrences.map((one) => one.cause ?? NIL),
      occurrences.map((one) => one.outcome), occurrences.map((one) => one.reason), occurrences.map((one) => one.runId ?? null),
    ],
  );
}

export const outcomeOf = (run: CreatedRun): 'ran' | 'skipped' => (run.status === 'skipped' ? 'skipped' : 'ran');

/** Where a schedule stands after a look. */
export interface Moved {
  id: string;
  through: Date;
  nextDueAt: Date | null;
  /** A run was started. */
  started: boolean;
  waitingFor?: string | null;
  waitingList?: string[];
}

export async function moveCursors(manager: EntityManager, moved: readonly Moved[]): Promise<void> {
  if (moved.length === 0) return;
  await manager.query(
    `UPDATE engine.schedule s SET evaluated_through = m.through, next_due_at = m.next, waiting_for = m.waiting, waiting_list = coalesce(m.list, '[]'), last_error = NULL,
       last_started_at = CASE WHEN m.started THEN engine.clock() ELSE s.last_started_at END
     FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::boolean[], $5::text[], $6::jsonb[]) AS m (id, through, next, started, waiting, list) WHERE s.id = m.id`,
    [
      moved.map((one) => one.id), moved.map((one) => one.through), moved.map((one) => one.nextDueAt), moved.map((one) => one.started),
      moved.map((one) => one.waitingFor ?? null), moved.map((one) => (one.waitingList ? storableJson(one.waitingList) : null)),
    ],
  );
}

/** A schedule whose look failed waits half a minute before the next one, so that it can not hold up the others. Its cursor stays. */
export async function setAside(dataSource: DataSource | EntityManager, scheduleId: string, error: unknown): Promise<void> {
  await dataSource.query(`UPDATE engine.schedule SET next_due_at = engine.clock() + interval '30 seconds', error_since = CASE WHEN last_error IS NULL THEN engine.clock() ELSE coalesce(error_since, engine.clock()) END, last_error = $2 WHERE id = $1`, [scheduleId, storableText(String(error)).slice(0, 500)]);
}

/** One bad statement must not hold a batch of schedules, or the connection, for as long as other work may take. */
export async function limitStatements(manager: EntityManager, milliseconds: number): Promise<void> {
  await manager.query(`SELECT set_config('statement_timeout', $1, true)`, [String(milliseconds)]);
}

export function lateness(scheduledFor: Date, now: Date): string {
  const late = now.getTime() - scheduledFor.getTime();
  return late < 60_000 ? 'due' : `due ${Math.round(late / 1000)} s ago`;
}
