/** The engine's ledger as row classes: schedules, what they owed, runs and their steps. */
import type { DaylightPolicy, JsonObject, MisfirePolicy, OverlapPolicy, RecordedError, StepPlan, Trigger } from '@carillon/engine';
import type { RunStatus } from '@carillon/shared';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ScheduleAlerts } from './alert-facts.js';

/** When a pipeline rings, and how far its cursor has come. */
@Entity({ schema: 'engine', name: 'schedule' })
export class Schedule {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') name!: string;
  @Column('text') pipeline!: string;
  @Column('text') scope!: string;
  @Column('text') source!: 'code' | 'runtime';
  @Column('jsonb') trigger!: Trigger;
  @Column('jsonb') misfire!: MisfirePolicy;
  @Column('jsonb') overlap!: OverlapPolicy;
  @Column('jsonb') daylight!: DaylightPolicy;
  @Column('int', { name: 'jitter_ms' }) jitterMs!: number;
  @Column({ type: 'float8', name: 'deadline_ms', nullable: true }) deadlineMs!: number | null;
  @Column('jsonb') params!: JsonObject;
  @Column('int') priority!: number;
  @Column('text', { name: 'after_scope', nullable: true }) afterScope!: string | null;
  @Column('bool', { name: 'by_code' }) byCode!: boolean;
  @Column('int') version!: number;
  @Column('timestamptz', { name: 'anchor_at' }) anchorAt!: Date;
  @Column('timestamptz', { name: 'evaluated_through' }) evaluatedThrough!: Date;
  @Column('timestamptz', { name: 'next_due_at', nullable: true }) nextDueAt!: Date | null;
  @Column('timestamptz', { name: 'paused_at', nullable: true }) pausedAt!: Date | null;
  @Column('timestamptz', { name: 'last_started_at', nullable: true }) lastStartedAt!: Date | null;
  @Column('timestamptz', { name: 'last_success_started_at', nullable: true }) lastSuccessStartedAt!: Date | null;
  @Column('int', { name: 'failures_in_row' }) failuresInRow!: number;
  @Column('text', { name: 'waiting_for', nullable: true }) waitingFor!: string | null;
  @Column('jsonb', { name: 'waiting_list' }) waitingList!: string[];
  @Column('text', { name: 'last_error', nullable: true }) lastError!: string | null;
  @Column('timestamptz', { name: 'error_since', nullable: true }) errorSince!: Date | null;
  @Column('text', { name: 'after_pipeline', nullable: true }) afterPipeline!: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt!: Date;
  @Column('jsonb', { nullable: true }) alerts!: ScheduleAlerts | null;
}

/** One run of a pipeline. Written when it is made and when it ends. */
@Entity({ schema: 'engine', name: 'run' })
export class Run {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') pipeline!: string;
  @Column('text') scope!: string;
  @Column('text') trigger!: string;
  @Column('text', { nullable: true }) reason!: string | null;
  @Column('uuid', { name: 'schedule_id', nullable: true }) scheduleId!: string | null;
  @Column('timestamptz', { name: 'scheduled_for', nullable: true }) scheduledFor!: Date | null;
  @Column('text', { name: 'dedupe_key', nullable: true }) dedupeKey!: string | null;
  @Column('jsonb') params!: JsonObject;
  @Column('uuid', { name: 'plan_id' }) planId!: string;
  @Column('text') status!: RunStatus;
  @Column('int') priority!: number;
  @Column('uuid', { name: 'resumed_from', nullable: true }) resumedFrom!: string | null;
  @Column('text', { nullable: true }) trace!: string | null;
  @Column('timestamptz', { name: 'requested_at' }) requestedAt!: Date;
  @Column('timestamptz', { name: 'started_at', nullable: true }) startedAt!: Date | null;
  @Column('timestamptz', { name: 'finished_at', nullable: true }) finishedAt!: Date | null;
  @Column('timestamptz', { name: 'cancel_requested_at', nullable: true }) cancelRequestedAt!: Date | null;
  @Column('jsonb') counts!: Record<string, number>;
  @Column('jsonb') errors!: string[];
}

/** The list of steps of one version of a pipeline. */
@Entity({ schema: 'engine', name: 'plan' })
export class Plan {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') pipeline!: string;
  @Column('jsonb') steps!: StepPlan[];
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
}

