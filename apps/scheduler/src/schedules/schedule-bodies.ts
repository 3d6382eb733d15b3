/** What the HTTP doors read where the path says which schedule is meant, and what a query may say. */
import { IsBoolean, IsIn, IsInt, IsISO8601, IsObject, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { Transform, Type } from 'class-transformer';
import { ScheduleDefinition } from '@carillon/shared';

export class EditBody extends ScheduleDefinition {}

export class ResumeBody {
  @IsOptional() @IsIn(['now', 'misfire']) from?: 'now' | 'misfire';
}

export class RunBody {
  @IsOptional() @IsObject() params?: Record<string, unknown>;
}

export class BackfillBody {
  @IsISO8601({ strict: true, strictSeparator: true }) from!: string;
  @IsISO8601({ strict: true, strictSeparator: true }) to!: string;
  @IsOptional() @IsIn(['queue', 'policy']) overlap?: 'queue' | 'policy';
}

/** By name; more than `limit` are had with `after`. */
export class ScheduleQuery {
  @IsOptional() @IsString() @MaxLength(63) pipeline?: string;
  @IsOptional() @IsString() @MaxLength(200) scope?: string;
  @IsOptional() @Transform(({ value }: { value: unknown }) => ({ true: true, false: false })[String(value)] ?? value) @IsBoolean() paused?: boolean;
  @IsOptional() @IsString() @MaxLength(300) after?: string;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(500) limit?: number;
}
