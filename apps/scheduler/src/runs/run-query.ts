import { IsBoolean, IsIn, IsInt, IsOptional, IsString, IsUUID, Max, MaxLength, Min } from 'class-validator';
import { Type } from 'class-transformer';
import { RUN_STATUSES } from '@carillon/shared';
import type { RunStatus } from '@carillon/shared';

/** Which runs to list, newest first. */
export class RunQuery {
  @IsOptional() @IsString() pipeline?: string;
  @IsOptional() @IsIn(RUN_STATUSES) status?: RunStatus;
  /** Runs before this one, for paging. */
  @IsOptional() @IsUUID() before?: string;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(500) limit?: number;
}

const ITEM_STATUSES = ['done', 'failed', 'skipped', 'waiting'] as const;

/** Which items of a run's fan-outs to list, in the order of step and key. */
export class ItemQuery {
  @IsOptional() @IsString() step?: string;
  @IsOptional() @IsIn(ITEM_STATUSES) status?: (typeof ITEM_STATUSES)[number];
  /** Step and key of the last item of the page before. */
  @IsOptional() @IsString() afterStep?: string;
  @IsOptional() @IsString() afterKey?: string;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(500) limit?: number;
}

/** Where a new run goes on with one that is over. */
export class ResumeOptions {
  /** The step to do anew; the first one that failed unless told. */
  @IsOptional() @IsString() @MaxLength(63) from?: string;
  /** Whether items that are done stay done although their step is named. */
  @IsOptional() @IsBoolean() keepItems?: boolean;
}
