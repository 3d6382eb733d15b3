/** Dead letters over HTTP: look, send again, put away. */
import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiBearerAuth } from '@nestjs/swagger';
import type { DeadLetterRow, HandledLetters, KeyHolder } from '@carillon/persistence';
import { Caller, LetterDesk, Needs, Problem, UnclearChoice, UnknownLetter } from '@carillon/runtime';
import type { ShownLetter } from '@carillon/runtime';
import { DeadLettersDiscard, DeadLettersList, DeadLettersRedrive } from '@carillon/shared';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';

/** As on the bus; in a query every value is text. */
export class DeadLetterQuery extends DeadLettersList {
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(1_000) override limit?: number;
}

@ApiBearerAuth()
@Controller('dead-letters')
export class DeadLettersController {
  constructor(private readonly desk: LetterDesk) {}

  /** Newest first. */
  @Needs('read')
  @Get()
  list(@Query() filter: DeadLetterQuery): Promise<DeadLetterRow[]> {
    return this.desk.list(filter);
  }

  @Needs('read')
  @Get(':id')
  show(@Param('id', ParseUUIDPipe) id: string): Promise<ShownLetter> {
    return asked(() => this.desk.show(id));
  }

  /** What could not be sent again is named in the answer, with the remedy. */
  @Needs('operate')
  @Post('redrive')
  @HttpCode(200)
  redrive(@Body() choice: DeadLettersRedrive, @Caller() caller: KeyHolder): Promise<HandledLetters> {
    return asked(() => this.desk.redrive(choice, `key ${caller.name}`));
  }

  @Needs('operate')
  @Post('discard')
  @HttpCode(200)
  discard(@Body() choice: DeadLettersDiscard, @Caller() caller: KeyHolder): Promise<HandledLetters> {
    return asked(() => this.desk.discard(choice, `key ${caller.name}`));
  }
}

async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof UnknownLetter) throw new Problem(404, error.message);
    if (error instanceof UnclearChoice) throw new Problem(400, error.message);
    throw error;
  }
}
