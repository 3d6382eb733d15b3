/** How a program in any language does steps: it claims one, tells that it lives, and settles it. See docs/step-protocol.md. */
import { IsArray, IsIn, IsInt, IsISO8601, IsNumber, IsObject, IsOptional, IsString, IsUUID, Matches, Max, MaxLength, Min, MinLength } from 'class-validator';
import type { MessageKind } from '../message.js';

/**
 * There may be work for this owner. Said by the relay of whichever service committed the step's row, to whoever listens now; not kept by the bus. A duplicate, or
 * one that gets lost, changes nothing: the row is the work, and claiming finds it.
 */
export class WorkDue {
  static readonly subject = 'work.*.due';
  static readonly kind: MessageKind = 'hint';

  @IsUUID() stepId!: string;
  @IsUUID() runId!: string;
  @IsString() pipeline!: string;
  @IsString() step!: string;
  @IsInt() @Min(1) attempt!: number;
}

/**
 * "Give me a step that this owner has to do." Sent by its worker; handled by scheduler, which replies with a `WorkClaimReply`. Each request may claim a step of
 * its own; one whose reply got lost is taken over when its lease has run out.
 */
export class WorkClaim {
  static readonly subject = 'work.*.claim';
  static readonly kind: MessageKind = 'request';

  /** Who asks, for people: host and process. */
  @IsString() @MinLength(1) @MaxLength(200) worker!: string;
  @IsOptional() @IsString() @MaxLength(63) pipeline?: string;
  /** Only these steps; all of the owner's unless told. */
  @IsOptional() @IsArray() @IsString({ each: true }) steps?: string[];
  /** How long the step stays claimed without a beat; 30 unless told. */
  @IsOptional() @IsNumber() @Min(1) @Max(3_600) leaseSeconds?: number;
  /** How long the answer may take while there is nothing to do; 0 unless told. */
  @IsOptional() @IsNumber() @Min(0) @Max(60) waitSeconds?: number;
}

/** A claimed step, with what it needs to be done. */
export class WorkStep {
  @IsUUID() stepId!: string;
  @IsUUID() runId!: string;
  /** Named in every beat and in the settlement: whoever has lost the step has a number that no longer counts. */
  @Matches(/^\d{1,19}$/) fence!: string;
  @IsString() pipeline!: string;
  @IsString() name!: string;
  @IsInt() attempt!: number;
  @IsString() scope!: string;
  @IsObject() params!: Record<string, unknown>;
  /** What earlier steps of the run left, by their names. */
  @IsObject() outputs!: Record<string, unknown>;
  @IsNumber() timeoutSeconds!: number;
  @IsNumber() leaseSeconds!: number;
  /** W3C trace context of the run, where somebody traces it: the worker's own spans go below. */
  @IsOptional() @IsString() traceparent?: string;
}

/** What scheduler answers to a `WorkClaim`: a step, or null when there is nothing to do. */
export class WorkClaimReply {
  @IsOptional() @IsObject() step!: WorkStep | null;
}

/** "I am still at it." Sent by the worker at least every third of its lease; handled by scheduler, which replies with a `WorkBeatReply`. A duplicate renews the lease again. */
export class WorkBeat {
  static readonly subject = 'work.*.beat';
  static readonly kind: MessageKind = 'request';

  @IsUUID() stepId!: string;
  @IsUUID() runId!: string;
  @Matches(/^\d{1,19}$/) fence!: string;
  @IsOptional() @IsNumber() @Min(1) @Max(3_600) leaseSeconds?: number;
  /** Shown live. */
  @IsOptional() @IsInt() @Min(0) done?: number;
  @IsOptional() @IsInt() @Min(0) total?: number;
}

/** What scheduler answers to a `WorkBeat`. */
export class WorkBeatReply {
  /** The step is not this worker's any more: stop, and do not settle. */
  lost!: boolean;
  /** Stop, and settle: the run was cancelled, or the step's time is up. */
  @IsOptional() @IsIn(['cancelled', 'timeout']) stop?: 'cancelled' | 'timeout';
}

