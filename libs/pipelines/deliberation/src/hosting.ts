/** How an app hosts deliberation: its tables, its services, and the pipeline as the settings want it. */
import { hostPipeline } from '@carillon/persistence';
import type { HostablePipeline } from '@carillon/persistence';
import { readSettings } from '@carillon/settings';
import { deliberationEntities, deliberationMigrations } from './entities.js';
import { deliberationPipeline } from './pipeline.js';
import { createDeliberationServices } from './services.js';
import { DeliberationSettings } from './settings.js';

export const deliberation: HostablePipeline = {
  entities: [...deliberationEntities],
  migrations: [...deliberationMigrations],
  open: ({ dataSource, log }) => {
    const settings = readSettings(DeliberationSettings);
    const services = createDeliberationServices({ dataSource, settings, log });
    return { hosted: hostPipeline(deliberationPipeline(settings), services), close: () => services.close() };
  },
};
