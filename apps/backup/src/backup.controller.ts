/** Answers for a backup that does not exist, over HTTP and the bus: silence would look like an outage, and "ok" would be a lie. */
import { Controller, Get, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { BackupReply, BackupRequest, BackupStatus } from '@carillon/shared';
import type { Logger } from 'pino';

export const LOG = Symbol('log');

@Controller('backup')
export class BackupController {
  constructor(@Inject(LOG) private readonly log: Logger) {}

  @Get('status')
  status(): BackupReply {
    return notConfigured();
  }

  @MessagePattern<string>(BackupStatus.subject)
  answerStatus(@Payload() _question: BackupStatus): BackupReply {
    return notConfigured();
  }

  @MessagePattern<string>(BackupRequest.subject)
  skip(@Payload() _request: BackupRequest): BackupReply {
    this.log.info({}, 'S3 backup not configured -- skipping');
    return notConfigured();
  }
}

function notConfigured(): BackupReply {
  return Object.assign(new BackupReply(), { status: 'not_configured' as const });
}
