/**
 * What becomes of a delivery, decided without doing it: given how the handler ended and how often the message came, acknowledge it,
 * have it again later, or give it up.
 */
import type { DeadLetterReason } from './dead-letters.js';
import { InvalidMessage, UndecodableMessage } from './errors.js';

/** Returned by a handler that can not take the message now, though nothing is wrong with it. It still counts as a delivery. */
export class RedeliverAfter {
  constructor(readonly milliseconds: number) {
    if (!Number.isFinite(milliseconds) || milliseconds < 0) throw new RangeError(`RedeliverAfter takes milliseconds from 0 up, got ${milliseconds}`);
  }
}

export type Outcome = { kind: 'returned'; value: unknown } | { kind: 'threw'; error: unknown };

export type Verdict =
  | { kind: 'acknowledge' }
  /** With the error when the handler failed, without when it said "not now". */
  | { kind: 'redeliver'; afterMs: number; error?: unknown }
  | { kind: 'giveUp'; reason: DeadLetterReason; error: unknown };

export interface DeliveryPolicy {
  /** A failure at this delivery or a later one is the last. Default 10. */
  maxDeliveries: number;
  /** The pause after the first failure, in milliseconds; it doubles with every delivery. Default 1,000. */
  firstPauseMs: number;
  /** The longest pause, in milliseconds. Default 60,000. */
  longestPauseMs: number;
}

export const DEFAULT_POLICY: DeliveryPolicy = { maxDeliveries: 10, firstPauseMs: 1_000, longestPauseMs: 60_000 };

/** A message that crashes the process never reaches a verdict; putting off may take many deliveries. Past this multiple it ends. */
const UNSETTLED_FACTOR = 3;

/** @param random uniform in [0, 1) */
export function verdictOn(outcome: Outcome, deliveryCount: number, policy: DeliveryPolicy, stopping: boolean, random: number): Verdict {
  if (outcome.kind === 'returned') {
    return outcome.value instanceof RedeliverAfter ? { kind: 'redeliver', afterMs: outcome.value.milliseconds } : { kind: 'acknowledge' };
  }
  const { error } = outcome;
  if (error instanceof UndecodableMessage) return { kind: 'giveUp', reason: 'undecodable', error };
  if (error instanceof InvalidMessage) return { kind: 'giveUp', reason: 'invalid', error };
  // A handler cut short by our own shutdown has not failed; another replica may have the message at once.
  if (stopping) return { kind: 'redeliver', afterMs: 0, error };
  if (deliveryCount >= policy.maxDeliveries) return { kind: 'giveUp', reason: 'exhausted', error };
  return { kind: 'redeliver', afterMs: pauseAfter(deliveryCount, policy, random), error };
}

/** Undefined when the message may be handled; otherwise why it may not be tried yet another time. */
export function verdictBefore(deliveryCount: number, policy: DeliveryPolicy): Verdict | undefined {
  if (deliveryCount <= policy.maxDeliveries * UNSETTLED_FACTOR) return undefined;
  return { kind: 'giveUp', reason: 'unsettled', error: new Error(`delivered ${deliveryCount} times and never settled: it was put off each time, or its handler's process died`) };
}

/** Exponential with equal jitter: between half and all of the doubled pause, so that failures that came together do not return together. */
export function pauseAfter(deliveryCount: number, policy: DeliveryPolicy, random: number): number {
  const pause = Math.min(policy.longestPauseMs, policy.firstPauseMs * 2 ** Math.min(deliveryCount - 1, 30));
  return Math.round(pause * (0.5 + random / 2));
}
