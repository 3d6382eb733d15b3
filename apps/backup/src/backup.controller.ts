/** Answers for a backup that does not exist, over HTTP and the bus: silence would look like an outage, and "ok" would be a lie. */
import { Controller, Get, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { createSkippedRun, inTransaction } from '@carillon/persistence';
import { BackupReply, BackupRequest, BackupStatus } from '@carillon/shared';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';

export const LOG = Symbol('log');

@Controller('backup')
export class BackupController {
  constructor(
    @Inject(LOG) private readonly log: Logger,
    private readonly dataSource: DataSource,
  ) {}

  @Get('status')
  status(): BackupReply {
    return notConfigured();
  }

  @MessagePattern<string>(BackupStatus.subject)
  answerStatus(@Payload() _question: BackupStatus): BackupReply {
    return notConfigured();
  }

  @MessagePattern<string>(BackupRequest.subject)
  async skip(@Payload() { reason }: BackupRequest): Promise<BackupReply> {
    const asked = reason === undefined ? '' : `, asked for: ${reason.slice(0, 500)}`;
    const { id } = await inTransaction(this.dataSource, (manager) => createSkippedRun(manager, { pipeline: 'backup', scope: '', trigger: 'manual', reason: `S3 backup not configured -- skipping${asked}` }));
    this.log.info({ run: id }, 'S3 backup not configured -- skipping');
    return notConfigured();
  }
}

function notConfigured(): BackupReply {
  return Object.assign(new BackupReply(), { status: 'not_configured' as const });
}
