/**
 * Asks again until the answer is yes: the last resort, for facts that another process makes true and tells nobody. Inside one process await
 * a signal instead.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { WaitedTooLong } from './errors.js';

export interface EventuallyOptions {
  /** What is waited for, for the error: "the run is finished". */
  what?: string;
  /** Milliseconds until it gives up; 20 s unless told: it ends what hangs, and says nothing about speed. */
  within?: number;
  /** Milliseconds between questions; 20 unless told. */
  every?: number;
}

/**
 * The first answer that is neither false, null nor undefined. An `ask` that throws counts as not yet, so it may hold expectations.
 * @throws WaitedTooLong with the last error as its cause
 */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  { what = 'what was waited for', within = 20_000, every = 20 }: EventuallyOptions = {},
): Promise<Exclude<T, false | null | undefined>> {
  const end = Date.now() + within;
  for (;;) {
    let reason: unknown;
    try {
      const answer = await ask();
      if (answer !== false && answer !== null && answer !== undefined) return answer as Exclude<T, false | null | undefined>;
    } catch (error) {
      reason = error;
    }
    if (Date.now() >= end) throw new WaitedTooLong(what, within, { cause: reason });
    await wait(every);
  }
}
