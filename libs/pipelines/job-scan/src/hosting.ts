/** How an app hosts the job scan: its tables, its services, and the pipeline as the configuration file wants it, also when that changes while the service runs. */
import { hostPipeline, syncSchedules } from '@carillon/persistence';
import type { HostablePipeline } from '@carillon/persistence';
import { readSettings } from '@carillon/settings';
import { ConfigFile } from './config/config-file.js';
import { jobScanEntities, jobScanMigrations } from './entities.js';
import { jobScanPipeline } from './pipeline.js';
import { createJobScanServices } from './services.js';
import { JobScanSettings } from './settings.js';
import { restReason } from './steps/scan-boards.js';

export const jobScan: HostablePipeline = {
  entities: [...jobScanEntities],
  migrations: [...jobScanMigrations],
  open: ({ dataSource, log }) => {
    const settings = readSettings(JobScanSettings);
    const file = new ConfigFile(settings.jobScanConfig, settings);
    const services = createJobScanServices({ dataSource, file, log });
    const loaded = file.load();
    for (const warning of loaded?.config.warnings ?? []) log.warn({ file: file.path }, warning);
    if (!loaded) log.info({}, `the job scan rests: ${restReason({ file })}`);
    let told: string | undefined;
    const look = async (): Promise<void> => {
      const changed = file.reload();
      if (file.problem !== undefined && file.problem !== told) log.warn({ file: file.path }, `the changed configuration is not taken: ${file.problem}`);
      told = file.problem;
      if (!changed) return;
      log.info({ file: file.path }, file.current ? 'the job scan has another configuration' : `the job scan rests: ${restReason({ file })}`);
      // The same definition is left as it is; another interval counts from now on, and what was owed until now still rings.
      await syncSchedules(dataSource, [hostPipeline(jobScanPipeline(file.current?.config), services)]);
    };
    let looking = Promise.resolve();
    const timer = setInterval(() => {
      looking = looking.then(look).catch((error: unknown) => log.warn({ err: error }, 'the configuration of the job scan could not be looked at; the next look makes up for it'));
    }, settings.jobScanReloadSeconds * 1_000);
    timer.unref();
    return {
      hosted: hostPipeline(jobScanPipeline(loaded?.config), services),
      close: async () => {
        clearInterval(timer);
        await looking;
        await services.close();
      },
    };
  },
};
