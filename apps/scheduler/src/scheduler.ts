/** The one module of the process: values from the house, doors for people and messages, loops that turn the drum. */
import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { syncSchedules } from '@carillon/persistence';
import { assertOwners, Drum, Rescue, RunDesk, StepController, stepSubjects, StepWorker, WorkDesk } from '@carillon/runtime';
import type { House, Rooms } from '@carillon/runtime';
import { RunCancel, RunRequest, RunResume, StepDue, WorkBeat, WorkClaim, WorkSettle } from '@carillon/shared';
import { DataSource } from 'typeorm';
import { Housekeeping } from './housekeeping.js';
import { OperationsController } from './operations.controller.js';
import { hostPipelines } from './pipelines.js';
import type { Hosting } from './pipelines.js';
import { RunMessagesController } from './runs/run-messages.controller.js';
import { RunsController } from './runs/runs.controller.js';
import { WorkMessagesController } from './work/work-messages.controller.js';

export { tables } from './pipelines.js';

/** Services of ours that work on steps; the owner of any other step is a program of its own. */
const STEP_SERVICES = ['scheduler', 'intake'];

/** @param hosting what this process hosts; the pipelines of the house unless told, as by a measurement of the engine alone */
export async function furnish(house: House, { pipelines, close }: Hosting = hostPipelines(house)): Promise<Rooms> {
  const { dataSource, relay, keeper, log, settings, serviceId } = house;
  const worker = new StepWorker({ dataSource, keeper, relay, pipelines, log, owner: 'scheduler', workerId: serviceId, concurrency: settings.stepConcurrency, ...(settings.stepConcurrencyOverall > 0 && { overall: settings.stepConcurrencyOverall }) });
  const drum = new Drum(dataSource, pipelines, relay, log, house.bus);
  const rescue = new Rescue(dataSource, relay, log, settings.stepLeaseSeconds * 1_000);
  const desk = new RunDesk(dataSource, pipelines, relay, log, worker);
  const work = new WorkDesk(dataSource, pipelines, house.bus, relay, log);
  assertOwners(STEP_SERVICES, pipelines);
  await syncSchedules(dataSource, pipelines);
  return {
    module: SchedulerModule.with({ dataSource, worker, desk, work, housekeeping: new Housekeeping(dataSource, rescue, log) }),
    relays: true,
    mustHandle: [StepDue, RunRequest, RunResume, RunCancel, WorkClaim, WorkBeat, WorkSettle],
    subjects: stepSubjects('scheduler', pipelines),
    start: () => {
      work.start();
      worker.start();
      drum.start();
    },
    stop: async () => {
      await drum.stop();
      await worker.stop(settings.shutdownGraceSeconds * 1_000);
      await close();
    },
  };
}

interface Furniture {
  dataSource: DataSource;
  worker: StepWorker;
  desk: RunDesk;
  work: WorkDesk;
  housekeeping: Housekeeping;
}

@Module({})
class SchedulerModule {
  static with({ dataSource, worker, desk, work, housekeeping }: Furniture): DynamicModule {
    return {
      module: SchedulerModule,
      imports: [ScheduleModule.forRoot()],
      controllers: [RunsController, OperationsController, RunMessagesController, WorkMessagesController, StepController],
      providers: [
        { provide: DataSource, useValue: dataSource },
        { provide: StepWorker, useValue: worker },
        { provide: RunDesk, useValue: desk },
        { provide: WorkDesk, useValue: work },
        { provide: Housekeeping, useValue: housekeeping },
      ],
    };
  }
}
