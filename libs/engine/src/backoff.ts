/** How long to wait before the next attempt of a failed step. */
import type { Milliseconds } from './duration.js';
import { DefinitionError } from './errors.js';

export interface RetryPolicy {
  /** Attempts in all, the first one included. */
  maxAttempts: number;
  /** Wait after the first failure; doubles with each further one. */
  baseMs: Milliseconds;
  /** The longest wait. */
  capMs: Milliseconds;
  /** Share of the wait that is random, 0 to 1, so that many failures do not come back together. */
  jitter: number;
}

export const DEFAULT_RETRY: RetryPolicy = { maxAttempts: 3, baseMs: 1_000, capMs: 300_000, jitter: 0.2 };

/** The wait before attempt `failedAttempts + 1`; `random` is uniform in [0, 1). */
export function backoff(policy: RetryPolicy, failedAttempts: number, random: number): Milliseconds {
  const full = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(failedAttempts - 1, 30));
  return Math.round(full * (1 - policy.jitter * random));
}

/** @param what names it in the error: `step "fetch"` */
export function checkRetry(what: string, policy: RetryPolicy): RetryPolicy {
  if (!Number.isInteger(policy.maxAttempts) || policy.maxAttempts < 1) throw new DefinitionError(`${what}: maxAttempts ${policy.maxAttempts} must be a whole number of 1 or more`);
  if (!(policy.baseMs >= 0 && policy.capMs >= 0 && Number.isFinite(policy.baseMs + policy.capMs))) throw new DefinitionError(`${what}: retry waits (baseMs ${policy.baseMs}, capMs ${policy.capMs}) must be finite and not negative`);
  if (!(policy.jitter >= 0 && policy.jitter <= 1)) throw new DefinitionError(`${what}: jitter ${policy.jitter} must be from 0 to 1`);
  return policy;
}
