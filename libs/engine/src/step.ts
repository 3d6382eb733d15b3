/**
 * One step of a pipeline: what it does, what earlier steps hand to it, and what happens when it fails. Steps refer to each other by value, so a
 * name that is wrong or a shape that does not fit is a compile error, and an editor's "find references" shows who uses what.
 */
import { attempt } from './attempt.js';
import type { AttemptContext, StepContext, When } from './attempt.js';
import type { RetryPolicy } from './backoff.js';
import { checkRetry, DEFAULT_RETRY } from './backoff.js';
import type { Milliseconds } from './duration.js';
import { days, minutes } from './duration.js';
import { DefinitionError } from './errors.js';
import type { RecordedError } from './errors.js';
import type { RateOptions, StepRate } from './limits.js';
import { checkRate } from './limits.js';
import type { Done, Output, StepOutcome } from './outcome.js';
import type { Retryable } from './retryable.js';
import { judgeThrown, retryableNames } from './retryable.js';

/** What a failed step means for the rest: end the run, go on as if nothing was, or go on without the steps that need it. */
export type OnFailure = 'stop' | 'continue' | 'skipDependents';

export interface StepOptions<Services, Outcome extends StepOutcome = StepOutcome, Needs extends Named | Listed = Named, Inputs extends Named = Named> {
  /** One sentence for people. */
  does: string;
  /**
   * Earlier steps without which this one makes no sense. `{ collect }` hands it what `collect` left as `inputs.collect`, so this step is skipped unless that one was done.
   * `[collect]` hands on nothing: this step is skipped when that one failed with `skipDependents`, and goes on when it had nothing to do.
   */
  needs?: Needs;
  /** Earlier steps whose output it can use, each `undefined` when that step was skipped or failed. */
  inputs?: Inputs;
  /** Whether there is anything to do: `true`, or why not. Otherwise the step is skipped, and the run's history says why. */
  when?: When<Services, Handed<Needs, Inputs>>;
  run(context: StepContext<Services, Handed<Needs, Inputs>>): Promise<Outcome>;
  /** The service that owns it. */
  owner?: string;
  onFailure?: OnFailure;
  /** `retryable` says which errors are worth another attempt, beside `TransientError`, which always is, and `PermanentError`, which never is. */
  retry?: Partial<RetryPolicy> & { retryable?: Retryable };
  timeout?: Milliseconds;
  /** At most so many attempts begin in a time, over all processes; what comes too early waits. */
  rate?: RateOptions;
}

export interface Step<Services, Hands extends Output = Output, Name extends string = string, Refers extends string = string> {
  readonly name: Name;
  readonly plan: StepPlan;
  /** The earlier steps that it names in `needs` and `inputs`. */
  readonly refersTo: readonly Reference<Refers>[];
  run: (context: AttemptContext<Services>) => Promise<StepOutcome<Hands>>;
  /** What an error of this step is worth, for errors that its `run` did not see, such as that of its last write. */
  judge: (thrown: unknown) => RecordedError;
}

/** The part of a step that a run keeps, so that it finishes on the list it started with. What is optional is absent where an older version started the run. */
export interface StepPlan {
  name: string;
  does: string;
  owner: string;
  onFailure: OnFailure;
  needs: string[];
  /** Those of `needs` whose output is handed on, so that nothing less than their being done will do. */
  takes?: string[];
  retry: RetryPolicy;
  /** Names of the only error classes that are worth another attempt. */
  retryable?: string[];
  timeoutMs: Milliseconds;
  rate?: StepRate;
  /** Its owner is no service of ours: it claims by the step protocol. */
  external?: true;
}

/** A step as others refer to it, whatever services it needs. */
export type Reference<Name extends string = string> = Pick<Step<never, Output, Name>, 'name' | 'plan'>;
type AnyStep = Step<never>;
export type Named = Readonly<Record<string, AnyStep>>;
export type Listed = readonly AnyStep[];
/** No step at all. */
export type None = Readonly<Record<never, AnyStep>>;

/** What a step hands on when it is done: `OutputOf<typeof collect>`. */
export type OutputOf<S> = S extends Step<never, infer Hands> ? Hands : never;
/** What a step that refers to these is handed, by the names that it gave them. */
export type Handed<Needs, Inputs> = Readonly<(Needs extends Listed ? unknown : { [K in keyof Needs]: OutputOf<Needs[K]> }) & { [K in keyof Inputs]: OutputOf<Inputs[K]> | undefined }>;
/** What the outcomes of a step's code say that it hands on. */
export type HandsOn<Outcome> = Outcome extends Done<infer Hands> ? Hands : never;
export type NamesIn<References> = References extends Listed ? NameOf<References[number]> : NameOf<References[keyof References]>;
type NameOf<S> = S extends Step<never, Output, infer Name> ? Name : never;

/** Timers count milliseconds in 31 bits; a longer one would fire at once. */
const LONGEST_TIMEOUT_MS = days(24);

/** One step of a pipeline; `name` is what the bus, the ledger and people call it. To name the services once for many steps: `withServices`. */
export function step<Services, const Name extends string = string, Outcome extends StepOutcome = StepOutcome, Needs extends Named | Listed = None, Inputs extends Named = None>(
  name: Name,
  options: StepOptions<Services, Outcome, Needs, Inputs>,
): Step<Services, HandsOn<Outcome>, Name, NamesIn<Needs> | NamesIn<Inputs>> {
  const { does, needs = [], inputs = {}, owner = 'scheduler', onFailure = 'stop', retry: { retryable, ...retry } = {}, timeout = minutes(10), rate } = options;
  checkName('step', name);
  const policy = checkRetry(`step "${name}"`, { ...DEFAULT_RETRY, ...retry });
  if (!(timeout >= 1 && timeout <= LONGEST_TIMEOUT_MS)) throw new DefinitionError(`step "${name}": timeout ${timeout} ms must be from 1 to ${LONGEST_TIMEOUT_MS} (24 days)`);
  const taken: Named = isListed(needs) ? {} : needs;
  const twice = Object.keys(taken).find((key) => key in inputs);
  if (twice !== undefined) throw new DefinitionError(`step "${name}" names "${twice}" in needs and in inputs: keep one`);
  const needed = isListed(needs) ? needs : Object.values(needs);
  const names = retryableNames(name, retryable);
  const plan: StepPlan = {
    ...{ name, does, owner, onFailure, needs: namesOf(needed), takes: namesOf(Object.values(taken)), retry: policy, timeoutMs: timeout },
    ...(names && { retryable: names }),
    ...(rate && { rate: checkRate(name, rate) }),
  };
  const work = { inputs: { ...inputs, ...taken }, when: options.when, run: options.run, retryable };
  return {
    name,
    plan,
    refersTo: [...needed, ...Object.values(inputs)] as Reference<NamesIn<Needs> | NamesIn<Inputs>>[],
    judge: (thrown) => judgeThrown(retryable, thrown),
    run: (context) => attempt<Services, HandsOn<Outcome>>(work as never, context),
  };
}

export function checkName(kind: string, name: string): void {
  if (!/^[a-zA-Z][a-zA-Z0-9-]{0,62}$/.test(name)) throw new DefinitionError(`${kind} name "${name}": use letters, digits and "-", starting with a letter, at most 63`);
}

const isListed = (needs: Named | Listed): needs is Listed => Array.isArray(needs);
const namesOf = (steps: readonly Reference[]): string[] => steps.map((one) => one.name);
