/** What belongs to a step beside its own row: the items of a fan-out, and large values. */
import type { ItemStatus, JsonObject, RecordedError } from '@carillon/engine';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What became of one item of a fan-out. */
@Entity({ schema: 'engine', name: 'step_item' })
export class StepItem {
  @PrimaryColumn('uuid', { name: 'run_id' }) runId!: string;
  @PrimaryColumn('text') step!: string;
  @PrimaryColumn('text') key!: string;
  @Column('text') status!: ItemStatus;
  /** Tries that count against the item's retry policy. */
  @Column('int') attempts!: number;
  /** Goes up by one with every record, so that one is never written twice. */
  @Column('int') revision!: number;
  @Column('timestamptz', { name: 'due_at', nullable: true }) dueAt!: Date | null;
  @Column('jsonb', { nullable: true }) counts!: Record<string, number> | null;
  @Column('jsonb', { nullable: true }) output!: JsonObject | null;
  @Column('jsonb', { nullable: true }) error!: RecordedError | null;
  @Column('text', { nullable: true }) reason!: string | null;
  /** The run that did it, when this one resumes that one. */
  @Column('uuid', { name: 'kept_from', nullable: true }) keptFrom!: string | null;
  /** Of the attempt that recorded it. */
  @Column('bigint', { nullable: true }) fence!: string | null;
  @Column('timestamptz', { name: 'recorded_at' }) recordedAt!: Date;
}

/** A value too large for an output, kept by a step. */
@Entity({ schema: 'engine', name: 'step_value' })
export class StepValue {
  @PrimaryColumn('uuid', { name: 'run_id' }) runId!: string;
  @PrimaryColumn('text') step!: string;
  @PrimaryColumn('text') name!: string;
  @Column('text') kind!: 'json' | 'bytes';
  @Column('bytea') content!: Buffer;
  @Column('timestamptz', { name: 'recorded_at' }) recordedAt!: Date;
}
