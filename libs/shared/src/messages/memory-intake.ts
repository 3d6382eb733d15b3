/**
 * What people note, sent over the bus by a client whose NATS credentials vouch for them: handled by intake as the routes below `/memory` are, answered with what was stored. None is kept by
 * the bus; a duplicate is stored twice, so who gets no answer looks before sending again.
 */
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsNotEmpty, IsOptional, IsString, IsUUID, MaxLength, Min } from 'class-validator';
import type { MessageKind } from '../message.js';

abstract class OfPerson {
  static readonly kind: MessageKind = 'request';
  @IsString() @IsNotEmpty() @MaxLength(64) user_id!: string;
}

abstract class Repeated extends OfPerson {
  @IsOptional() @IsUUID() memory_id?: string;
  /** So many minutes after the last time. */
  @IsOptional() @IsInt() @Min(1) recurrence_minutes?: number;
  /** The value of an RRULE of RFC 5545, read in the person's time zone. */
  @IsOptional() @IsString() @MaxLength(500) rule?: string;
}

/** "Remember this." */
export class MemorySubmit extends OfPerson {
  static readonly subject = 'intake.memory.submit';
  @IsString() @IsNotEmpty() @MaxLength(10_000) content!: string;
  @IsOptional() @IsArray() @ArrayMaxSize(50) @IsString({ each: true }) tags?: string[];
}

/** "This is to be done." */
export class TaskSubmit extends Repeated {
  static readonly subject = 'intake.task.submit';
  @IsString() @IsNotEmpty() @MaxLength(2_000) description!: string;
  @IsOptional() @IsString() @MaxLength(200) due_at?: string;
}

/** "Tell me then." */
export class ReminderSubmit extends Repeated {
  static readonly subject = 'intake.reminder.submit';
  @IsOptional() @IsString() @MaxLength(2_000) text?: string;
  /** ISO 8601, a local time, or words such as "tomorrow 9am". */
  @IsString() @IsNotEmpty() @MaxLength(200) fire_at!: string;
  @IsOptional() @IsIn(['coalesce', 'all', 'skip']) missed_policy?: 'coalesce' | 'all' | 'skip';
}

/** "This was found in an e-mail." The person is asked at once when `source_type` is `email`. */
export class EventSubmit extends OfPerson {
  static readonly subject = 'intake.event.submit';
  @IsOptional() @IsUUID() memory_id?: string;
  @IsString() @IsNotEmpty() @MaxLength(2_000) description!: string;
  @IsString() @IsNotEmpty() @MaxLength(200) event_time!: string;
  @IsOptional() @IsIn(['email', 'manual']) source_type?: 'email' | 'manual';
  @IsOptional() @IsString() @MaxLength(500) source_detail?: string;
}

/** "What did I note about …?" Changes nothing. */
export class MemorySearch extends OfPerson {
  static readonly subject = 'intake.memory.search';
  @IsString() @IsNotEmpty() @MaxLength(500) q!: string;
}