export const WORK_OUTCOMES = ['done', 'retry', 'snooze', 'skip', 'fail', 'cancelled'] as const;

/**
 * "This is what became of it." Sent by the worker; handled by scheduler, which replies with a `WorkSettleReply`. A duplicate is answered with `repeated`; one from a
 * worker that has lost the step is refused (`stale`), and nothing of it is written.
 */
export class WorkSettle {
  static readonly subject = 'work.*.settle';
  static readonly kind: MessageKind = 'request';

  @IsUUID() stepId!: string;
  @IsUUID() runId!: string;
  @Matches(/^\d{1,19}$/) fence!: string;
  @IsIn(WORK_OUTCOMES) outcome!: (typeof WORK_OUTCOMES)[number];
  /** done: rows counted, by name. */
  @IsOptional() @IsObject() counts?: Record<string, unknown>;
  /** done: failures of single items; they make the run partial. */
  @IsOptional() @IsArray() @IsString({ each: true }) errors?: string[];
  /** done: handed on to later steps, 64 KiB at most. */
  @IsOptional() @IsObject() output?: Record<string, unknown>;
  /** retry, snooze, skip, cancelled: in words. */
  @IsOptional() @IsString() @MaxLength(2_000) reason?: string;
  /** retry: how long to wait. */
  @IsOptional() @IsNumber() @Min(0) @Max(31_536_000) afterSeconds?: number;
  /** snooze: when to come back. */
  @IsOptional() @IsISO8601() until?: string;
  /** fail: `{"name", "message", "permanent"}`; a permanent error is not tried again. */
  @IsOptional() @IsObject() error?: { name?: unknown; message?: unknown; permanent?: unknown };
}

/** What scheduler answers to a `WorkSettle`. */
export class WorkSettleReply {
  /** What follows, in words: the next step, another try and when, or how the run ended. */
  @IsString() next!: string;
  /** The same settlement was here before. */
  @IsOptional() repeated?: true;
}

/**
 * "Give me a part of a large value." Sent by the worker that has the step; handled by scheduler, which replies with a `WorkReadReply`. A duplicate reads it again.
 */
export class WorkRead {
  static readonly subject = 'work.*.read';
  static readonly kind: MessageKind = 'request';

  @IsUUID() stepId!: string;
  @IsUUID() runId!: string;
  @Matches(/^\d{1,19}$/) fence!: string;
  /** As an output of an earlier step has it: the text behind `$ref`. */
  @IsString() @MaxLength(300) ref!: string;
  /** From this byte on; 0 unless told. */
  @IsOptional() @IsInt() @Min(0) offset?: number;
}

/** What scheduler answers to a `WorkRead`. */
export class WorkReadReply {
  /** `json` is a text to be parsed once all of it is there. */
  @IsIn(['json', 'bytes']) kind!: 'json' | 'bytes';
  /** Of the whole value. */
  @IsInt() bytes!: number;
  /** The part, in base64. */
  @IsString() data!: string;
  /** Where the next part begins; missing when this was the last. */
  @IsOptional() @IsInt() next?: number;
}

/**
 * "Keep this part of a large value." Sent by the worker that has the step, in order, beginning with offset 0, which replaces what was kept under that name;
 * handled by scheduler, which replies with a `WorkKeepReply`. A duplicate of a later part is refused, because it does not begin where the value ends.
 */
export class WorkKeep {
  static readonly subject = 'work.*.keep';
  static readonly kind: MessageKind = 'request';

  @IsUUID() stepId!: string;
  @IsUUID() runId!: string;
  @Matches(/^\d{1,19}$/) fence!: string;
  @Matches(/^[\w.:-]{1,200}$/) name!: string;
  @IsIn(['json', 'bytes']) kind!: 'json' | 'bytes';
  @IsOptional() @IsInt() @Min(0) offset?: number;
  /** In base64; at most 512 KiB of it. */
  @IsString() @MaxLength(720_000) data!: string;
}

/** What scheduler answers to a `WorkKeep`: the reference, to be handed on in an output once all of it is kept. */
export class WorkKeepReply {
  @IsObject() reference!: { $ref: string; bytes: number };
}
