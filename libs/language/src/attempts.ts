/**
 * How often a model is asked before another one is. The decision after a failure is a pure function; the loop around it only waits.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { AllModelsFailed, ModelCallFailed } from './errors.js';
import type { LanguageConfig } from './model-config.js';

/** Durations in milliseconds. `random` gives [0, 1); `sleep` rejects when the signal aborts. Both are arguments so that tests own them. */
export interface AttemptPolicy {
  /** Attempts per model, at least 1. */
  readonly attempts: number;
  readonly backoffMs: number;
  readonly maxRetryAfterMs: number;
  /** Whether a call that timed out or never connected is tried again on the same model. */
  readonly retryUnreached: boolean;
  readonly random: () => number;
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

/** Time, chance and waiting, for tests to own; `now` gives milliseconds since 1970. */
export interface Effects extends Partial<Pick<AttemptPolicy, 'random' | 'sleep'>> {
  readonly now?: () => number;
}

/** The policy that a configuration means, with this process's clock and chance where the caller brings none. */
export function attemptPolicy(config: LanguageConfig, effects: Effects, retryUnreached: boolean): AttemptPolicy {
  return {
    attempts: Math.max(1, config.maxRetries ?? 3),
    backoffMs: config.backoffMs ?? 1_000,
    maxRetryAfterMs: config.maxRetryAfterMs ?? 60_000,
    retryUnreached,
    random: effects.random ?? Math.random,
    sleep: effects.sleep ?? sleep,
  };
}

/**
 * Asks each model in turn until one answers. Only {@link ModelCallFailed} moves on to the next attempt; anything else (an abort, a spent
 * budget) goes straight to the caller.
 */
export async function firstAnswer<T>(purpose: string, models: readonly string[], ask: (model: string, failures: ModelCallFailed[]) => Promise<T>): Promise<T> {
  const failures: ModelCallFailed[] = [];
  for (const model of models) {
    try {
      return await ask(model, failures);
    } catch (error) {
      if (!(error instanceof ModelCallFailed)) throw error;
    }
  }
  throw new AllModelsFailed(purpose, failures);
}

/** Calls until it succeeds or the policy gives this model up; every failure is appended to `failures`, the last one is thrown. */
export async function withAttempts<T>(policy: AttemptPolicy, failures: ModelCallFailed[], call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ModelCallFailed)) throw error;
      failures.push(error);
      const wait = waitBeforeNext(policy, attempt, error);
      if (wait === undefined) throw error;
      if (wait > 0) await policy.sleep(wait, signal);
    }
  }
}

/**
 * Milliseconds to wait before the next attempt on the same model, or undefined to leave it. Backoff is base × 2^attempt with half of it
 * random, so that callers that failed together do not return together. A server's own Retry-After wins over the backoff.
 *
 * @param attempt 0 for the first
 */
export function waitBeforeNext(policy: AttemptPolicy, attempt: number, failure: ModelCallFailed): number | undefined {
  if (failure.remedy === 'give_up' || attempt + 1 >= policy.attempts) return undefined;
  if (!failure.reached && !policy.retryUnreached) return undefined;
  if (failure.remedy === 'retry_now') return 0;
  if (failure.retryAfterMs !== undefined) return failure.retryAfterMs <= policy.maxRetryAfterMs ? failure.retryAfterMs : undefined;
  return policy.backoffMs * 2 ** attempt * (0.5 + policy.random() / 2);
}

async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  // The caller gets the reason it aborted with, not the timer's own error.
  await delay(milliseconds, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
}
