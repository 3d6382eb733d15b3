import { IsBoolean, IsIn, IsInt, IsISO8601, IsNotEmpty, IsObject, IsOptional, IsString, Max, MaxLength, Min, ValidateIf } from 'class-validator';
import type { MessageKind } from '../message.js';

/** "Look at the schedules now." Announced by a scheduler that changed one; heard by every scheduler. A lost one costs seconds, a doubled one a look. */
export class ScheduleChanged {
  static readonly subject = 'schedule.changed';
  static readonly kind: MessageKind = 'hint';
}

/** The name of one schedule. A pipeline's own has the pipeline's name. */
export class ScheduleName {
  @IsString() @IsNotEmpty() @MaxLength(300) name!: string;
}

/** What makes a schedule ring as it does; the shapes of triggers and policies are those of `carillon schedules show NAME --json`, and are checked by the engine. */
export class ScheduleDefinition {
  @IsOptional() @IsObject() trigger?: Record<string, unknown>;
  @IsOptional() @IsObject() misfire?: Record<string, unknown>;
  @IsOptional() @IsObject() overlap?: Record<string, unknown>;
  @IsOptional() @IsObject() daylight?: { gap?: 'nextValid' | 'skip'; overlap?: 'first' | 'second' | 'both' };
  @IsOptional() @IsInt() @Min(0) jitterMs?: number;
  /** Null takes the deadline away. */
  @ValidateIf((_definition, value) => value !== undefined && value !== null) @IsInt() @Min(0) deadlineMs?: number | null;
  @IsOptional() @IsObject() params?: Record<string, unknown>;
  /** Among runs that wait, the higher one goes first; the pipeline's own unless told. */
  @IsOptional() @IsInt() @Min(-1_000) @Max(1_000) priority?: number;
  @IsOptional() @IsString() @MaxLength(200) scope?: string;
}

/** "Make a schedule." Sent by anyone; handled by scheduler, which answers with the schedule. A second one of the same name is refused. */
export class ScheduleCreate extends ScheduleDefinition {
  static readonly subject = 'schedule.create';
  static readonly kind: MessageKind = 'command';

  @IsString() @IsNotEmpty() @MaxLength(63) pipeline!: string;
  /** The pipeline's name, with the scope behind a slash, unless told. */
  @IsOptional() @IsString() @IsNotEmpty() @MaxLength(300) name?: string;
}

/** "Change this schedule." Sent by anyone; handled by scheduler. What it owes is settled first; a duplicate raises the version once more. */
export class ScheduleEdit extends ScheduleDefinition {
  static readonly subject = 'schedule.edit';
  static readonly kind: MessageKind = 'command';

  @IsString() @IsNotEmpty() @MaxLength(300) name!: string;
}

/** "Let it rest." Sent by anyone; handled by scheduler. A duplicate changes nothing. */
export class SchedulePause extends ScheduleName {
  static readonly subject = 'schedule.pause';
  static readonly kind: MessageKind = 'command';
}

/** "Go on." Sent by anyone; handled by scheduler. A duplicate changes nothing. */
export class ScheduleResume extends ScheduleName {
  static readonly subject = 'schedule.resume';
  static readonly kind: MessageKind = 'command';

  /** `now` (the default): what fell due meanwhile is recorded as paused. `misfire`: it was missed, and the misfire policy decides. */
  @IsOptional() @IsIn(['now', 'misfire']) from?: 'now' | 'misfire';
}

/** "Remove it." Sent by anyone; handled by scheduler. What it made stays in the history; a duplicate finds none of that name. */
export class ScheduleDelete extends ScheduleName {
  static readonly subject = 'schedule.delete';
  static readonly kind: MessageKind = 'command';
}

/** "Run it now", with the schedule's scope and parameters. Sent by anyone; handled by scheduler with a `RunReply`. A duplicate is another run. */
export class ScheduleRun extends ScheduleName {
  static readonly subject = 'schedule.run';
  static readonly kind: MessageKind = 'command';

  /** Over those of the schedule. */
  @IsOptional() @IsObject() params?: Record<string, unknown>;
}

/** "Make up for this range." Sent by anyone; handled by scheduler. A duplicate finds every instant run. */
export class ScheduleBackfill extends ScheduleName {
  static readonly subject = 'schedule.backfill';
  static readonly kind: MessageKind = 'command';

  /** First and last instant, ISO 8601 with offset; both belong to the range. */
  @IsISO8601({ strict: true, strictSeparator: true }) from!: string;
  @IsISO8601({ strict: true, strictSeparator: true }) to!: string;
  /** `queue` (the default): one after the other. `policy`: as the schedule's overlap policy says. */
  @IsOptional() @IsIn(['queue', 'policy']) overlap?: 'queue' | 'policy';
}

/** "Show me this one." Sent by anyone; handled by scheduler: the schedule, its next instants and what became of the last ones. */
export class ScheduleShow extends ScheduleName {
  static readonly subject = 'schedule.show';
  static readonly kind: MessageKind = 'request';
}

/** "Which are there?" Sent by anyone; handled by scheduler: schedules by name. */
export class ScheduleList {
  static readonly subject = 'schedule.list';
  static readonly kind: MessageKind = 'request';

  @IsOptional() @IsString() @MaxLength(63) pipeline?: string;
  @IsOptional() @IsString() @MaxLength(200) scope?: string;
  @IsOptional() @IsBoolean() paused?: boolean;
  /** Names after this one, for paging. */
  @IsOptional() @IsString() @MaxLength(300) after?: string;
  @IsOptional() @IsInt() @Min(1) @Max(500) limit?: number;
}
