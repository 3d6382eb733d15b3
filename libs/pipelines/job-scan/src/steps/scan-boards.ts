/** Every enabled board of the configuration, several at once: each ends by itself, is tried again by itself, and is written by itself. */
import { done, minutes, PermanentError, retry, TransientError } from '@carillon/engine';
import { managerOf } from '@carillon/persistence';
import type { SourceConfig } from '../config/config.js';
import type { LoadedConfig } from '../config/config-file.js';
import { NotThere } from '../errors.js';
import { pauseBeforeNextTry, TRIES } from '../rules/next-try.js';
import { forEach } from '../services.js';
import type { JobScanServices } from '../services.js';
import { readMutes } from '../store/mutes.js';
import { recordFailure } from './failed-source.js';
import { scanSource } from './scan-source.js';
import type { ScanContext } from './scan-source.js';

/** Out of tries within this run; the next scan begins anew. */
class BoardFailed extends PermanentError {
  override readonly name = 'BoardFailed';
}

export const keyOfSource = ({ type, identifier }: SourceConfig): string => `${type}:${identifier.toLowerCase()}`;

export function scanBoards(concurrency: number) {
  return forEach('scanBoards', {
    does: 'Reads every board, stores what is new or changed, and tells whom it concerns.',
    items: ({ services, run }) => enabledSources(services.file.ofRun(run.id)),
    key: keyOfSource,
    concurrency,
    retry: { maxAttempts: TRIES },
    itemTimeout: minutes(10),
    timeout: minutes(60),
    onFailure: 'continue',
    when: ({ services, run }) => services.file.ofRun(run.id) !== undefined || restReason(services),
    run: async (source, { services, run, now, signal, attempt, log }) => {
      const loaded = services.file.ofRun(run.id);
      if (!loaded) throw new NotThere(restReason(services));
      const context: ScanContext = { services, loaded, mutes: await readMutes(services.dataSource), runId: run.id, now, signal };
      try {
        const scanned = await scanSource(source, context);
        return done({ counts: scanned.counts, errors: scanned.problems, write: (transaction) => scanned.write(managerOf(transaction)) });
      } catch (error) {
        if (signal.aborted) throw error;
        const pause = pauseBeforeNextTry(error, attempt);
        if (pause !== undefined) {
          log.info({ source: keyOfSource(source), reason: (error as Error).message, pause }, 'a board could not be read, and is tried again');
          return retry(pause, (error as Error).message);
        }
        await recordFailure(source, error, context);
        throw error instanceof TransientError ? new BoardFailed(error.message, { cause: error }) : error;
      }
    },
  });
}

export function enabledSources(loaded: LoadedConfig | undefined): SourceConfig[] {
  return (loaded?.config.sources ?? []).filter(({ enabled }) => enabled);
}

export function restReason({ file }: Pick<JobScanServices, 'file'>): string {
  return file.path === undefined ? 'JOB_SCAN_CONFIG names no file, so there is nothing to scan' : `there is no file ${file.path}, so there is nothing to scan`;
}

