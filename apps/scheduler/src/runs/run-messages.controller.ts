/** Runs over the bus: `run.<pipeline>.request` and `run.<pipeline>.cancel`, from any NATS client. */
import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { DeliveryContext } from '@carillon/messaging';
import { RunDesk } from '@carillon/runtime';
import { RunCancel, RunRequest } from '@carillon/shared';
import type { RunReply } from '@carillon/shared';

@Controller()
export class RunMessagesController {
  constructor(private readonly desk: RunDesk) {}

  @MessagePattern(RunRequest.subject)
  request(@Payload() request: RunRequest, @Ctx() context: DeliveryContext): Promise<RunReply> {
    return this.desk.request(context.place(1), request);
  }

  @MessagePattern(RunCancel.subject)
  cancel(@Payload() command: RunCancel, @Ctx() context: DeliveryContext): Promise<{ cancelled: string[] }> {
    return this.desk.cancel(context.place(1), command);
  }
}
