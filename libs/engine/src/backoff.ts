/** How long to wait before the next attempt of a failed step. */
import type { Milliseconds } from './duration.js';

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
