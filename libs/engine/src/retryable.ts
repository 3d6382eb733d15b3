/**
 * Which errors of a step are worth another attempt. `TransientError` always is and `PermanentError` never; the step may say which of all the
 * others are. Classes are told by their names, because an error may come from another process or another copy of a library.
 */
import { DefinitionError, PermanentError, recordError } from './errors.js';
import type { RecordedError } from './errors.js';

export type ErrorClass = abstract new (...args: never[]) => Error;

/** A list of classes (or their names), whose subclasses count as well; or a function that looks at the error. */
export type Retryable = readonly (ErrorClass | string)[] | ((error: unknown) => boolean);

/** The part of it that can be stored with a run, and asked about an error that was recorded elsewhere. */
export function retryableNames(step: string, retryable: Retryable | undefined): string[] | undefined {
  if (retryable === undefined || typeof retryable === 'function') return undefined;
  const names = retryable.map((one) => (typeof one === 'string' ? one : one.name));
  if (names.some((name) => !/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name))) throw new DefinitionError(`step "${step}": retryable ${JSON.stringify(names)} must be error classes or their names`);
  return names;
}

/** What is kept of something thrown, with the step's own word on whether another attempt can help. */
export function judgeThrown(retryable: Retryable | undefined, thrown: unknown): RecordedError {
  const recorded = recordError(thrown);
  const classes = classNames(thrown);
  if (retryable === undefined || recorded.permanent || classes.has('TransientError')) return recorded;
  if (typeof retryable !== 'function') return { ...recorded, permanent: !retryable.some((one) => classes.has(typeof one === 'string' ? one : one.name)) };
  try {
    return { ...recorded, permanent: !retryable(thrown) };
  } catch (error) {
    return recordError(new PermanentError(`retryable threw "${recordError(error).message}" when it was asked about`, { cause: thrown }));
  }
}

/** The same for an error that another process recorded, of which no more than the name is known. */
export function judgeRecorded(retryable: readonly string[] | undefined, error: RecordedError): RecordedError {
  if (retryable === undefined || error.permanent || error.name === 'TransientError') return error;
  return { ...error, permanent: !retryable.includes(error.name) };
}

/** Of its class and all that it extends, and the name that it gives itself. */
function classNames(thrown: unknown): Set<string> {
  const names = new Set<string>();
  if (!(thrown instanceof Error)) return names;
  names.add(thrown.name);
  for (let prototype = Object.getPrototypeOf(thrown); prototype !== null && prototype !== Object.prototype; prototype = Object.getPrototypeOf(prototype)) names.add(prototype.constructor.name);
  return names;
}
