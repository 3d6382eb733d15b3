/**
 * One attempt of a step, whoever makes it: what it is handed, whether it has anything to do, its code, and what its error is worth. A worker and
 * the authors' harness both go this way.
 */
import type { FanOut } from './for-each.js';
import type { JsonObject, JsonValue, Output, StepOutcome } from './outcome.js';
import { skip } from './outcome.js';
import type { Retryable } from './retryable.js';
import { judgeThrown } from './retryable.js';
import type { ValueReference } from './values.js';

export interface StepLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

/** What a worker knows about one attempt. There is no clock in it but `now`. */
export interface AttemptContext<Services> {
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
  /** Keeps a value that is too large for an output, 16 MiB at most, and answers its reference. The same name again replaces what this step kept. */
  keep<Value extends JsonValue | Uint8Array>(name: string, value: Value): Promise<ValueReference<Value>>;
  /** What a step of this run kept. */
  read<Value>(reference: ValueReference<Value>): Promise<Value>;
  /** Does one thing to each of many items: what `forEach` is made of. */
  fanOut<Item>(work: FanOut<Item>): Promise<StepOutcome>;
  log: StepLog;
}

/** Everything a step may know: the attempt, and of the earlier steps what it asked for. */
export interface StepContext<Services, Inputs = unknown> extends Omit<AttemptContext<Services>, 'outputs'> {
  /** What the steps that it named left. */
  inputs: Inputs;
}

/** `true`, or in words why there is nothing to do. */
export type Verdict = true | string;
export type When<Services, Inputs = unknown> = (context: StepContext<Services, Inputs>) => Verdict | Promise<Verdict>;

/** The code of a step, with the earlier steps that it is handed. */
export interface StepWork<Services, Hands extends Output> {
  inputs: Readonly<Record<string, { name: string }>>;
  when: When<Services> | undefined;
  run(context: StepContext<Services>): Promise<StepOutcome<Hands>>;
  retryable: Retryable | undefined;
}

/** Never rejects: what is thrown is an outcome as well, and is logged, because the ledger keeps no stack. */
export async function attempt<Services, Hands extends Output>(work: StepWork<Services, Hands>, known: AttemptContext<Services>): Promise<StepOutcome<Hands>> {
  // Put onto what the worker knows, not beside a copy of it: it makes signal and log when they are first asked for, and most steps never ask.
  const context = Object.assign(known, { inputs: inputsOf(work, known) }) as StepContext<Services>;
  try {
    const verdict = (await work.when?.(context)) ?? true;
    if (verdict !== true) return skip(verdict || 'its condition does not hold');
    const outcome = await work.run(context);
    if (outcome.kind !== 'fail') return outcome;
    const error = 'thrown' in outcome ? judgeThrown(work.retryable, outcome.thrown) : outcome.error;
    return { ...outcome, error };
  } catch (thrown) {
    // A step that was told to stop may throw what it likes.
    if (!known.signal.aborted) known.log.warn({ err: thrown }, 'the step threw');
    return { kind: 'fail', error: judgeThrown(work.retryable, thrown), thrown };
  }
}

const NONE: Readonly<Record<string, JsonObject | undefined>> = Object.freeze({});

function inputsOf({ inputs }: Pick<StepWork<never, Output>, 'inputs'>, known: Pick<AttemptContext<never>, 'outputs'>): Readonly<Record<string, JsonObject | undefined>> {
  const named = Object.entries(inputs);
  return named.length === 0 ? NONE : Object.fromEntries(named.map(([key, { name }]) => [key, known.outputs[name]]));
}
