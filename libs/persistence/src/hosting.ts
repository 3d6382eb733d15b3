/** A pipeline as its library hands it to the apps that host it: its tables, and how it is opened in a house. Registering one is a line in each app. */
import type { StepLog } from '@carillon/engine';
import type { DataSource } from 'typeorm';
import type { DatabaseOptions } from './data-source.js';
import type { HostedPipeline } from './schedule-rows.js';

export interface HostablePipeline extends Required<Pick<DatabaseOptions, 'entities' | 'migrations'>> {
  /** Reads its settings and makes its services; the caller closes what was opened. @throws whatever is wrong with the settings */
  open(house: { dataSource: DataSource; log: StepLog }): OpenPipeline;
}

export interface OpenPipeline {
  hosted: HostedPipeline;
  close(): Promise<void>;
}
