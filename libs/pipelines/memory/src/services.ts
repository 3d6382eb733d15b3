/** What the steps and intake are given: the database, the settings, the folder of images. */
import { withServices } from '@carillon/engine';
import type { StepLog } from '@carillon/engine';
import type { DataSource } from 'typeorm';
import { MediaRoot } from './media.js';
import { MemorySettings } from './settings.js';

export interface MemoryServices {
  readonly dataSource: DataSource;
  readonly settings: MemorySettings;
  readonly media: MediaRoot;
  readonly log: StepLog;
  /** Called after a commit that promised something to be published; without it a relay finds the promise within two seconds. */
  readonly committed?: () => void;
}

/** What this pipeline and its steps are written with. */
export const { step, pipeline } = withServices<MemoryServices>();

const silent: StepLog = { info: () => undefined, warn: () => undefined };

export function createMemoryServices({ dataSource, settings = new MemorySettings(), log = silent, committed }: { dataSource: DataSource; settings?: MemorySettings; log?: StepLog; committed?: () => void }): MemoryServices {
  return { dataSource, settings, media: new MediaRoot(settings.memoryMediaRoot), log, ...(committed && { committed }) };
}
