/** The engine's ledger as row classes: schedules, what they owed, runs and their steps. */
import type { JsonObject, MisfirePolicy, OverlapPolicy, RecordedError, StepPlan, Trigger } from '@carillon/engine';
import type { RunStatus } from '@carillon/shared';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** When a pipeline rings, and how far its cursor has come. */
@Entity({ schema: 'engine', name: 'schedule' })
export class Schedule {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') pipeline!: string;
  @Column('text') scope!: string;
  @Column('jsonb') trigger!: Trigger;
  @Column('jsonb') misfire!: MisfirePolicy;
  @Column('jsonb') overlap!: OverlapPolicy;
  @Column('int') version!: number;
  @Column('timestamptz', { name: 'anchor_at' }) anchorAt!: Date;
  @Column('timestamptz', { name: 'evaluated_through' }) evaluatedThrough!: Date;
  @Column('timestamptz', { name: 'next_due_at', nullable: true }) nextDueAt!: Date | null;
  @Column('timestamptz', { name: 'paused_at', nullable: true }) pausedAt!: Date | null;
  @Column('timestamptz', { name: 'last_started_at', nullable: true }) lastStartedAt!: Date | null;
  @Column('timestamptz', { name: 'last_success_started_at', nullable: true }) lastSuccessStartedAt!: Date | null;
  @Column('int', { name: 'failures_in_row' }) failuresInRow!: number;
  @Column('text', { name: 'waiting_for', nullable: true }) waitingFor!: string | null;
  @Column('text', { name: 'last_error', nullable: true }) lastError!: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt!: Date;
}

/** One run of a pipeline, with the list of steps that it began with. */
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
  @Column('jsonb') plan!: StepPlan[];
  @Column('text') status!: RunStatus;
  @Column('boolean') exclusive!: boolean;
  @Column('timestamptz', { name: 'requested_at' }) requestedAt!: Date;
  @Column('timestamptz', { name: 'started_at', nullable: true }) startedAt!: Date | null;
  @Column('timestamptz', { name: 'finished_at', nullable: true }) finishedAt!: Date | null;
  @Column('timestamptz', { name: 'cancel_requested_at', nullable: true }) cancelRequestedAt!: Date | null;
  @Column('jsonb') counts!: Record<string, number>;
  @Column('jsonb') errors!: string[];
}

/** What became of one instant that a schedule owed. */
@Entity({ schema: 'engine', name: 'occurrence' })
export class Occurrence {
  @PrimaryColumn('uuid', { name: 'schedule_id' }) scheduleId!: string;
  @PrimaryColumn('timestamptz', { name: 'scheduled_for' }) scheduledFor!: Date;
  @Column('text') outcome!: 'ran' | 'coalesced' | 'skipped' | 'expired' | 'paused';
  @Column('text', { nullable: true }) reason!: string | null;
  @Column('uuid', { name: 'run_id', nullable: true }) runId!: string | null;
  @Column('timestamptz', { name: 'decided_at' }) decidedAt!: Date;
}

/** One attempt of one step of a run. */
@Entity({ schema: 'engine', name: 'step' })
export class StepAttempt {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { name: 'run_id' }) runId!: string;
  @Column('text') name!: string;
  @Column('int') position!: number;
  @Column('int') attempt!: number;
  @Column('text') status!: string;
  @Column('text') owner!: string;
  @Column('timestamptz', { name: 'due_at' }) dueAt!: Date;
  @Column('uuid', { name: 'claimed_by', nullable: true }) claimedBy!: string | null;
  @Column('bigint', { nullable: true }) fence!: string | null;
  @Column('timestamptz', { name: 'lease_until', nullable: true }) leaseUntil!: Date | null;
  @Column('jsonb', { nullable: true }) input!: JsonObject | null;
  @Column('jsonb', { nullable: true }) output!: JsonObject | null;
  @Column('jsonb') counts!: Record<string, number>;
  @Column('jsonb', { name: 'item_errors' }) itemErrors!: string[];
  @Column('jsonb', { nullable: true }) error!: RecordedError | null;
  @Column('text', { nullable: true }) reason!: string | null;
  @Column('int', { name: 'progress_done', nullable: true }) progressDone!: number | null;
  @Column('int', { name: 'progress_total', nullable: true }) progressTotal!: number | null;
  @Column('timestamptz', { name: 'started_at', nullable: true }) startedAt!: Date | null;
  @Column('timestamptz', { name: 'finished_at', nullable: true }) finishedAt!: Date | null;
  @Column('timestamptz', { name: 'nudged_at', nullable: true }) nudgedAt!: Date | null;
}
