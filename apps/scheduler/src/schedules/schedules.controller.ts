/** Schedules over HTTP: which there are, what one owes and owed, and every change that can be made while everything runs. */
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth } from '@nestjs/swagger';
import { DefinitionError } from '@carillon/engine';
import { ScheduleRefused } from '@carillon/persistence';
import type { ScheduleDetails, ScheduleView } from '@carillon/persistence';
import { Needs, Problem, ScheduleDesk, UnknownPipeline } from '@carillon/runtime';
import type { BackfillReply } from '@carillon/runtime';
import { ScheduleCreate } from '@carillon/shared';
import type { RunReply } from '@carillon/shared';
import { BackfillBody, EditBody, ResumeBody, RunBody, ScheduleQuery } from './schedule-bodies.js';

@ApiBearerAuth()
@Controller('schedules')
export class SchedulesController {
  constructor(private readonly desk: ScheduleDesk) {}

  @Needs('read')
  @Get()
  list(@Query() query: ScheduleQuery): Promise<ScheduleView[]> {
    return this.desk.list(query);
  }

  @Needs('read')
  @Get(':name')
  show(@Param('name') name: string): Promise<ScheduleDetails> {
    return answered(this.desk.show(name));
  }

  @Needs('operate')
  @Post()
  create(@Body() request: ScheduleCreate): Promise<ScheduleDetails> {
    return answered(this.desk.create(request));
  }

  @Needs('operate')
  @Patch(':name')
  edit(@Param('name') name: string, @Body() request: EditBody): Promise<ScheduleDetails> {
    return answered(this.desk.edit({ ...request, name }));
  }

  @Needs('operate')
  @Delete(':name')
  delete(@Param('name') name: string): Promise<{ deleted: string }> {
    return answered(this.desk.delete({ name }));
  }

  @Needs('operate')
  @Post(':name/pause')
  @HttpCode(200)
  pause(@Param('name') name: string): Promise<ScheduleDetails> {
    return answered(this.desk.pause({ name }));
  }

  @Needs('operate')
  @Post(':name/resume')
  @HttpCode(200)
  resume(@Param('name') name: string, @Body() request: ResumeBody): Promise<ScheduleDetails> {
    return answered(this.desk.resume({ ...request, name }));
  }

  @Needs('operate')
  @Post(':name/run')
  @HttpCode(202)
  run(@Param('name') name: string, @Body() request: RunBody): Promise<RunReply> {
    return answered(this.desk.run({ ...request, name }));
  }

  @Needs('operate')
  @Post(':name/backfill')
  @HttpCode(202)
  backfill(@Param('name') name: string, @Body() request: BackfillBody): Promise<BackfillReply> {
    return answered(this.desk.backfill({ ...request, name }));
  }
}

/** What was asked for can not be: with the status that says whose affair it is. */
async function answered<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof UnknownPipeline) throw new Problem(404, error.message);
    if (error instanceof DefinitionError) throw new Problem(400, error.message);
    if (error instanceof ScheduleRefused) throw new Problem(error.code === 'unknown_schedule' ? 404 : 409, error.message);
    throw error;
  }
}
