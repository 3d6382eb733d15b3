/** How an app hosts memory: its tables, its services, and the pipeline as the settings want it. */
import { hostPipeline } from '@carillon/persistence';
import type { HostablePipeline } from '@carillon/persistence';
import { readSettings } from '@carillon/settings';
import { memoryEntities, memoryMigrations } from './entities.js';
import { memoryPipeline } from './pipeline.js';
import { createMemoryServices } from './services.js';
import { MemorySettings } from './settings.js';

export const memory: HostablePipeline = {
  entities: [...memoryEntities],
  migrations: [...memoryMigrations],
  open: ({ dataSource, log }) => {
    const settings = readSettings(MemorySettings);
    const services = createMemoryServices({ dataSource, settings, log });
    return { hosted: hostPipeline(memoryPipeline(settings), services), close: async () => undefined };
  },
};
