/**
 * A pipeline is one readable value: when it rings, what it does in which order, and what happens when something goes wrong. This file is its
 * vocabulary; everything is checked when the value is made, so a mistake shows at boot and not at two in the morning.
 */
import type { RetryPolicy } from './backoff.js';
import { DEFAULT_RETRY } from './backoff.js';
import type { Milliseconds } from './duration.js';
import { days, minutes } from './duration.js';
import { DefinitionError } from './errors.js';
import type { PipelineLimits, RateOptions, StepRate } from './limits.js';
import { checkLimits, checkPriority, checkRate } from './limits.js';
import type { MisfirePolicy } from './misfire.js';
import { fireOnce } from './misfire.js';
import type { JsonObject, StepOutcome, Transaction } from './outcome.js';
import type { OverlapPolicy } from './overlap.js';
import { skipOverlap } from './overlap.js';
import type { Trigger, TriggerDefinition } from './trigger.js';

/** Something a threshold counts; read inside the transaction that creates the run. */
export interface Counter<Services> {
  name: string;
  read(services: Services, transaction: Transaction): Promise<number>;
}

/** Something that makes a run due by itself; read inside the transaction that creates the run. */
export interface Condition<Services> {
  name: string;
  holds(services: Services, transaction: Transaction): Promise<boolean>;
}

export interface StepLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

/** Everything a step may know. There is no clock in it but `now`. */
export interface StepContext<Services> {
  run: { id: string; pipeline: string; scope: string; trigger: string; params: JsonObject };
  step: string;
  /** 1 for the first try; a try whose worker died counts. */
  attempt: number;
  /** The database's time when this attempt was claimed. */
  now: Date;
  services: Services;
  /** What earlier steps of this run left, by step name. */
  outputs: Readonly<Record<string, JsonObject>>;
  /** Aborts when the run is cancelled, the step's time is up, or the lease was lost. Long work must watch it. */
  signal: AbortSignal;
  /** Shown live; also proof of life. */
  progress(done: number, total: number): void;
  log: StepLog;
}

/** What a failed step means for the rest: end the run, go on as if nothing was, or go on without the steps that need it. */
export type OnFailure = 'stop' | 'continue' | 'skipDependents';

export interface StepOptions<Services> {
  /** One sentence for people. */
  does: string;
  run(context: StepContext<Services>): Promise<StepOutcome>;
  /** The service that owns it. */
  owner?: string;
  onFailure?: OnFailure;
  /** Steps without whose result this one makes no sense. */
  needs?: readonly string[];
  retry?: Partial<RetryPolicy>;
  timeout?: Milliseconds;
  /** At most so many attempts begin in a time, over all processes; what comes too early waits. */
  rate?: RateOptions;
}

export interface Step<Services> {
  plan: StepPlan;
  run(context: StepContext<Services>): Promise<StepOutcome>;
}

/** The part of a step that a run keeps, so that it finishes on the list it started with. */
export interface StepPlan {
  name: string;
  does: string;
  owner: string;
  onFailure: OnFailure;
  needs: string[];
  retry: RetryPolicy;
  timeoutMs: Milliseconds;
  rate?: StepRate;
}

export interface PipelineOptions<Services> {
  /** One sentence for people. */
  does: string;
  trigger: TriggerDefinition<Services>;
  misfire?: MisfirePolicy;
  overlap?: OverlapPolicy;
  /** Among runs that wait, the higher one goes first; 0 unless told. */
  priority?: number;
  limits?: PipelineLimits;
  steps: readonly Step<Services>[];
}

export interface Pipeline<Services> {
  name: string;
  does: string;
  trigger: Trigger;
  misfire: MisfirePolicy;
  overlap: OverlapPolicy;
  priority: number;
  limits: PipelineLimits;
  steps: readonly Step<Services>[];
  counter: Counter<Services> | undefined;
  condition: Condition<Services> | undefined;
}

/** Timers count milliseconds in 31 bits; a longer one would fire at once. */
const LONGEST_TIMEOUT_MS = days(24);

/** One step of a pipeline; `name` is what the bus, the ledger and people call it. */
export function step<Services>(name: string, options: StepOptions<Services>): Step<Services> {
  const { does, run, owner = 'scheduler', onFailure = 'stop', needs = [], retry = {}, timeout = minutes(10), rate } = options;
  checkName('step', name);
  const policy = { ...DEFAULT_RETRY, ...retry };
  if (!Number.isInteger(policy.maxAttempts) || policy.maxAttempts < 1) throw new DefinitionError(`step "${name}": maxAttempts ${policy.maxAttempts} must be a whole number of 1 or more`);
  if (!(policy.baseMs >= 0 && policy.capMs >= 0 && Number.isFinite(policy.baseMs + policy.capMs))) throw new DefinitionError(`step "${name}": retry waits (baseMs ${policy.baseMs}, capMs ${policy.capMs}) must be finite and not negative`);
  if (!(policy.jitter >= 0 && policy.jitter <= 1)) throw new DefinitionError(`step "${name}": jitter ${policy.jitter} must be from 0 to 1`);
  if (!(timeout >= 1 && timeout <= LONGEST_TIMEOUT_MS)) throw new DefinitionError(`step "${name}": timeout ${timeout} ms must be from 1 to ${LONGEST_TIMEOUT_MS} (24 days)`);
  return { plan: { name, does, owner, onFailure, needs: [...needs], retry: policy, timeoutMs: timeout, ...(rate && { rate: checkRate(name, rate) }) }, run };
}

/** A pipeline with the documented defaults: misfires fire once (the latest), overlapping runs are skipped and recorded. */
export function pipeline<Services>(name: string, options: PipelineOptions<Services>): Pipeline<Services> {
  checkName('pipeline', name);
  const { does, trigger, misfire = fireOnce(), overlap = skipOverlap, priority = 0, limits = {}, steps } = options;
  if (steps.length === 0) throw new DefinitionError(`pipeline "${name}" has no steps`);
  const known = new Set<string>();
  for (const { plan } of steps) {
    if (known.has(plan.name)) throw new DefinitionError(`pipeline "${name}" has two steps called "${plan.name}"`);
    const missing = plan.needs.find((need) => !known.has(need));
    if (missing !== undefined) throw new DefinitionError(`step "${plan.name}" of "${name}" needs "${missing}", which is not an earlier step of it`);
    known.add(plan.name);
  }
  return {
    ...{ name, does, trigger: trigger.trigger, misfire, overlap, steps, counter: trigger.counter, condition: trigger.condition },
    ...{ priority: checkPriority(name, priority), limits: checkLimits(name, limits) },
  };
}

function checkName(kind: string, name: string): void {
  if (!/^[a-zA-Z][a-zA-Z0-9-]{0,62}$/.test(name)) throw new DefinitionError(`${kind} name "${name}": use letters, digits and "-", starting with a letter, at most 63`);
}
