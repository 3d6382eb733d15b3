/** What happens to instants that passed while nobody was there to ring. */
import type { Milliseconds } from './duration.js';

export type MisfirePolicy =
  | { kind: 'fireOnce'; which: 'latest' | 'earliest' }
  | { kind: 'fireAll'; max: number }
  | { kind: 'skip'; graceMs: Milliseconds };

export const fireOnce = (which: 'latest' | 'earliest' = 'latest'): MisfirePolicy => ({ kind: 'fireOnce', which });
export const fireAll = (max: number): MisfirePolicy => ({ kind: 'fireAll', max });
export const skipBeyond = (graceMs: Milliseconds): MisfirePolicy => ({ kind: 'skip', graceMs });

/** What becomes of one owed instant: it fires, or it is recorded with the reason why not. */
export type OccurrenceDecision = { scheduledFor: Date; fire: true } | { scheduledFor: Date; fire: false; outcome: 'coalesced' | 'expired'; reason: string };

/** Decides every owed instant; the answer has one entry per instant, in the same order. */
export function decideMisfires(policy: MisfirePolicy, owed: readonly Date[], now: Date): OccurrenceDecision[] {
  const fired = new Set(firing(policy, owed, now));
  return owed.map((scheduledFor) => {
    if (fired.has(scheduledFor)) return { scheduledFor, fire: true };
    if (policy.kind === 'skip') return { scheduledFor, fire: false, outcome: 'expired', reason: `later than the grace of ${policy.graceMs} ms` };
    return { scheduledFor, fire: false, outcome: 'coalesced', reason: coalescedInto(policy, owed) };
  });
}

function firing(policy: MisfirePolicy, owed: readonly Date[], now: Date): Date[] {
  if (policy.kind === 'fireOnce') return owed.slice(policy.which === 'latest' ? -1 : 0, policy.which === 'latest' ? undefined : 1);
  if (policy.kind === 'fireAll') return owed.slice(-policy.max);
  return owed.filter((at) => now.getTime() - at.getTime() <= policy.graceMs);
}

function coalescedInto(policy: MisfirePolicy, owed: readonly Date[]): string {
  const into = policy.kind === 'fireOnce' && policy.which === 'earliest' ? owed[0] : owed.at(-1);
  return `missed; coalesced into ${into?.toISOString()}`;
}
