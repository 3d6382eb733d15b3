/** The step protocol's door: `work.<owner>.claim`, `.beat`, `.settle`, `.read` and `.keep`. The owner is a part of the subject, so that NATS permissions hold a worker to its own. */
import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { DeliveryContext, RequestRefused } from '@carillon/messaging';
import { BadOutcome, NoSuchWork, NotYours, WorkDesk } from '@carillon/runtime';
import { WorkBeat, WorkClaim, WorkKeep, WorkRead, WorkSettle } from '@carillon/shared';
import type { WorkBeatReply, WorkClaimReply, WorkKeepReply, WorkReadReply, WorkSettleReply } from '@carillon/shared';

@Controller()
export class WorkMessagesController {
  constructor(private readonly desk: WorkDesk) {}

  @MessagePattern(WorkClaim.subject)
  claim(@Payload() ask: WorkClaim, @Ctx() context: DeliveryContext): Promise<WorkClaimReply> {
    return inWords(() => this.desk.claim(context.place(1), ask, context.signal));
  }

  @MessagePattern(WorkBeat.subject)
  beat(@Payload() beat: WorkBeat, @Ctx() context: DeliveryContext): Promise<WorkBeatReply> {
    return this.desk.beat(context.place(1), beat);
  }

  @MessagePattern(WorkRead.subject)
  read(@Payload() ask: WorkRead, @Ctx() context: DeliveryContext): Promise<WorkReadReply> {
    return inWords(() => this.desk.read(context.place(1), ask));
  }

  @MessagePattern(WorkKeep.subject)
  keep(@Payload() part: WorkKeep, @Ctx() context: DeliveryContext): Promise<WorkKeepReply> {
    return inWords(() => this.desk.keep(context.place(1), part));
  }

  @MessagePattern(WorkSettle.subject)
  settle(@Payload() words: WorkSettle, @Ctx() context: DeliveryContext): Promise<WorkSettleReply> {
    return inWords(() => this.desk.settle(context.place(1), words));
  }
}

async function inWords<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof NotYours) throw new RequestRefused('stale', error.message);
    if (error instanceof BadOutcome) throw new RequestRefused('bad_outcome', error.message);
    if (error instanceof NoSuchWork) throw new RequestRefused('no_such_work', error.message);
    throw error;
  }
}
