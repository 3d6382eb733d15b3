/** The one module of the process: values from the house, doors for people and messages, loops that turn the drum. */
import { DeliberationSettings, RootPublisher, witnessesOf } from '@carillon/deliberation';
import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { syncSchedules } from '@carillon/persistence';
import { AlertSettings, assertOwners, Drum, EngineWatch, HistoryKeeper, HouseWatch, LetterDesk, observeRuns, observeSteps, Rescue, RunDesk, ScheduleDesk, StepController, stepSubjects, StepWorker, WorkDesk } from '@carillon/runtime';
import type { House, Rooms } from '@carillon/runtime';
import { readSettings } from '@carillon/settings';
import { DeadLettersDiscard, DeadLetterShow, DeadLettersList, DeadLettersRedrive, RunCancel, RunRequest, RunRequestMany, RunResume, ScheduleChanged, StepDue, WorkBeat, WorkClaim, WorkKeep, WorkRead, WorkSettle } from '@carillon/shared';
import { DataSource } from 'typeorm';
import { AlertsController } from './alerts.controller.js';
import { DeadLetterMessagesController } from './dead-letters/dead-letter-messages.controller.js';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { Housekeeping } from './housekeeping.js';
import { OperationsController } from './operations.controller.js';
import { hostPipelines } from './pipelines.js';
import type { Hosting } from './pipelines.js';
import { RunMessagesController } from './runs/run-messages.controller.js';
import { RunsController } from './runs/runs.controller.js';
import { SCHEDULE_MESSAGES, ScheduleMessagesController } from './schedules/schedule-messages.controller.js';
import { SchedulesController } from './schedules/schedules.controller.js';
import { WorkMessagesController } from './work/work-messages.controller.js';

export { tables } from './pipelines.js';

/** Services of ours that work on steps; the owner of any other step is a program of its own. */
const STEP_SERVICES = ['scheduler', 'intake'];

/** @param hosting what this process hosts; the pipelines of the house unless told, as by a measurement of the engine alone */
export async function furnish(house: House, { pipelines, close }: Hosting = hostPipelines(house)): Promise<Rooms> {
  const { dataSource, relay, keeper, log, settings, serviceId, meters, vitals } = house;
  const onOver = observeRuns(meters);
  const worker = new StepWorker({ dataSource, keeper, relay, pipelines, log, owner: 'scheduler', workerId: serviceId, bus: house.bus, concurrency: settings.stepConcurrency, ...(settings.stepConcurrencyOverall > 0 && { overall: settings.stepConcurrencyOverall }), onSettled: observeSteps(meters) });
  const drum = new Drum(dataSource, pipelines, relay, log, house.bus, onOver);
  const rescue = new Rescue(dataSource, relay, log, settings.stepLeaseSeconds * 1_000, meters, onOver);
  const desk = new RunDesk(dataSource, pipelines, relay, log, worker, onOver);
  const work = new WorkDesk(dataSource, pipelines, house.bus, relay, log, observeSteps(meters));
  const letters = new LetterDesk(dataSource, log, () => relay.nudge());
  const alerts = readSettings(AlertSettings);
  const watches = [
    new HouseWatch(dataSource, alerts, log, () => relay.nudge()),
    new EngineWatch({ dataSource, settings: alerts, log, filed: () => relay.nudge(), own: { serviceId, drum: drum.times } }),
  ];
  const roots = new RootPublisher({ dataSource, witnesses: witnessesOf(readSettings(DeliberationSettings)), log });
  const housekeeping = new Housekeeping(dataSource, rescue, log, new HistoryKeeper(dataSource, settings, log), roots);
  assertOwners(STEP_SERVICES, pipelines);
  const schedules = new ScheduleDesk({ dataSource, pipelines, relay, bus: house.bus, drum, log, onOver });
  await syncSchedules(dataSource, pipelines);
  // What this version's pipelines define may be new to schedulers that run already.
  house.bus.announce(ScheduleChanged.subject);
  return {
    module: SchedulerModule.with({ dataSource, worker, desk, schedules, work, letters, housekeeping }),
    relays: true,
    mustHandle: [StepDue, RunRequest, RunRequestMany, RunResume, RunCancel, WorkClaim, WorkBeat, WorkSettle, WorkRead, WorkKeep, DeadLettersList, DeadLetterShow, DeadLettersRedrive, DeadLettersDiscard, ...SCHEDULE_MESSAGES],
    subjects: stepSubjects('scheduler', pipelines),
    start: () => {
      work.start();
      worker.start();
      drum.start();
      for (const loop of [drum.times, drum.looks]) vitals.watch(loop);
      for (const watch of watches) watch.start();
      // A house that was away for months begins with the months that it missed.
      void housekeeping.keepHistory();
    },
    stop: async () => {
      await Promise.all(watches.map((watch) => watch.stop()));
      await drum.stop();
      roots.stop();
      await worker.stop(settings.shutdownGraceSeconds * 1_000);
      await close();
    },
  };
}

interface Furniture {
  dataSource: DataSource;
  worker: StepWorker;
  desk: RunDesk;
  schedules: ScheduleDesk;
  work: WorkDesk;
  letters: LetterDesk;
  housekeeping: Housekeeping;
}

@Module({})
class SchedulerModule {
  static with({ dataSource, worker, desk, schedules, work, letters, housekeeping }: Furniture): DynamicModule {
    return {
      module: SchedulerModule,
      imports: [ScheduleModule.forRoot()],
      controllers: [RunsController, SchedulesController, OperationsController, AlertsController, DeadLettersController, RunMessagesController, ScheduleMessagesController, WorkMessagesController, DeadLetterMessagesController, StepController],
      providers: [
        { provide: DataSource, useValue: dataSource },
        { provide: StepWorker, useValue: worker },
        { provide: RunDesk, useValue: desk },
        { provide: ScheduleDesk, useValue: schedules },
        { provide: WorkDesk, useValue: work },
        { provide: LetterDesk, useValue: letters },
        { provide: Housekeeping, useValue: housekeeping },
      ],
    };
  }
}
