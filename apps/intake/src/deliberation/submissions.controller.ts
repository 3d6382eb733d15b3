/** Submissions over HTTP: one with its answer, or an operator's import of many. */
import { ArrayMaxSize, ArrayMinSize, IsArray } from 'class-validator';
import { Body, Controller, HttpCode, Post, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody } from '@nestjs/swagger';
import { ImportNotAllowed, Intake, InvalidSubmission } from '@carillon/deliberation';
import type { ImportResult } from '@carillon/deliberation';
import type { KeyHolder } from '@carillon/persistence';
import { Caller, Needs, Problem } from '@carillon/runtime';
import { SubmissionSubmit } from '@carillon/shared';
import type { SubmissionOutcome, SubmissionReply } from '@carillon/shared';
import type { FastifyReply } from 'fastify';

/** The most lines of one import request; a file is sent in several. */
export const MAX_IMPORT_LINES = 500;

/** Lines are checked one by one, so that a bad one does not turn the others away. */
export class ImportRequest {
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(MAX_IMPORT_LINES) submissions!: unknown[];
}

export const STATUS_OF: Record<SubmissionOutcome, number> = {
  accepted: 201,
  duplicate: 200,
  quarantined: 202,
  pending: 202,
  rejected: 422,
  pii_redact_and_resend: 422,
  not_eligible: 403,
  daily_limit: 429,
};

@ApiBearerAuth()
@Controller('deliberation')
export class SubmissionsController {
  constructor(private readonly intake: Intake) {}

  /** The body is checked by the same rules as on the bus, so it arrives here as it was sent. */
  @Needs('submit')
  @Post('submissions')
  @ApiBody({ type: SubmissionSubmit })
  async submit(@Caller() caller: KeyHolder, @Body() body: object, @Res({ passthrough: true }) reply: FastifyReply): Promise<SubmissionReply> {
    const answer = await refusing(() => this.intake.submit(caller, body));
    void reply.status(STATUS_OF[answer.outcome]);
    return answer;
  }

  @Needs('import')
  @Post('imports')
  @HttpCode(200)
  async import(@Caller() caller: KeyHolder, @Body() { submissions }: ImportRequest): Promise<{ results: ImportResult[] }> {
    return { results: await refusing(() => this.intake.import(caller, submissions)) };
  }
}

async function refusing<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof InvalidSubmission) throw new Problem(400, error.message, [{ field: error.field, message: error.message }]);
    if (error instanceof ImportNotAllowed) throw new Problem(403, error.message);
    throw error;
  }
}
