/** Chaining: a schedule that rings when a run of another pipeline has ended as wanted, and says why when it does not. */
import { DefinitionError } from './errors.js';
import type { RunEnd } from './progress.js';

export interface AfterTrigger {
  kind: 'after';
  /** The pipeline whose runs are followed. */
  pipeline: string;
  outcomes: RunEnd[];
  /** Every one must hold; a count that a run does not have is 0. */
  when: CountCondition[];
  /** `same`: only runs of the schedule's own scope. `each`: runs of every scope, and the new run belongs to the scope of the one that ended. */
  scope: 'same' | 'each';
}

export interface CountCondition {
  count: string;
  atLeast?: number;
  atMost?: number;
}

/** What is known of a run that has ended. */
export interface EndedRun {
  id: string;
  pipeline: string;
  scope: string;
  status: string;
  counts: Readonly<Record<string, number>>;
}

const OUTCOMES: readonly RunEnd[] = ['succeeded', 'partial', 'failed', 'cancelled'];

/**
 * Due when a run of `pipeline` has ended with one of the outcomes (only `succeeded` unless told) and its counts are as wanted:
 * `after('import', { outcome: ['succeeded', 'partial'], when: { imported: { atLeast: 1 } } })`.
 */
export function after(
  pipeline: string,
  options: { outcome?: RunEnd | readonly RunEnd[]; when?: Record<string, { atLeast?: number; atMost?: number }>; scope?: 'same' | 'each' } = {},
): { trigger: AfterTrigger } {
  const { outcome = 'succeeded', when = {}, scope = 'same' } = options;
  const trigger: AfterTrigger = { kind: 'after', pipeline, outcomes: [outcome].flat(), when: Object.entries(when).map(([count, bounds]) => ({ count, ...bounds })), scope };
  checkAfter(trigger);
  return { trigger };
}

/** @throws DefinitionError */
export function checkAfter({ pipeline, outcomes, when, scope }: AfterTrigger): void {
  if (outcomes.length === 0) throw new DefinitionError(`after("${pipeline}"): name at least one outcome of ${OUTCOMES.join(', ')}`);
  const strange = outcomes.find((outcome) => !OUTCOMES.includes(outcome));
  if (strange !== undefined) throw new DefinitionError(`after("${pipeline}", outcome "${String(strange)}"): write one of ${OUTCOMES.join(', ')}`);
  if (scope !== 'same' && scope !== 'each') throw new DefinitionError(`after("${pipeline}", scope "${String(scope)}"): write same or each`);
  for (const { count, atLeast, atMost } of when) {
    if (atLeast === undefined && atMost === undefined) throw new DefinitionError(`after("${pipeline}", when "${count}"): write atLeast, atMost or both`);
    for (const bound of [atLeast, atMost]) if (bound !== undefined && !Number.isFinite(bound)) throw new DefinitionError(`after("${pipeline}", when "${count}" ${String(bound)}): must be a number`);
  }
}

export type AfterDecision = { ring: true; scope: string; reason: string } | { ring: false; reason: string };

/** Whether a run that ended makes this schedule ring. Undefined when it is none of its business: another scope's run. */
export function decideAfter(trigger: AfterTrigger, scope: string, run: EndedRun): AfterDecision | undefined {
  if (trigger.scope === 'same' && run.scope !== scope) return undefined;
  const ended = `run ${run.id} of ${run.pipeline} ${run.status}`;
  if (!(trigger.outcomes as string[]).includes(run.status)) return { ring: false, reason: `${ended}, not ${trigger.outcomes.join(' or ')}` };
  for (const { count, atLeast = -Infinity, atMost = Infinity } of trigger.when) {
    const value = run.counts[count] ?? 0;
    if (value < atLeast) return { ring: false, reason: `${ended} with ${value} ${count}, less than ${atLeast}` };
    if (value > atMost) return { ring: false, reason: `${ended} with ${value} ${count}, more than ${atMost}` };
  }
  return { ring: true, scope: trigger.scope === 'each' ? run.scope : scope, reason: `after ${ended}` };
}
