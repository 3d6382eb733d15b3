/**
 * What an operator is told, and when: decided from what the ledger says now and from the episode that is open, so that each trouble is told once
 * when it begins and, where its end is news, once when it is over.
 */
import type { Milliseconds } from './duration.js';

/**
 * - `failing`: a schedule's runs failed several times in a row
 * - `late`: an occurrence started long after it was due
 * - `missed`: an occurrence will never run, because it expired or another one stood in for it
 * - `stalled`: a schedule can not be looked at, so nobody knows what it owes
 * - `backlog`: steps of a pipeline are due and nobody takes them
 * - `silent`: no scheduler gives a sign of life, or none looks at the schedules
 * - `dead-letters`: messages that nobody could handle pile up
 */
export const ALERT_KINDS = ['failing', 'late', 'missed', 'stalled', 'backlog', 'silent', 'dead-letters'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** What of a schedule is worth telling. */
export interface AlertPolicy {
  /** Failures in a row that begin an episode; 0 never tells. */
  afterFailures: number;
  /** Tells again at every further so many; 0 tells once. */
  everyFurther: number;
  /** An occurrence that starts later than this after it was due is late. */
  lateAfterMs: Milliseconds;
}

export type AlertDecision = 'nothing' | 'open' | 'tell-again' | 'close';

/** @param told failures in a row when the open episode was last told; undefined when none is open */
export function decideFailing({ afterFailures, everyFurther }: AlertPolicy, failures: number, told: number | undefined): AlertDecision {
  if (told === undefined) return afterFailures > 0 && failures >= afterFailures ? 'open' : 'nothing';
  if (failures === 0) return 'close';
  return everyFurther > 0 && failures >= told + everyFurther ? 'tell-again' : 'nothing';
}

/** What became of an owed instant, as far as it matters to who is told. */
export interface DecidedOccurrence {
  outcome: 'ran' | 'coalesced' | 'skipped' | 'expired' | 'paused';
  /** From when it was due to when it was decided, or to when its run began where that was later. */
  lateByMs: Milliseconds;
}

/** Skipped for overlap and paused are what somebody asked for, and coalesced within the limit is what a restart costs. */
export function judgeOccurrence({ lateAfterMs }: AlertPolicy, { outcome, lateByMs }: DecidedOccurrence): 'fine' | 'late' | 'missed' {
  if (outcome === 'expired') return 'missed';
  if (lateByMs <= lateAfterMs) return 'fine';
  if (outcome === 'coalesced') return 'missed';
  return outcome === 'ran' ? 'late' : 'fine';
}

/** For what has a height: opens at the limit and closes at half of it, so that what hovers around the limit is one episode. A limit of 0 never tells. */
export function decideLevel(level: number, limit: number, isOpen: boolean): AlertDecision {
  if (isOpen) return limit === 0 || level < limit / 2 ? 'close' : 'nothing';
  return limit > 0 && level >= limit ? 'open' : 'nothing';
}

/** The scheduler as another process sees it. */
export interface EngineSigns {
  /** Since the last heartbeat of any scheduler; null when there never was one. */
  beatAgeMs: Milliseconds | null;
  /** Since any living scheduler last looked at the schedules; null when none did yet. */
  lookAgeMs: Milliseconds | null;
  /** How long the watcher itself has been up: a machine that slept all night must first give the scheduler time to wake. */
  watchingMs: Milliseconds;
}

/** Why the engine counts as silent; undefined when it does not. */
export function silenceOf({ beatAgeMs, lookAgeMs, watchingMs }: EngineSigns, limitMs: Milliseconds): { why: string; forMs: Milliseconds } | undefined {
  // A house that never had a scheduler misses none.
  if (limitMs === 0 || watchingMs < limitMs || beatAgeMs === null) return undefined;
  if (beatAgeMs >= limitMs) return { why: 'no scheduler gives a sign of life', forMs: beatAgeMs };
  if (lookAgeMs !== null && lookAgeMs >= limitMs) return { why: 'a scheduler lives, but none looks at the schedules', forMs: lookAgeMs };
  return undefined;
}

/** Notices of one kind and pipeline that are told one by one in one look; more become one that counts them. */
const TOLD_SINGLY = 3;

/** Ten thousand tenants whose schedules fail together are one thing that happened. */
export function isStorm(episodes: number): boolean {
  return episodes > TOLD_SINGLY;
}
