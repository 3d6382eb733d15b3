/**
 * Whether a threshold schedule rings at this poll: enough piled up, or too long since the last success, and never in a hot loop: each failing
 * run in a row doubles the wait, up to the maximum interval.
 */
import type { ThresholdTrigger } from './trigger.js';

export interface ThresholdState {
  now: Date;
  count: number;
  /** The pipeline's own condition (`orWhen`) holds. */
  conditionHolds: boolean;
  /** A run of this schedule is not finished yet: it may take care of what is counted, so nothing is owed. */
  active: boolean;
  /** Start of the last successful run, or of the schedule when there was none. */
  lastSuccessStartedAt: Date;
  lastStartedAt: Date | null;
  /** Runs that did not succeed since the last one that did. */
  failuresInRow: number;
  /** From when on time alone gives the counter something to count, for counters that can tell. */
  ripeAt?: Date | null;
}

/** While a run may still be taking care of what is ripe, it is looked again after this: what ripened meanwhile must not wait for a poll. */
const SOON_MS = 250;

export type ThresholdDecision = { ring: true; reason: string; nextPollAt: Date } | { ring: false; nextPollAt: Date; reason: string };

export function decideThreshold(trigger: ThresholdTrigger, state: ThresholdState): ThresholdDecision {
  const now = state.now.getTime();
  const nextPollAt = nextPoll(trigger, state, false);
  const busy = nextPoll(trigger, state, true);
  const ring = (reason: string): ThresholdDecision => ({ ring: true, reason, nextPollAt: busy });
  if (state.active) return { ring: false, nextPollAt: busy, reason: 'a run is active' };
  if (state.conditionHolds && state.failuresInRow === 0) return ring(`${trigger.orWhen} holds`);
  const gap = Math.max(trigger.minGapMs, failureBackoff(trigger, state.failuresInRow));
  const openAt = state.lastStartedAt === null ? now : state.lastStartedAt.getTime() + gap;
  if (openAt > now) return { ring: false, nextPollAt: new Date(Math.min(openAt, nextPollAt.getTime())), reason: `not before ${new Date(openAt).toISOString()}` };
  if (state.conditionHolds) return ring(`${trigger.orWhen} holds`);
  if (state.count >= trigger.atLeast) return ring(`${state.count} ${trigger.counter} (threshold ${trigger.atLeast})`);
  const owedAt = state.lastSuccessStartedAt.getTime() + trigger.orEveryMs;
  if (owedAt <= now) return ring(`${Math.round((now - state.lastSuccessStartedAt.getTime()) / 1000)} s since the last success`);
  return { ring: false, nextPollAt: new Date(Math.min(owedAt, nextPollAt.getTime())), reason: `${state.count} of ${trigger.atLeast} ${trigger.counter}` };
}

/** @param busy what is ripe is being taken care of, or about to be */
function nextPoll({ pollMs }: ThresholdTrigger, { now, ripeAt }: ThresholdState, busy: boolean): Date {
  const poll = now.getTime() + pollMs;
  if (ripeAt == null) return new Date(poll);
  if (ripeAt > now) return new Date(Math.min(poll, ripeAt.getTime()));
  return new Date(busy ? Math.min(poll, now.getTime() + SOON_MS) : poll);
}

function failureBackoff(trigger: ThresholdTrigger, failuresInRow: number): number {
  if (failuresInRow === 0) return 0;
  return Math.min(trigger.backOffMs ?? trigger.orEveryMs, trigger.pollMs * 2 ** Math.min(failuresInRow, 30));
}
