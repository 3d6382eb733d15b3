/** Submissions over the bus: the same rules and the same answer as over HTTP. Who may publish here is decided by NATS credentials. */
import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { Intake } from '@carillon/deliberation';
import { SubmissionSubmit } from '@carillon/shared';
import type { SubmissionReply } from '@carillon/shared';

@Controller()
export class SubmissionMessagesController {
  constructor(private readonly intake: Intake) {}

  @MessagePattern(SubmissionSubmit.subject)
  submit(@Payload() submission: SubmissionSubmit): Promise<SubmissionReply> {
    return this.intake.submit({ name: 'nats', rights: ['submit'] }, { ...submission });
  }
}
