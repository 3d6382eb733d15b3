/** The pipelines that this scheduler hosts: one line each. */
import { createDeliberationServices, deliberationEntities, deliberationMigrations, deliberationPipeline, DeliberationSettings } from '@carillon/deliberation';
import { hostPipeline } from '@carillon/persistence';
import type { HostedPipeline } from '@carillon/persistence';
import type { House } from '@carillon/runtime';
import { readSettings } from '@carillon/settings';

export const tables = { entities: [...deliberationEntities], migrations: [...deliberationMigrations] };

export interface Hosting {
  pipelines: HostedPipeline[];
  close(): Promise<void>;
}

export function hostPipelines(house: House): Hosting {
  const settings = readSettings(DeliberationSettings);
  const services = createDeliberationServices({ dataSource: house.dataSource, settings, log: house.log });
  return { pipelines: [hostPipeline(deliberationPipeline(settings), services)], close: () => services.close() };
}
