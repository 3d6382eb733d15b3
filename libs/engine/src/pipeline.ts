/**
 * A pipeline is one readable value: when it rings, what it does in which order, and what happens when something goes wrong. Everything is checked
 * when the value is made, so a mistake shows at boot and not at two in the morning.
 */
import { DefinitionError } from './errors.js';
import { forEach } from './for-each.js';
import type { ForEachOptions } from './for-each.js';
import type { PipelineLimits } from './limits.js';
import { checkLimits, checkPriority } from './limits.js';
import type { MisfirePolicy } from './misfire.js';
import { fireOnce } from './misfire.js';
import type { Done, StepOutcome, Transaction } from './outcome.js';
import type { OverlapPolicy } from './overlap.js';
import { skipOverlap } from './overlap.js';
import { checkPunctuality, namedCode } from './punctuality.js';
import type { NamedCode, Punctuality, PunctualityOptions } from './punctuality.js';
import { checkName, step } from './step.js';
import type { HandsOn, Listed, Named, NamesIn, None, Step, StepOptions } from './step.js';
import type { Trigger, TriggerDefinition } from './trigger.js';
import type { Sensor } from './when-ready.js';

/** Whose schedule asks: a tenant, team or source, or '' for the whole house. */
export interface Asking {
  scope: string;
}

/** Something a threshold counts; read inside the transaction that creates the run. */
export interface Counter<Services> {
  name: string;
  read: (services: Services, transaction: Transaction, asking: Asking) => Promise<number>;
  /** For what becomes countable as time passes, such as reminders: the instant from which on there is something, in the past when there is already, null when time alone brings nothing. Then nobody waits for a poll. */
  ripeAt?: (services: Services, transaction: Transaction, asking: Asking) => Promise<Date | null>;
}

/** Something that makes a run due by itself; read inside the transaction that creates the run. */
export interface Condition<Services> {
  name: string;
  holds: (services: Services, transaction: Transaction, asking: Asking) => Promise<boolean>;
}

export interface PipelineOptions<Services> extends PunctualityOptions, NamedCode<Services> {
  /** One sentence for people. */
  does: string;
  trigger: TriggerDefinition<Services>;
  misfire?: MisfirePolicy;
  overlap?: OverlapPolicy;
  /** Among runs that wait, the higher one goes first; 0 unless told. */
  priority?: number;
  limits?: PipelineLimits;
  /** In their order: a step can only be handed what earlier ones left. */
  steps: readonly Step<Services>[];
}

export interface Pipeline<Services> extends Punctuality {
  name: string;
  does: string;
  trigger: Trigger;
  misfire: MisfirePolicy;
  overlap: OverlapPolicy;
  priority: number;
  limits: PipelineLimits;
  steps: readonly Step<Services>[];
  /** The code that triggers of this pipeline's schedules name. */
  counters: readonly Counter<Services>[];
  conditions: readonly Condition<Services>[];
  sensors: readonly Sensor<Services>[];
}

/** Where a step refers to one that does not come earlier, the list asks for a sentence in its place, which the compiler then shows. */
export type InOrder<Steps extends readonly unknown[], Earlier extends string = never> = Steps extends readonly [infer First, ...infer Rest]
  ? readonly [RefersOnlyTo<First, Earlier>, ...InOrder<Rest, Earlier | Called<First>>]
  : Steps;
type RefersOnlyTo<S, Earlier extends string> = S extends Step<never, infer _Hands, string, infer Refers>
  ? string extends Refers ? S : [Exclude<Refers, Earlier>] extends [never] ? S : `"${Exclude<Refers, Earlier>}" is not an earlier step of this pipeline`
  : S;
type Called<S> = S extends { readonly name: infer Name extends string } ? Name : never;

/** A pipeline with the documented defaults: misfires fire once (the latest), overlapping runs are skipped and recorded. */
export function pipeline<Services, const Steps extends readonly Step<Services>[] = readonly Step<Services>[]>(name: string, options: PipelineOptions<Services> & { steps: Steps & InOrder<Steps> }): Pipeline<Services> {
  checkName('pipeline', name);
  const { does, trigger, misfire = fireOnce(), overlap = skipOverlap, priority = 0, limits = {}, steps } = options;
  checkSteps(name, steps);
  if (trigger.trigger.kind === 'after' && trigger.trigger.pipeline === name) throw new DefinitionError(`pipeline "${name}" is to run after itself, so it would never stop`);
  return {
    ...{ name, does, trigger: trigger.trigger, misfire, overlap, steps, ...namedCode(name, trigger, options), ...checkPunctuality(`pipeline "${name}"`, options) },
    ...{ priority: checkPriority(name, priority), limits: checkLimits(name, limits) },
  };
}

/** `step`, `forEach` and `pipeline` for services that are named once. */
export interface Vocabulary<Services> {
  step<const Name extends string, Outcome extends StepOutcome, Needs extends Named | Listed = None, Inputs extends Named = None>(
    name: Name,
    options: StepOptions<Services, Outcome, Needs, Inputs>,
  ): Step<Services, HandsOn<Outcome>, Name, NamesIn<Needs> | NamesIn<Inputs>>;
  forEach<const Name extends string, Item, Outcome extends StepOutcome = Done<undefined>, Needs extends Named | Listed = None, Inputs extends Named = None>(
    name: Name,
    options: ForEachOptions<Services, Item, Outcome, Needs, Inputs>,
  ): Step<Services, HandsOn<Outcome>, Name, NamesIn<Needs> | NamesIn<Inputs>>;
  pipeline<const Steps extends readonly Step<Services>[]>(name: string, options: PipelineOptions<Services> & { steps: Steps & InOrder<Steps> }): Pipeline<Services>;
}

/** `const { step, pipeline } = withServices<NewsServices>()`: TypeScript infers all types of a call or none, and what a step hands on is to be inferred. */
export function withServices<Services>(): Vocabulary<Services> {
  return { step, forEach, pipeline: pipeline as Vocabulary<Services>['pipeline'] };
}

function checkSteps(name: string, steps: readonly Step<never>[]): void {
  if (steps.length === 0) throw new DefinitionError(`pipeline "${name}" has no steps`);
  const earlier = new Map<string, Step<never>>();
  for (const one of steps) {
    if (earlier.has(one.name)) throw new DefinitionError(`pipeline "${name}" has two steps called "${one.name}"`);
    for (const reference of one.refersTo) {
      const found = earlier.get(reference.name);
      if (found === undefined) throw new DefinitionError(`step "${one.name}" of "${name}" refers to "${reference.name}", which is not an earlier step of it`);
      if (found !== reference) throw new DefinitionError(`step "${one.name}" of "${name}" refers to another "${reference.name}" than the one in its list; import that one`);
    }
    earlier.set(one.name, one);
  }
}
