/** Schedules over the bus, from any NATS client: `schedule.list`, `schedule.show`, and one subject for each change. */
import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { DefinitionError } from '@carillon/engine';
import { RequestRefused } from '@carillon/messaging';
import { ScheduleRefused } from '@carillon/persistence';
import type { ScheduleDetails, ScheduleView } from '@carillon/persistence';
import { ScheduleDesk, UnknownPipeline } from '@carillon/runtime';
import type { BackfillReply } from '@carillon/runtime';
import { ScheduleBackfill, ScheduleCreate, ScheduleDelete, ScheduleEdit, ScheduleList, SchedulePause, ScheduleResume, ScheduleRun, ScheduleShow } from '@carillon/shared';
import type { MessageType, RunReply } from '@carillon/shared';

/** Each needs its handler, or the service does not start. */
export const SCHEDULE_MESSAGES: readonly MessageType[] = [ScheduleList, ScheduleShow, ScheduleCreate, ScheduleEdit, SchedulePause, ScheduleResume, ScheduleDelete, ScheduleRun, ScheduleBackfill];

@Controller()
export class ScheduleMessagesController {
  constructor(private readonly desk: ScheduleDesk) {}

  @MessagePattern(ScheduleList.subject)
  list(@Payload() request: ScheduleList): Promise<ScheduleView[]> {
    return this.desk.list(request);
  }

  @MessagePattern(ScheduleShow.subject)
  show(@Payload() request: ScheduleShow): Promise<ScheduleDetails> {
    return answered(this.desk.show(request.name));
  }

  @MessagePattern(ScheduleCreate.subject)
  create(@Payload() request: ScheduleCreate): Promise<ScheduleDetails> {
    return answered(this.desk.create(request));
  }

  @MessagePattern(ScheduleEdit.subject)
  edit(@Payload() request: ScheduleEdit): Promise<ScheduleDetails> {
    return answered(this.desk.edit(request));
  }

  @MessagePattern(SchedulePause.subject)
  pause(@Payload() request: SchedulePause): Promise<ScheduleDetails> {
    return answered(this.desk.pause(request));
  }

  @MessagePattern(ScheduleResume.subject)
  resume(@Payload() request: ScheduleResume): Promise<ScheduleDetails> {
    return answered(this.desk.resume(request));
  }

  @MessagePattern(ScheduleDelete.subject)
  delete(@Payload() request: ScheduleDelete): Promise<{ deleted: string }> {
    return answered(this.desk.delete(request));
  }

  @MessagePattern(ScheduleRun.subject)
  run(@Payload() request: ScheduleRun): Promise<RunReply> {
    return answered(this.desk.run(request));
  }

  @MessagePattern(ScheduleBackfill.subject)
  backfill(@Payload() request: ScheduleBackfill): Promise<BackfillReply> {
    return answered(this.desk.backfill(request));
  }
}

async function answered<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof UnknownPipeline) throw new RequestRefused('unknown_pipeline', error.message);
    if (error instanceof DefinitionError) throw new RequestRefused('not_valid', error.message);
    if (error instanceof ScheduleRefused) throw new RequestRefused(error.code, error.message);
    throw error;
  }
}
