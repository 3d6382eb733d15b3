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
}

export type ThresholdDecision = { ring: true; reason: string } | { ring: false; nextPollAt: Date; reason: string };

export function decideThreshold(trigger: ThresholdTrigger, state: ThresholdState): ThresholdDecision {
  const now = state.now.getTime();
  const nextPollAt = new Date(now + trigger.pollMs);
  if (state.active) return { ring: false, nextPollAt, reason: 'a run is active' };
  if (state.conditionHolds && state.failuresInRow === 0) return { ring: true, reason: `${trigger.orWhen} holds` };
  const gap = Math.max(trigger.minGapMs, failureBackoff(trigger, state.failuresInRow));
  const openAt = state.lastStartedAt === null ? now : state.lastStartedAt.getTime() + gap;
  if (openAt > now) return { ring: false, nextPollAt: new Date(Math.min(openAt, nextPollAt.getTime())), reason: `not before ${new Date(openAt).toISOString()}` };
  if (state.conditionHolds) return { ring: true, reason: `${trigger.orWhen} holds` };
  if (state.count >= trigger.atLeast) return { ring: true, reason: `${state.count} ${trigger.counter} (threshold ${trigger.atLeast})` };
  const owedAt = state.lastSuccessStartedAt.getTime() + trigger.orEveryMs;
  if (owedAt <= now) return { ring: true, reason: `${Math.round((now - state.lastSuccessStartedAt.getTime()) / 1000)} s since the last success` };
  return { ring: false, nextPollAt: new Date(Math.min(owedAt, nextPollAt.getTime())), reason: `${state.count} of ${trigger.atLeast} ${trigger.counter}` };
}

function failureBackoff(trigger: ThresholdTrigger, failuresInRow: number): number {
  if (failuresInRow === 0) return 0;
  return Math.min(trigger.orEveryMs, trigger.pollMs * 2 ** Math.min(failuresInRow, 30));
}
