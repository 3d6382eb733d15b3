import { IsIn, IsInt, IsOptional, IsString, IsUUID, Max, Min } from 'class-validator';
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
