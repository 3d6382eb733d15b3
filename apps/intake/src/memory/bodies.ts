/** What people may send to their memory, field by field. Texts, times and rules are judged where they mean something: in the pipeline. */
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsInt, IsOptional, IsString, IsUUID, Matches, Max, MaxLength, Min, ValidateIf } from 'class-validator';

const given = (_object: object, value: unknown): boolean => value !== undefined && value !== null;
/** Absent, null, or what the other rules say. */
const OrNull = (): PropertyDecorator => ValidateIf(given);
const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d$/;

export class PersonBody {
  @IsOptional() @IsString() @MaxLength(200) display_name?: string;
  @IsOptional() @IsBoolean() is_allowed?: boolean;
}

export class SettingsBody {
  @IsOptional() @IsString() @MaxLength(64) time_zone?: string;
  @IsOptional() @IsString() @Matches(/^[a-z]{2}(-[A-Z]{2})?$/) language?: string;
  @OrNull() @Matches(TIME_OF_DAY, { message: 'write a time from "00:00" to "23:59"' }) quiet_from?: string | null;
  @OrNull() @Matches(TIME_OF_DAY, { message: 'write a time from "00:00" to "23:59"' }) quiet_to?: string | null;
  @IsOptional() @IsInt() @Min(0) @Max(525_600) event_lead_minutes?: number;
}

export class MemoryBody {
  @IsString() content!: string;
  @IsOptional() @IsArray() @ArrayMaxSize(50) @IsString({ each: true }) tags?: string[];
}

export class MemoryChange {
  @IsOptional() @IsString() content?: string;
  @IsOptional() @IsBoolean() is_pinned?: boolean;
  @IsOptional() @IsIn(['confirmed']) status?: 'confirmed';
}

export class TagsBody {
  @IsArray() @ArrayMaxSize(50) @IsString({ each: true }) tags!: string[];
  @IsOptional() @IsIn(['suggested', 'confirmed']) status?: 'suggested' | 'confirmed';
}

class Repeating {
  /** So many minutes after the last time; null takes it away. */
  @OrNull() @IsInt() @Min(1) recurrence_minutes?: number | null;
  /** The value of an RRULE of RFC 5545, read in your time zone; null takes it away. */
  @OrNull() @IsString() @MaxLength(500) rule?: string | null;
  /** Local days or times that are left out. */
  @IsOptional() @IsArray() @ArrayMaxSize(1_000) @IsString({ each: true }) exceptions?: string[];
}

export class TaskChange extends Repeating {
  @OrNull() @IsUUID() memory_id?: string | null;
  @IsOptional() @IsString() description?: string;
  @OrNull() @IsString() @MaxLength(200) due_at?: string | null;
  @IsOptional() @IsIn(['NOT_DONE', 'DONE']) state?: 'NOT_DONE' | 'DONE';
}

export class TaskBody extends Repeating {
  @OrNull() @IsUUID() memory_id?: string | null;
  @IsString() description!: string;
  /** ISO 8601, a local time, or words such as "tomorrow 9am". */
  @OrNull() @IsString() @MaxLength(200) due_at?: string | null;
}

export class ReminderChange extends Repeating {
  @OrNull() @IsUUID() memory_id?: string | null;
  @OrNull() @IsString() text?: string | null;
  @IsOptional() @IsString() @MaxLength(200) fire_at?: string;
  @IsOptional() @IsIn(['coalesce', 'all', 'skip']) missed_policy?: 'coalesce' | 'all' | 'skip';
}

export class ReminderBody extends Repeating {
  @OrNull() @IsUUID() memory_id?: string | null;
  @OrNull() @IsString() text?: string | null;
  /** ISO 8601, a local time, or words such as "tomorrow 9am". */
  @IsString() @MaxLength(200) fire_at!: string;
  @IsOptional() @IsIn(['coalesce', 'all', 'skip']) missed_policy?: 'coalesce' | 'all' | 'skip';
}

export class EventBody {
  @OrNull() @IsUUID() memory_id?: string | null;
  @IsString() description!: string;
  @IsString() @MaxLength(200) event_time!: string;
  @IsOptional() @IsIn(['email', 'manual']) source_type?: 'email' | 'manual';
  @IsOptional() @IsString() @MaxLength(500) source_detail?: string;
}

export class EventChange {
  @IsOptional() @IsString() description?: string;
  @IsOptional() @IsString() @MaxLength(200) event_time?: string;
  @IsOptional() @IsIn(['confirmed', 'rejected']) status?: 'confirmed' | 'rejected';
}

class Page {
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(200) limit?: number;
  @IsOptional() @Type(() => Number) @IsInt() @Min(0) @Max(1_000_000) offset?: number;
}

const YES_OR_NO = ['true', 'false'];

export class MemoriesQuery extends Page {
  @IsOptional() @IsIn(YES_OR_NO) pinned?: string;
}

export class TasksQuery extends Page {
  @IsOptional() @IsIn(['NOT_DONE', 'DONE']) state?: 'NOT_DONE' | 'DONE';
  @IsOptional() @IsString() @MaxLength(200) due_before?: string;
  @IsOptional() @IsString() @MaxLength(200) due_after?: string;
}

export class RemindersQuery extends Page {
  @IsOptional() @IsIn(YES_OR_NO) fired?: string;
  @IsOptional() @IsIn(YES_OR_NO) upcoming_only?: string;
}

export class EventsQuery extends Page {
  @IsOptional() @IsIn(['pending', 'confirmed', 'rejected']) status?: 'pending' | 'confirmed' | 'rejected';
}

export class SearchQuery {
  @IsOptional() @IsString() @MaxLength(500) q?: string;
  @IsOptional() @IsIn(YES_OR_NO) pinned?: string;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(100) limit?: number;
}

export class AuditQuery extends Page {
  @IsOptional() @IsString() @MaxLength(50) entity_type?: string;
  @IsOptional() @IsString() @MaxLength(100) entity_id?: string;
  @IsOptional() @IsString() @MaxLength(50) action?: string;
}

export class DeleteQuery {
  @IsOptional() @IsIn(['keep', 'delete']) dependents?: 'keep' | 'delete';
}
