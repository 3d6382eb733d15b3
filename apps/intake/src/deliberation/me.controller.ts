/** A person's own place: what it has submitted, endorsed and voted, the way to the bot, and the way out. Nobody reaches another's: the account is the session's. */
import { IsIn, IsNotEmpty, IsOptional, IsString, MaxLength } from 'class-validator';
import { Body, Controller, Delete, Get, HttpCode, Param, ParseUUIDPipe, Post, Res, UseGuards } from '@nestjs/common';
import { accountWhere, eraseAccount, Intake, InvalidSubmission, Linking, ownSubmissions, SignIn, withdrawSubmission } from '@carillon/deliberation';
import type { OwnSubmission } from '@carillon/deliberation';
import { Problem } from '@carillon/runtime';
import { MAX_SUBMISSION_LENGTH } from '@carillon/shared';
import type { SubmissionReply } from '@carillon/shared';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';
import { Person, PersonGuard, SESSION_COOKIE } from './person.guard.js';
import { STATUS_OF } from './submissions.controller.js';

class OwnSubmissionBody {
  @IsString() @IsNotEmpty() @MaxLength(MAX_SUBMISSION_LENGTH) text!: string;
  @IsOptional() @IsIn(['en', 'fa']) language?: 'en' | 'fa';
  /** The sender's own id of this submission; makes sending it again harmless. */
  @IsOptional() @IsString() @IsNotEmpty() @MaxLength(200) externalId?: string;
}

@UseGuards(PersonGuard)
@Controller('deliberation/me')
export class MeController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly intake: Intake,
    private readonly linking: Linking,
    private readonly signIn: SignIn,
  ) {}

  @Get()
  async me(@Person() accountId: string): Promise<object> {
    const account = await accountWhere(this.dataSource.manager, 'id', accountId);
    if (!account) throw new Problem(401, 'this account is gone');
    const { locale, emailVerified, messagingVerified, linkedAt, contributionCount, createdAt } = account;
    return { locale, emailVerified, messagingVerified, linkedAt, contributionCount, createdAt };
  }

  /** Deletes what says who this is. What was said and voted stays, of nobody. */
  @Delete()
  @HttpCode(204)
  async erase(@Person() accountId: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    await eraseAccount(this.dataSource, accountId);
    void reply.header('set-cookie', `${SESSION_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict`);
  }

  @Post('logout-everywhere')
  @HttpCode(204)
  async logoutEverywhere(@Person() accountId: string): Promise<void> {
    await this.signIn.signOutEverywhere(accountId);
  }

  /** A code to send to the bot as `/link CODE`. */
  @Post('linking-codes')
  async linkingCode(@Person() accountId: string): Promise<{ code: string; expiresAt: Date }> {
    const made = await this.linking.code(accountId);
    if (!made) throw new Problem(409, 'a Telegram account is linked already');
    return made;
  }

  @Get('submissions')
  submissions(@Person() accountId: string): Promise<OwnSubmission[]> {
    return ownSubmissions(this.dataSource, accountId);
  }

  @Post('submissions')
  async submit(@Person() accountId: string, @Body() body: OwnSubmissionBody, @Res({ passthrough: true }) reply: FastifyReply): Promise<SubmissionReply> {
    const account = await accountWhere(this.dataSource.manager, 'id', accountId);
    if (!account) throw new Problem(401, 'this account is gone');
    try {
      const answer = await this.intake.submit({ name: 'person', rights: ['submit'] }, { author: account.ref, ...body });
      void reply.status(STATUS_OF[answer.outcome]);
      return answer;
    } catch (error) {
      if (error instanceof InvalidSubmission) throw new Problem(400, error.message, [{ field: error.field, message: error.message }]);
      throw error;
    }
  }

  @Post('submissions/:id/withdrawal')
  @HttpCode(200)
  async withdraw(@Person() accountId: string, @Param('id', ParseUUIDPipe) submissionId: string): Promise<{ outcome: string }> {
    const outcome = await withdrawSubmission(this.dataSource, { accountId, submissionId });
    if (outcome === 'no_such_submission') throw new Problem(404, `you have no submission ${submissionId}`);
    return { outcome };
  }
}
