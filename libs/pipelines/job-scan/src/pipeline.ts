/** The job scan as one readable value: when it rings, and what it does in which order. */
import { every, manual, seconds, skipBeyond, skipOverlap } from '@carillon/engine';
import type { Pipeline } from '@carillon/engine';
import type { JobScanConfig } from './config/config.js';
import { pipeline } from './services.js';
import type { JobScanServices } from './services.js';
import { scanBoards } from './steps/scan-boards.js';
import { tell } from './steps/tell.js';

const RESTING_CONCURRENCY = 4;

/**
 * Rings at once, then from start to start; an instant that is later than the interval is left to the next one, and a scan that takes longer than the interval is not joined by
 * another. Without a configuration it rests.
 */
export function jobScanPipeline(config: JobScanConfig | undefined): Pipeline<JobScanServices> {
  const interval = config && seconds(config.scanIntervalSeconds);
  return pipeline('job-scan', {
    does: 'Reads job boards, and tells whom new postings concern.',
    trigger: interval === undefined ? manual() : every(interval, { runAtOnce: true }),
    ...(interval !== undefined && { misfire: skipBeyond(interval) }),
    overlap: skipOverlap,
    steps: [scanBoards(config?.advanced.concurrency ?? RESTING_CONCURRENCY), tell],
  });
}
