/** The rows of what is to be done and told, and of who did what. */
import type { MissedPolicy, Recurrence } from '@carillon/calendar';
import type { JsonObject } from '@carillon/engine';
import { Column, Entity, PrimaryColumn } from 'typeorm';

export type TaskState = 'NOT_DONE' | 'DONE';
export type EventStatus = 'pending' | 'confirmed' | 'rejected';

@Entity({ schema: 'memory', name: 'task' })
export class Task {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { name: 'memory_id', nullable: true }) memoryId!: string | null;
  @Column('text', { name: 'owner_id' }) ownerId!: string;
  @Column('text') description!: string;
  @Column('text') state!: TaskState;
  @Column('timestamptz', { name: 'due_at', nullable: true }) dueAt!: Date | null;
  @Column('jsonb', { nullable: true }) recurrence!: Recurrence | null;
  @Column('timestamptz', { name: 'completed_at', nullable: true }) completedAt!: Date | null;
  @Column('text', { name: 'source_key', nullable: true }) sourceKey!: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt!: Date;
}

/** One occurrence. */
@Entity({ schema: 'memory', name: 'reminder' })
export class Reminder {
  @PrimaryColumn('uuid') id!: string;
  /** The id of the first occurrence of what repeats. */
  @Column('uuid', { name: 'series_id' }) seriesId!: string;
  @Column('uuid', { name: 'memory_id', nullable: true }) memoryId!: string | null;
  @Column('text', { name: 'owner_id' }) ownerId!: string;
  @Column('text', { nullable: true }) text!: string | null;
  @Column('timestamptz', { name: 'fire_at' }) fireAt!: Date;
  @Column('timestamptz', { name: 'due_at' }) dueAt!: Date;
  @Column('jsonb', { nullable: true }) recurrence!: Recurrence | null;
  @Column('text', { name: 'missed_policy' }) missedPolicy!: MissedPolicy;
  @Column('boolean') fired!: boolean;
  @Column('timestamptz', { name: 'fired_at', nullable: true }) firedAt!: Date | null;
  @Column('int') missed!: number;
  @Column('timestamptz', { name: 'done_at', nullable: true }) doneAt!: Date | null;
  /** Of the buttons of its notice, by the table's default; replaced when it rings again. */
  @Column('text', { nullable: true }) token!: string | null;
  /** How often it was set anew after it had fired. */
  @Column('int') arming!: number;
  @Column('text', { name: 'source_key', nullable: true }) sourceKey!: string | null;
  @Column('int') failures!: number;
  @Column('text', { name: 'last_error', nullable: true }) lastError!: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt!: Date;
}

/** Where the step looks for what is due: a row for each reminder that has not fired. Triggers keep it in step. */
@Entity({ schema: 'memory', name: 'due' })
export class DueRow {
  @PrimaryColumn('uuid', { name: 'reminder_id' }) reminderId!: string;
  @Column('timestamptz', { name: 'due_at' }) dueAt!: Date;
}

@Entity({ schema: 'memory', name: 'event' })
export class EventRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { name: 'memory_id', nullable: true }) memoryId!: string | null;
  @Column('text', { name: 'owner_id' }) ownerId!: string;
  @Column('text') description!: string;
  @Column('timestamptz', { name: 'event_time' }) eventTime!: Date;
  @Column('text', { name: 'source_type' }) sourceType!: 'email' | 'manual';
  @Column('text', { name: 'source_detail', nullable: true }) sourceDetail!: string | null;
  @Column('text') status!: EventStatus;
  @Column('timestamptz', { name: 'pending_since' }) pendingSince!: Date;
  @Column('int') asked!: number;
  @Column('timestamptz', { name: 'ask_at', nullable: true }) askAt!: Date | null;
  @Column('uuid', { name: 'reminder_id', nullable: true }) reminderId!: string | null;
  @Column('timestamptz', { name: 'confirmed_at', nullable: true }) confirmedAt!: Date | null;
  @Column('text', { nullable: true }) token!: string | null;
  @Column('int') failures!: number;
  @Column('text', { name: 'last_error', nullable: true }) lastError!: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt!: Date;
}

@Entity({ schema: 'memory', name: 'audit' })
export class AuditRow {
  @PrimaryColumn('bigint', { generated: 'identity' }) id!: string;
  @Column('text', { name: 'owner_id' }) ownerId!: string;
  @Column('text', { name: 'entity_type' }) entityType!: string;
  @Column('text', { name: 'entity_id' }) entityId!: string;
  @Column('text') action!: string;
  @Column('text') actor!: string;
  @Column('jsonb') detail!: JsonObject;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
}
