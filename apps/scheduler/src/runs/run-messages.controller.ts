/** Runs over the bus: `run.<pipeline>.request` and `run.<pipeline>.cancel`, from any NATS client. */
import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { DeliveryContext, RequestRefused } from '@carillon/messaging';
import { RunDesk, UnknownPipeline } from '@carillon/runtime';
import { RunCancel, RunRequest } from '@carillon/shared';
import type { RunReply } from '@carillon/shared';

@Controller()
export class RunMessagesController {
  constructor(private readonly desk: RunDesk) {}

  @MessagePattern(RunRequest.subject)
  request(@Payload() request: RunRequest, @Ctx() context: DeliveryContext): Promise<RunReply> {
    return known(() => this.desk.request(context.place(1), request));
  }

  @MessagePattern(RunCancel.subject)
  cancel(@Payload() command: RunCancel, @Ctx() context: DeliveryContext): Promise<{ cancelled: string[] }> {
    return known(() => this.desk.cancel(context.place(1), command));
  }
}

async function known<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof UnknownPipeline) throw new RequestRefused('unknown_pipeline', error.message);
    throw error;
  }
}
