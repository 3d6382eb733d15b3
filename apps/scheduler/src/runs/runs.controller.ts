/** Runs over HTTP: history, one run with its steps and items, run now, go on with one that is over, cancel. */
import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiBearerAuth } from '@nestjs/swagger';
import { ResumeRefused } from '@carillon/engine';
import { listItems, listRuns, summarizeItems, UnknownRun } from '@carillon/persistence';
import type { ItemHistory, ItemSummary, RunHistory } from '@carillon/persistence';
import { Needs, Problem, RunDesk, UnknownPipeline } from '@carillon/runtime';
import { RunCancel, RunRequest } from '@carillon/shared';
import type { RunReply } from '@carillon/shared';
import { DataSource } from 'typeorm';
import { ItemQuery, ResumeOptions, RunQuery } from './run-query.js';

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
  async show(@Param('id', ParseUUIDPipe) id: string): Promise<RunHistory & { items: ItemSummary[] }> {
    const [[run], items] = await Promise.all([listRuns(this.dataSource, { id }), summarizeItems(this.dataSource, id)]);
    if (!run) throw new Problem(404, `there is no run ${id}`);
    return { ...run, items };
  }

  @Needs('read')
  @Get(':id/items')
  items(@Param('id', ParseUUIDPipe) runId: string, @Query() { step, status, afterStep, afterKey, limit }: ItemQuery): Promise<ItemHistory[]> {
    const after = afterStep !== undefined && afterKey !== undefined && { after: { step: afterStep, key: afterKey } };
    return listItems(this.dataSource, { runId, ...(step !== undefined && { step }), ...(status && { status }), ...(limit !== undefined && { limit }), ...after });
  }

  @Needs('operate')
  @Post(':id/resume')
  @HttpCode(202)
  resume(@Param('id', ParseUUIDPipe) runId: string, @Body() options: ResumeOptions): Promise<RunReply> {
    return known(() => this.desk.resume({ ...options, runId }));
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
    if (error instanceof UnknownPipeline || error instanceof UnknownRun) throw new Problem(404, error.message);
    if (error instanceof ResumeRefused) throw new Problem(409, error.message);
    throw error;
  }
}
