/** Submissions over the bus: the same rules and the same answer as over HTTP. Who may publish here is decided by NATS credentials. */
import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { Intake, InvalidSubmission } from '@carillon/deliberation';
import { RequestRefused } from '@carillon/messaging';
import { SubmissionSubmit } from '@carillon/shared';
import type { SubmissionReply } from '@carillon/shared';

@Controller()
export class SubmissionMessagesController {
  constructor(private readonly intake: Intake) {}

  @MessagePattern(SubmissionSubmit.subject)
  async submit(@Payload() submission: SubmissionSubmit): Promise<SubmissionReply> {
    try {
      return await this.intake.submit({ name: 'nats', rights: ['submit'] }, { ...submission });
    } catch (error) {
      if (error instanceof InvalidSubmission) throw new RequestRefused('invalid_submission', error.message);
      throw error;
    }
  }
}