/** Where a run stands that is not over. */
@Entity({ schema: 'engine', name: 'active_run' })
export class ActiveRun {
  @PrimaryColumn('uuid', { name: 'run_id' }) runId!: string;
  @Column('uuid', { name: 'step_id' }) stepId!: string;
  @Column('text') pipeline!: string;
  @Column('text') scope!: string;
  @Column('boolean') exclusive!: boolean;
  @Column('int') priority!: number;
  @Column('bigint') turn!: string;
  @Column('text') status!: 'queued' | 'waiting' | 'due' | 'running';
  @Column('uuid', { name: 'plan_id' }) planId!: string;
  @Column('text') owner!: string;
  @Column('text') step!: string;
  @Column('int') position!: number;
  @Column('int') attempt!: number;
  @Column('timestamptz', { name: 'due_at' }) dueAt!: Date;
  @Column('timestamptz', { name: 'requested_at' }) requestedAt!: Date;
  @Column('uuid', { name: 'claimed_by', nullable: true }) claimedBy!: string | null;
  @Column('timestamptz', { name: 'claimed_at', nullable: true }) claimedAt!: Date | null;
  @Column('bigint') fence!: string;
  @Column('timestamptz', { name: 'deadline_at', nullable: true }) deadlineAt!: Date | null;
  @Column('timestamptz', { name: 'lease_until', nullable: true }) leaseUntil!: Date | null;
  @Column('int', { name: 'progress_done', nullable: true }) progressDone!: number | null;
  @Column('int', { name: 'progress_total', nullable: true }) progressTotal!: number | null;
  @Column('timestamptz', { name: 'nudged_at', nullable: true }) nudgedAt!: Date | null;
  @Column('timestamptz', { name: 'cancel_requested_at', nullable: true }) cancelRequestedAt!: Date | null;
}

/** What became of one instant that a schedule owed. */
@Entity({ schema: 'engine', name: 'occurrence' })
export class Occurrence {
  @PrimaryColumn('uuid', { name: 'schedule_id' }) scheduleId!: string;
  @PrimaryColumn('timestamptz', { name: 'scheduled_for' }) scheduledFor!: Date;
  /** The run that a chained one follows; the nil UUID for an instant that time alone owed. */
  @PrimaryColumn('uuid') cause!: string;
  @Column('text') outcome!: 'ran' | 'coalesced' | 'skipped' | 'expired' | 'paused';
  @Column('text', { nullable: true }) reason!: string | null;
  @Column('uuid', { name: 'run_id', nullable: true }) runId!: string | null;
  @Column('timestamptz', { name: 'decided_at' }) decidedAt!: Date;
}

/** One attempt of one step of a run that is over. */
@Entity({ schema: 'engine', name: 'step' })
export class StepAttempt {
  @Column('uuid') id!: string;
  @PrimaryColumn('uuid', { name: 'run_id' }) runId!: string;
  @PrimaryColumn('text') name!: string;
  @Column('int') position!: number;
  @PrimaryColumn('int') attempt!: number;
  @Column('text') status!: string;
  @Column('text') owner!: string;
  @Column('timestamptz', { name: 'due_at' }) dueAt!: Date;
  @Column('uuid', { name: 'claimed_by', nullable: true }) claimedBy!: string | null;
  @Column('bigint', { nullable: true }) fence!: string | null;
  @Column('jsonb', { nullable: true }) output!: JsonObject | null;
  @Column('jsonb') counts!: Record<string, number>;
  @Column('jsonb', { name: 'item_errors' }) itemErrors!: string[];
  @Column('jsonb', { nullable: true }) error!: RecordedError | null;
  @Column('text', { nullable: true }) reason!: string | null;
  @Column('int', { name: 'progress_done', nullable: true }) progressDone!: number | null;
  @Column('int', { name: 'progress_total', nullable: true }) progressTotal!: number | null;
  @Column('timestamptz', { name: 'started_at', nullable: true }) startedAt!: Date | null;
  @Column('timestamptz', { name: 'finished_at' }) finishedAt!: Date;
}

/** Whose run a dedupe key names. */
@Entity({ schema: 'engine', name: 'run_key' })
export class RunKey {
  @PrimaryColumn('text') pipeline!: string;
  @PrimaryColumn('text', { name: 'dedupe_key' }) dedupeKey!: string;
  @Column('uuid', { name: 'run_id' }) runId!: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
}

/** The tokens of a step that has a rate. */
@Entity({ schema: 'engine', name: 'rate' })
export class Rate {
  @PrimaryColumn('text') pipeline!: string;
  @PrimaryColumn('text') step!: string;
  @Column('double precision') tokens!: number;
  @Column('timestamptz', { name: 'counted_at' }) countedAt!: Date;
}

/** An ended run that a schedule rings after and has not looked at yet. */
@Entity({ schema: 'engine', name: 'chain_due' })
export class ChainDue {
  @PrimaryColumn('uuid', { name: 'schedule_id' }) scheduleId!: string;
  @PrimaryColumn('uuid', { name: 'run_id' }) runId!: string;
  @Column('timestamptz', { name: 'finished_at' }) finishedAt!: Date;
}
