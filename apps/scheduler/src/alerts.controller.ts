/** What operators were told about: open episodes and those that are over, and what one schedule wants told differently. */
import { Body, Controller, Get, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiPropertyOptional } from '@nestjs/swagger';
import { ALERT_KINDS } from '@carillon/engine';
import type { AlertKind, JsonObject } from '@carillon/engine';
import { listAlerts, setScheduleAlerts } from '@carillon/persistence';
import type { AlertRow } from '@carillon/persistence';
import { Needs, Problem } from '@carillon/runtime';
import { Transform, Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsNotEmpty, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { DataSource } from 'typeorm';

export class AlertQuery {
  @ApiPropertyOptional({ description: 'true leaves out what is over' }) @IsOptional() @Transform(({ value }) => (value === 'true' ? true : value === 'false' ? false : value)) @IsBoolean() open?: boolean;
  @ApiPropertyOptional({ enum: ALERT_KINDS }) @IsOptional() @IsIn(ALERT_KINDS) kind?: AlertKind;
  @ApiPropertyOptional({ minimum: 1, maximum: 500, default: 50 }) @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(500) limit?: number;
}

/** What is left out is as the settings say; with nothing said, all of it. */
export class SchedulePolicy {
  /** Its name, as GET /schedules lists it. */
  @IsString() @IsNotEmpty() @MaxLength(400) schedule!: string;
  @IsOptional() @IsInt() @Min(0) afterFailures?: number;
  @IsOptional() @IsInt() @Min(0) everyFurther?: number;
  @IsOptional() @IsInt() @Min(10) lateSeconds?: number;
  @IsOptional() @IsString() @IsNotEmpty() @MaxLength(200) recipient?: string;
  @IsOptional() @IsIn(['telegram', 'email', 'slack']) channel?: string;
}

@ApiBearerAuth()
@Controller('alerts')
export class AlertsController {
  constructor(private readonly dataSource: DataSource) {}

  /** Newest first. */
  @Needs('read')
  @Get()
  list(@Query() query: AlertQuery): Promise<AlertRow[]> {
    return listAlerts(this.dataSource, query);
  }

  /** In effect at the next look, within ten seconds. */
  @Needs('operate')
  @Put('policies')
  async set(@Body() policy: SchedulePolicy): Promise<JsonObject | null> {
    const { schedule, lateSeconds, ...rest } = policy;
    const alerts = { ...rest, ...(lateSeconds !== undefined && { lateAfterMs: lateSeconds * 1_000 }) } as JsonObject;
    const kept = Object.keys(alerts).length === 0 ? null : alerts;
    if (!(await setScheduleAlerts(this.dataSource, schedule, kept))) throw new Problem(404, `there is no schedule "${schedule}"; GET /schedules lists those there are`);
    return kept;
  }
}
