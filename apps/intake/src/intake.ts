/** The one module of the process: each pipeline's front door in a folder of its own, and the steps that intake owns. */
import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { createFirstApiKey, hostPipeline } from '@carillon/persistence';
import { createDeliberationServices, deliberationEntities, deliberationMigrations, deliberationPipeline, DeliberationSettings, Accounts, Intake } from '@carillon/deliberation';
import { createMemoryServices, memoryEntities, memoryMigrations, MemorySettings } from '@carillon/memory';
import type { MemoryServices } from '@carillon/memory';
import { AlertSettings, EngineWatch, NotifierSettings, observeSteps, StepController, stepSubjects, StepWorker, TelegramInboxSettings } from '@carillon/runtime';
import type { House, Rooms } from '@carillon/runtime';
import { readSettings } from '@carillon/settings';
import { StepDue, SubmissionSubmit } from '@carillon/shared';
import { DataSource } from 'typeorm';
import { AccountsController } from './deliberation/accounts.controller.js';
import { EvidenceController } from './deliberation/evidence.controller.js';
import { PublicController } from './deliberation/public.controller.js';
import { SubmissionMessagesController } from './deliberation/submission-messages.controller.js';
import { SubmissionsController } from './deliberation/submissions.controller.js';
import { memoryControllers, memoryMessages, memoryOnTelegram, memoryProviders } from './memory/memory-door.js';
import { TelegramDoor } from './telegram/telegram-door.js';
import { TelegramWebhookController } from './telegram/webhook.controller.js';

export const tables = { entities: [...deliberationEntities, ...memoryEntities], migrations: [...deliberationMigrations, ...memoryMigrations] };

export async function furnish(house: House): Promise<Rooms> {
  const { dataSource, relay, keeper, log, serviceId, settings, meters } = house;
  const deliberation = readSettings(DeliberationSettings);
  const services = createDeliberationServices({ dataSource, settings: deliberation, log });
  const memory = createMemoryServices({ dataSource, settings: readSettings(MemorySettings), log, committed: () => relay.nudge() });
  const pipelines = [hostPipeline(deliberationPipeline(deliberation), services)];
  const worker = new StepWorker({ dataSource, keeper, relay, pipelines, log, owner: 'intake', workerId: serviceId, bus: house.bus, concurrency: settings.stepConcurrency, ...(settings.stepConcurrencyOverall > 0 && { overall: settings.stepConcurrencyOverall }), onSettled: observeSteps(meters) });
  const watch = new EngineWatch({ dataSource, settings: readSettings(AlertSettings), log, filed: () => relay.nudge() });
  const telegram = new TelegramDoor(house, { ...readSettings(NotifierSettings), ...readSettings(TelegramInboxSettings) }, [memoryOnTelegram(memory, readSettings(NotifierSettings))]);
  const key = await createFirstApiKey(dataSource, 'first');
  // Not a log line: logs are kept, and this is shown once.
  if (key !== undefined) process.stdout.write(`The first API key, shown only now: ${key}\n`);
  return {
    module: IntakeModule.with({ dataSource, worker, telegram, memory, intake: new Intake(services) }),
    relays: true,
    mustHandle: [SubmissionSubmit, ...memoryMessages, StepDue],
    subjects: stepSubjects('intake', pipelines),
    start: () => {
      worker.start();
      watch.start();
      telegram.start();
    },
    stop: async () => {
      await telegram.stop();
      await watch.stop();
      await worker.stop(settings.shutdownGraceSeconds * 1_000);
      await services.close();
    },
  };
}

@Module({})
class IntakeModule {
  static with({ dataSource, worker, telegram, memory, intake }: { dataSource: DataSource; worker: StepWorker; telegram: TelegramDoor; memory: MemoryServices; intake: Intake }): DynamicModule {
    return {
      module: IntakeModule,
      controllers: [SubmissionsController, SubmissionMessagesController, AccountsController, PublicController, EvidenceController, StepController, TelegramWebhookController, ...memoryControllers],
      providers: [
        { provide: DataSource, useValue: dataSource },
        { provide: StepWorker, useValue: worker },
        { provide: TelegramDoor, useValue: telegram },
        { provide: Intake, useValue: intake },
        { provide: Accounts, useValue: new Accounts(dataSource) },
        ...memoryProviders(memory),
      ],
    };
  }
}
