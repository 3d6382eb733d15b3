/** What happens to a run that is due while an earlier one of the same pipeline and scope is not finished. */

import { DefinitionError } from './errors.js';

export type OverlapPolicy = { kind: 'skip' } | { kind: 'queueOne' } | { kind: 'queueAll'; max: number } | { kind: 'replace' } | { kind: 'allow' };

export const skipOverlap: OverlapPolicy = { kind: 'skip' };
export const queueOne: OverlapPolicy = { kind: 'queueOne' };
export const replaceRunning: OverlapPolicy = { kind: 'replace' };
export const allowOverlap: OverlapPolicy = { kind: 'allow' };

/** Up to `max` runs wait their turn; further ones are skipped. */
export function queueAll(max: number): OverlapPolicy {
  if (!Number.isInteger(max) || max < 1) throw new DefinitionError(`queueAll(${max}): must be a whole number of 1 or more`);
  return { kind: 'queueAll', max };
}

export type OverlapDecision = 'start' | 'queue' | 'skip' | 'replace';

/** Decides for one new run, given how many of its pipeline and scope are running and how many wait in the queue. */
export function decideOverlap(policy: OverlapPolicy, running: number, queued: number): OverlapDecision {
  if (policy.kind === 'allow' || running + queued === 0) return 'start';
  if (policy.kind === 'replace') return 'replace';
  const room = policy.kind === 'queueOne' ? 1 : policy.kind === 'queueAll' ? policy.max : 0;
  return queued < room ? 'queue' : 'skip';
}
