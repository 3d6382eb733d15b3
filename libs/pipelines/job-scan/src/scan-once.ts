/**
 * One scan in the caller's own process, without a scheduler: the same boards, transactions and digests as a run that rings. It does not join one that is under way, be it a
 * scheduler's or another process's.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { activeRuns, databaseNow, inTransaction, newId } from '@carillon/persistence';
import type { SourceConfig } from './config/config.js';
import type { LoadedConfig } from './config/config-file.js';
import { NotThere } from './errors.js';
import { pauseBeforeNextTry } from './rules/next-try.js';
import type { JobScanServices } from './services.js';
import { recordFailure } from './steps/failed-source.js';
import { enabledSources, restReason } from './steps/scan-boards.js';
import { scanSource } from './steps/scan-source.js';
import type { ScanContext } from './steps/scan-source.js';
import { tellDigests } from './steps/tell.js';
import { readMutes } from './store/mutes.js';
import type { PipelineRunResult } from './store/results.js';
import { pipelineRunResult, skippedResult } from './store/results.js';

export interface ScanOnceOptions {
  signal: AbortSignal;
  /** Told when a board is over; the error is why it could not be read. */
  onBoard?(source: SourceConfig, error?: unknown): void;
}

/** @throws NotThere without a configuration */
export async function scanOnce(services: JobScanServices, { signal, onBoard = () => undefined }: ScanOnceOptions): Promise<PipelineRunResult> {
  const { current: loaded } = services.file;
  if (!loaded) throw new NotThere(restReason(services));
  const runner = services.dataSource.createQueryRunner();
  try {
    const [lock] = (await runner.query(`SELECT pg_try_advisory_lock(hashtextextended('job-scan run', 0)) AS taken`)) as { taken: boolean }[];
    if (lock?.taken !== true || (await activeRuns(services.dataSource.manager, 'job-scan', '')).length > 0) return skippedResult();
    const runId = newId();
    const now = await databaseNow(services.dataSource.manager);
    await scanAll(services, loaded, { runId, now, signal }, onBoard);
    await inTransaction(services.dataSource, (manager) => tellDigests(manager, loaded, { runId, now }));
    return await pipelineRunResult(services.dataSource, runId);
  } finally {
    await runner.query(`SELECT pg_advisory_unlock_all()`).catch(() => undefined);
    await runner.release();
  }
}

async function scanAll(services: JobScanServices, loaded: LoadedConfig, run: Pick<ScanContext, 'runId' | 'now' | 'signal'>, onBoard: NonNullable<ScanOnceOptions['onBoard']>): Promise<void> {
  const context: ScanContext = { services, loaded, mutes: await readMutes(services.dataSource), ...run };
  const waiting = enabledSources(loaded);
  const worker = async (): Promise<void> => {
    for (let source = waiting.shift(); source !== undefined; source = waiting.shift()) {
      const error = await scanBoard(source, context);
      onBoard(source, error);
    }
  };
  await Promise.all(Array.from({ length: loaded.config.advanced.concurrency }, worker));
}

/** @returns why the board could not be read; that is recorded */
async function scanBoard(source: SourceConfig, context: ScanContext): Promise<unknown> {
  for (let tried = 1; ; tried += 1) {
    try {
      const scanned = await scanSource(source, context);
      await inTransaction(context.services.dataSource, (manager) => scanned.write(manager));
      return undefined;
    } catch (error) {
      context.signal.throwIfAborted();
      const pause = pauseBeforeNextTry(error, tried);
      if (pause === undefined) {
        await recordFailure(source, error, context);
        return error;
      }
      await delay(pause, undefined, { signal: context.signal });
    }
  }
}
