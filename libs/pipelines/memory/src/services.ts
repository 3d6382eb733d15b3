/** What the steps and intake are given: the database, the settings, the folder of images. */
import { withServices } from '@carillon/engine';
import type { StepLog } from '@carillon/engine';
import type { DataSource } from 'typeorm';
import { MediaRoot } from './media.js';
import type { MemoryModelSettings } from './model/settings.js';
import { TimesInWords } from './model/time-reader.js';
import { MemorySettings } from './settings.js';

export interface MemoryServices {
  readonly dataSource: DataSource;
  readonly settings: MemorySettings;
  readonly media: MediaRoot;
  readonly times: TimesInWords;
  readonly log: StepLog;
  /** Called after a commit that promised something to be published; without it a relay finds the promise within two seconds. */
  readonly committed?: () => void;
}

/** What this pipeline and its steps are written with. */
export const { step, pipeline } = withServices<MemoryServices>();

const silent: StepLog = { info: () => undefined, warn: () => undefined };

export interface MemoryServicesGiven {
  dataSource: DataSource;
  settings?: MemorySettings;
  /** Absent where nobody reads times in words; then no model is asked. */
  model?: MemoryModelSettings;
  log?: StepLog;
  committed?: () => void;
}

export function createMemoryServices({ dataSource, settings = new MemorySettings(), model, log = silent, committed }: MemoryServicesGiven): MemoryServices {
  return { dataSource, settings, media: new MediaRoot(settings.memoryMediaRoot), times: new TimesInWords({ dataSource, settings: model, log }), log, ...(committed && { committed }) };
}
