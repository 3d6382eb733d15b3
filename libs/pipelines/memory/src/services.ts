/** What the steps and intake are given: the database, the settings, the folder of images. */
import { withServices } from '@carillon/engine';
import type { StepLog } from '@carillon/engine';
import type { DataSource } from 'typeorm';
import { MediaRoot } from './media.js';
import { ImagesInWords } from './model/image-reader.js';
import { MemoryModel } from './model/memory-model.js';
import { NotesInWords } from './model/note-reader.js';
import type { MemoryModelSettings } from './model/settings.js';
import { TimesInWords } from './model/time-reader.js';
import { MemorySettings } from './settings.js';

export interface MemoryServices {
  readonly dataSource: DataSource;
  readonly settings: MemorySettings;
  readonly media: MediaRoot;
  readonly model: MemoryModel;
  readonly times: TimesInWords;
  readonly notes: NotesInWords;
  readonly images: ImagesInWords;
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
  /** Absent where nobody writes in words; then no model is asked. */
  model?: MemoryModelSettings;
  log?: StepLog;
  committed?: () => void;
}

export function createMemoryServices({ dataSource, settings = new MemorySettings(), model: modelSettings, log = silent, committed }: MemoryServicesGiven): MemoryServices {
  const model = new MemoryModel({ dataSource, settings: modelSettings, log });
  return {
    ...{ dataSource, settings, log, model, media: new MediaRoot(settings.memoryMediaRoot) },
    ...{ times: new TimesInWords(model), notes: new NotesInWords(model), images: new ImagesInWords(model, modelSettings?.memoryLlmVisionMaxBytes ?? 0) },
    ...(committed && { committed }),
  };
}
