/**
 * A step whose code is in another program, perhaps in another language. It claims, beats and settles over NATS with JSON (docs/step-protocol.md); for the
 * pipeline it is a step like any other.
 */
import { DefinitionError, PermanentError } from './errors.js';
import type { JsonObject, StepOutcome } from './outcome.js';
import { step } from './step.js';
import type { Listed, Named, NamesIn, None, Step, StepOptions } from './step.js';

export interface ExternalStepOptions<Needs extends Named | Listed = Named> extends Pick<StepOptions<unknown, StepOutcome<JsonObject>, Needs>, 'does' | 'needs' | 'onFailure' | 'timeout' | 'rate'> {
  /** Whose work it is: the name under which the program claims, and a part of the subjects that it may use. */
  owner: string;
  /** `retryable` by the names of error classes, which are all that is known of an error in another program. */
  retry?: Omit<NonNullable<StepOptions<unknown>['retry']>, 'retryable'> & { retryable?: readonly string[] };
}

/** What it hands on is an object of JSON of which the compiler knows no more. */
export function externalStep<const Name extends string = string, Needs extends Named | Listed = None>(name: Name, options: ExternalStepOptions<Needs>): Step<unknown, JsonObject, Name, NamesIn<Needs>> {
  const { owner } = options;
  if (!/^[a-zA-Z][a-zA-Z0-9_-]{0,62}$/.test(owner)) throw new DefinitionError(`step "${name}": owner "${owner}" is a part of NATS subjects: use letters, digits, "-" and "_", starting with a letter, at most 63`);
  const run = (): Promise<StepOutcome<JsonObject>> => Promise.reject(new PermanentError(`step "${name}" is the work of "${owner}", a program of its own, and has no code here`));
  const made = step<unknown, Name, StepOutcome<JsonObject>, Needs>(name, { ...options, run });
  return { ...made, plan: { ...made.plan, external: true } } as Step<unknown, JsonObject, Name, NamesIn<Needs>>;
}
