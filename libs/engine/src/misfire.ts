/** What happens to instants that passed while nobody was there to ring. */
import type { Milliseconds } from './duration.js';
import { DefinitionError } from './errors.js';

export type MisfirePolicy =
  | { kind: 'fireOnce'; which: 'latest' | 'earliest' }
  | { kind: 'fireAll'; max: number }
  | { kind: 'skip'; graceMs: Milliseconds };

/** Each fired instant is a run of its own, so more of them at once would be a flood. */
const MOST_FIRED_AT_ONCE = 500;

export const fireOnce = (which: 'latest' | 'earliest' = 'latest'): MisfirePolicy => ({ kind: 'fireOnce', which });

/** The latest `max` of the missed instants fire. */
export function fireAll(max: number): MisfirePolicy {
  if (!Number.isInteger(max) || max < 1 || max > MOST_FIRED_AT_ONCE) throw new DefinitionError(`fireAll(${max}): must be a whole number from 1 to ${MOST_FIRED_AT_ONCE}`);
  return { kind: 'fireAll', max };
}

/** What is later than the grace does not fire. */
export function skipBeyond(graceMs: Milliseconds): MisfirePolicy {
  if (!Number.isFinite(graceMs) || graceMs < 0) throw new DefinitionError(`skipBeyond(${graceMs} ms): must be 0 or more`);
  return { kind: 'skip', graceMs };
}

/** What becomes of one owed instant: it fires, or it is recorded with the reason why not. */
export type OccurrenceDecision = { scheduledFor: Date; fire: true } | { scheduledFor: Date; fire: false; outcome: 'coalesced' | 'expired'; reason: string };

/** Where a list of owed instants stands in a backlog that is too long for one list. */
export interface BacklogPart {
  /** Instants of the same backlog were decided before these. */
  continued: boolean;
  /** Instants that are owed as well follow these. */
  more: boolean;
}

/**
 * Decides the owed instants from the oldest on; the answer has one entry per instant, in the same order. When `more` follow, the youngest are
 * left undecided as long as it depends on those whether they fire; they belong to the next part.
 */
export function decideMisfires(policy: MisfirePolicy, owed: readonly Date[], now: Date, part: BacklogPart = { continued: false, more: false }): OccurrenceDecision[] {
  const decided = part.more ? owed.slice(0, owed.length - undecided(policy)) : owed;
  const fired = new Set(firing(policy, decided, now, part));
  return decided.map((scheduledFor) => {
    if (fired.has(scheduledFor)) return { scheduledFor, fire: true };
    if (policy.kind === 'skip') return { scheduledFor, fire: false, outcome: 'expired', reason: `later than the grace of ${policy.graceMs} ms` };
    return { scheduledFor, fire: false, outcome: 'coalesced', reason: coalescedInto(policy, owed, part) };
  });
}

/** How many of the youngest instants may fire or not, depending on what follows them. */
function undecided(policy: MisfirePolicy): number {
  if (policy.kind === 'fireAll') return policy.max;
  return policy.kind === 'fireOnce' && policy.which === 'latest' ? 1 : 0;
}

function firing(policy: MisfirePolicy, decided: readonly Date[], now: Date, { continued, more }: BacklogPart): readonly Date[] {
  if (policy.kind === 'skip') return decided.filter((at) => now.getTime() - at.getTime() <= policy.graceMs);
  if (policy.kind === 'fireOnce' && policy.which === 'earliest') return continued ? [] : decided.slice(0, 1);
  return more ? [] : decided.slice(-undecided(policy));
}

function coalescedInto(policy: MisfirePolicy, owed: readonly Date[], { continued, more }: BacklogPart): string {
  const earliest = policy.kind === 'fireOnce' && policy.which === 'earliest';
  if (earliest ? continued : more) return `missed; coalesced into ${earliest ? 'an earlier' : 'a later'} one`;
  return `missed; coalesced into ${(earliest ? owed[0] : owed.at(-1))?.toISOString()}`;
}
