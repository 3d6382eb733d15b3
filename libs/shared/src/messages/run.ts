import { IsArray, IsBoolean, IsIn, IsInt, IsISO8601, IsObject, IsOptional, IsString, IsUUID, Max, MaxLength, Min } from 'class-validator';
import type { MessageKind } from '../message.js';

export const RUN_STATUSES = ['queued', 'running', 'succeeded', 'partial', 'failed', 'cancelled', 'skipped'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** "Run it now." Sent by anyone; handled by scheduler, which replies with a `RunReply`. A repeated `dedupeKey` answers the run it made before. */
export class RunRequest {
  static readonly subject = 'run.*.request';
  static readonly kind: MessageKind = 'command';

  @IsOptional() @IsString() @MaxLength(200) scope?: string;
  @IsOptional() @IsObject() params?: Record<string, unknown>;
  @IsOptional() @IsString() @MaxLength(200) dedupeKey?: string;
  /** Among runs that wait, the higher one goes first; the pipeline's own unless told. */
  @IsOptional() @IsInt() @Min(-1_000) @Max(1_000) priority?: number;
}

/** "Stop this run." Sent by anyone; handled by scheduler. Without `runId`, every active run of the scope. A duplicate finds nothing active. */
export class RunCancel {
  static readonly subject = 'run.*.cancel';
  static readonly kind: MessageKind = 'command';

  @IsOptional() @IsUUID() runId?: string;
  @IsOptional() @IsString() @MaxLength(200) scope?: string;
  @IsOptional() @IsString() @MaxLength(500) reason?: string;
}

/**
 * "Go on with this ended run, as a new one." Sent by anyone; handled by scheduler, which replies with a `RunReply`. Without `from`, at the first step that failed, and
 * a fan-out goes on with the items that are not done; with `from`, that step is done anew, unless `keepItems` says otherwise. A duplicate asks for another new run.
 */
export class RunResume {
  static readonly subject = 'run.*.resume';
  static readonly kind: MessageKind = 'command';

  @IsUUID() runId!: string;
  @IsOptional() @IsString() @MaxLength(63) from?: string;
  @IsOptional() @IsBoolean() keepItems?: boolean;
}

/** What scheduler answers to a `RunRequest` or a `RunResume`. `skipped` names the run that was in the way in `reason`. */
export class RunReply {
  @IsUUID() runId!: string;
  @IsIn(RUN_STATUSES) status!: RunStatus;
  @IsOptional() @IsString() reason?: string;
}

/** A run reached its end. Sent by the service that settled its last step; for anyone. A duplicate repeats a known `runId`. */
export class RunFinished {
  static readonly subject = 'run.*.finished';
  static readonly kind: MessageKind = 'fact';

  @IsUUID() runId!: string;
  @IsString() pipeline!: string;
  @IsString() scope!: string;
  @IsIn(RUN_STATUSES) status!: RunStatus;
  @IsObject() counts!: Record<string, number>;
  @IsArray() @IsString({ each: true }) errors!: string[];
  @IsISO8601() finishedAt!: string;
}
