/** The one module of the process: each pipeline's front door in a folder of its own, and the steps that intake owns. */
import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { createFirstApiKey, hostPipeline } from '@carillon/persistence';
import { createDeliberationServices, deliberationEntities, deliberationMigrations, deliberationPipeline, DeliberationSettings } from '@carillon/deliberation';
import type { DeliberationServices } from '@carillon/deliberation';
import { createMemoryServices, memoryEntities, memoryMigrations, MemoryModelSettings, MemorySettings } from '@carillon/memory';
import type { MemoryServices } from '@carillon/memory';
import { AlertSettings, EngineWatch, NotifierSettings, observeSteps, StepController, stepSubjects, StepWorker, TelegramInboxSettings } from '@carillon/runtime';
import type { House, Rooms } from '@carillon/runtime';
import { readSettings } from '@carillon/settings';
import { StepDue } from '@carillon/shared';
import { DataSource } from 'typeorm';
import { deliberationControllers, deliberationMessages, deliberationOnTelegram, deliberationProviders } from './deliberation/deliberation-door.js';
import { memoryControllers, memoryMessages, memoryOnTelegram, memoryProviders } from './memory/memory-door.js';
import { TelegramDoor } from './telegram/telegram-door.js';
import { TelegramWebhookController } from './telegram/webhook.controller.js';

export const tables = { entities: [...deliberationEntities, ...memoryEntities], migrations: [...deliberationMigrations, ...memoryMigrations] };

export async function furnish(house: House): Promise<Rooms> {
  const { dataSource, relay, keeper, log, serviceId, settings, meters } = house;
  const deliberation = readSettings(DeliberationSettings);
  const services = createDeliberationServices({ dataSource, settings: deliberation, log });
  const memory = createMemoryServices({ dataSource, settings: readSettings(MemorySettings), model: readSettings(MemoryModelSettings), log, committed: () => relay.nudge() });
  const pipelines = [hostPipeline(deliberationPipeline(deliberation), services)];
  const worker = new StepWorker({ dataSource, keeper, relay, pipelines, log, owner: 'intake', workerId: serviceId, bus: house.bus, concurrency: settings.stepConcurrency, ...(settings.stepConcurrencyOverall > 0 && { overall: settings.stepConcurrencyOverall }), onSettled: observeSteps(meters) });
  const watch = new EngineWatch({ dataSource, settings: readSettings(AlertSettings), log, filed: () => relay.nudge() });
  const telegram = new TelegramDoor(house, { ...readSettings(NotifierSettings), ...readSettings(TelegramInboxSettings) }, [deliberationOnTelegram(services), memoryOnTelegram(memory, readSettings(NotifierSettings))]);
  const key = await createFirstApiKey(dataSource, 'first');
  // Not a log line: logs are kept, and this is shown once.
  if (key !== undefined) process.stdout.write(`The first API key, shown only now: ${key}\n`);
  return {
    module: IntakeModule.with({ dataSource, worker, telegram, memory, deliberation: services }),
    relays: true,
    mustHandle: [...deliberationMessages, ...memoryMessages, StepDue],
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
  static with({ dataSource, worker, telegram, memory, deliberation }: { dataSource: DataSource; worker: StepWorker; telegram: TelegramDoor; memory: MemoryServices; deliberation: DeliberationServices }): DynamicModule {
    return {
      module: IntakeModule,
      controllers: [...deliberationControllers, ...memoryControllers, StepController, TelegramWebhookController],
      providers: [
        { provide: DataSource, useValue: dataSource },
        { provide: StepWorker, useValue: worker },
        { provide: TelegramDoor, useValue: telegram },
        ...deliberationProviders(deliberation),
        ...memoryProviders(memory),
      ],
    };
  }
}
