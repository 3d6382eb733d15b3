/** Runs over HTTP: history, one run with its steps, run now, cancel. */
import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiBearerAuth } from '@nestjs/swagger';
import { listRuns } from '@carillon/persistence';
import type { RunHistory } from '@carillon/persistence';
import { Needs, Problem, RunDesk, UnknownPipeline } from '@carillon/runtime';
import { RunCancel, RunRequest } from '@carillon/shared';
import type { RunReply } from '@carillon/shared';
import { DataSource } from 'typeorm';
import { RunQuery } from './run-query.js';

@ApiBearerAuth()
@Controller('runs')
export class RunsController {
  constructor(
    private readonly desk: RunDesk,
    private readonly dataSource: DataSource,
  ) {}

  @Needs('read')
  @Get()
  list(@Query() query: RunQuery): Promise<RunHistory[]> {
    return listRuns(this.dataSource, query);
  }

  @Needs('read')
  @Get(':id')
  async show(@Param('id', ParseUUIDPipe) id: string): Promise<RunHistory> {
    const [run] = await listRuns(this.dataSource, { id });
    if (!run) throw new Problem(404, `there is no run ${id}`);
    return run;
  }

  @Needs('operate')
  @Post(':pipeline')
  @HttpCode(202)
  request(@Param('pipeline') pipeline: string, @Body() request: RunRequest): Promise<RunReply> {
    return known(() => this.desk.request(pipeline, request));
  }

  @Needs('operate')
  @Post(':pipeline/cancel')
  @HttpCode(202)
  cancel(@Param('pipeline') pipeline: string, @Body() command: RunCancel): Promise<{ cancelled: string[] }> {
    return known(() => this.desk.cancel(pipeline, command));
  }
}

async function known<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof UnknownPipeline) throw new Problem(404, error.message);
    throw error;
  }
}
