/**
 * How much may happen at once, how fast, and what goes first. Plain data: it is written with the pipeline, checked here, and enforced by the
 * ledger, because only the ledger sees every process.
 */
import type { Milliseconds } from './duration.js';
import { DefinitionError } from './errors.js';

/** Runs of a pipeline that are worked on at the same time, over all processes. What is not named has no limit. */
export interface PipelineLimits {
  concurrency?: number;
  /** The same, for each scope by itself. */
  perScope?: number;
}

/** Attempts of a step that may begin, over all processes: a token bucket that holds `burst` tokens and gains `count` every `per`. */
export interface StepRate {
  count: number;
  per: Milliseconds;
  burst: number;
}

/** As a step writes it; without `burst` the bucket holds `count`. */
export type RateOptions = Pick<StepRate, 'count' | 'per'> & { burst?: number };

/** Far from what a database integer holds, and still more levels than anyone can tell apart. */
const HIGHEST_PRIORITY = 1_000;
/** A bucket that gains less than this is a schedule, and wants a trigger. */
const LONGEST_RATE_MS = 86_400_000;

export function checkPriority(pipeline: string, priority: number): number {
  if (!Number.isInteger(priority) || Math.abs(priority) > HIGHEST_PRIORITY) throw new DefinitionError(`pipeline "${pipeline}": priority ${priority} must be a whole number from -${HIGHEST_PRIORITY} to ${HIGHEST_PRIORITY}; the higher one goes first`);
  return priority;
}

export function checkLimits(pipeline: string, limits: PipelineLimits): PipelineLimits {
  const { concurrency, perScope } = limits;
  for (const [name, value] of Object.entries({ concurrency, perScope })) {
    if (value !== undefined && !isCount(value)) throw new DefinitionError(`pipeline "${pipeline}": limits.${name} ${value} must be a whole number of 1 or more; leave it out for no limit`);
  }
  if (concurrency !== undefined && perScope !== undefined && perScope > concurrency) throw new DefinitionError(`pipeline "${pipeline}": limits.perScope ${perScope} can never be reached below limits.concurrency ${concurrency}; lower it or leave it out`);
  return { ...(concurrency !== undefined && { concurrency }), ...(perScope !== undefined && { perScope }) };
}

export function checkRate(step: string, { count, per, burst = count }: RateOptions): StepRate {
  if (!isCount(count)) throw new DefinitionError(`step "${step}": rate.count ${count} must be a whole number of 1 or more`);
  if (!(per >= 1 && per <= LONGEST_RATE_MS)) throw new DefinitionError(`step "${step}": rate.per ${per} ms must be from 1 to ${LONGEST_RATE_MS} (a day)`);
  if (!isCount(burst)) throw new DefinitionError(`step "${step}": rate.burst ${burst} must be a whole number of 1 or more; without it as many as rate.count may begin at once`);
  return { count, per, burst };
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1;
