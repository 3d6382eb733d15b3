/** Runs over the bus: `run.<pipeline>.request`, `.requestMany`, `.resume` and `.cancel`, from any NATS client. */
import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { DeliveryContext, RequestRefused } from '@carillon/messaging';
import { ResumeRefused } from '@carillon/engine';
import { UnknownRun } from '@carillon/persistence';
import { RunDesk, UnknownPipeline } from '@carillon/runtime';
import { RunCancel, RunRequest, RunRequestMany, RunResume } from '@carillon/shared';
import type { RunManyReply, RunReply } from '@carillon/shared';

@Controller()
export class RunMessagesController {
  constructor(private readonly desk: RunDesk) {}

  @MessagePattern(RunRequest.subject)
  request(@Payload() request: RunRequest, @Ctx() context: DeliveryContext): Promise<RunReply> {
    return known(() => this.desk.request(context.place(1), request));
  }

  @MessagePattern(RunRequestMany.subject)
  requestMany(@Payload() { runs }: RunRequestMany, @Ctx() context: DeliveryContext): Promise<RunManyReply> {
    return known(() => this.desk.requestMany(context.place(1), runs));
  }

  @MessagePattern(RunResume.subject)
  resume(@Payload() command: RunResume, @Ctx() context: DeliveryContext): Promise<RunReply> {
    return known(() => this.desk.resume(command, context.place(1)));
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
    if (error instanceof UnknownRun) throw new RequestRefused('unknown_run', error.message);
    if (error instanceof ResumeRefused) throw new RequestRefused('resume_refused', error.message);
    throw error;
  }
}
