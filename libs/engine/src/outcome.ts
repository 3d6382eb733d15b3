/**
 * What a step answers. The vocabulary is closed: a step decides one of these, and exceptions are for what nobody decided.
 */
import type { Milliseconds } from './duration.js';
import type { RecordedError } from './errors.js';
import { recordError } from './errors.js';

/**
 * An open database transaction, opaque here: only a store can look inside. It lets a step hand its last write to the engine, which commits
 * it together with the step's record, so that the effect happens exactly when the ledger says so.
 */
export interface Transaction {
  readonly __transaction: never;
}

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

/** What a step hands on: an object of JSON, or nothing. */
export type Output = JsonObject | undefined;

/** What a finished step leaves behind. */
export interface StepReport<Handed extends Output = Output> {
  /** Rows counted, by name; summed over the run. */
  counts?: Record<string, number>;
  /** Failures of single items that did not stop the step; a run with any of them is `partial`. */
  errors?: string[];
  /** Handed to later steps; at most 64 KiB of JSON, larger values belong in a table with their id here. */
  output?: Handed;
  /** The step's last write, committed together with its completion. Must not do anything but write. */
  write?: (transaction: Transaction) => Promise<void>;
}

export type Done<Handed extends Output = Output> = { kind: 'done' } & StepReport<Handed>;
export type Retry = { kind: 'retry'; afterMs: Milliseconds; reason: string };
export type Snooze = { kind: 'snooze'; until: Date; reason: string };
export type Skip = { kind: 'skip'; reason: string };
/** `error` and `counts`, of what was done all the same, are kept; `thrown` is what the step gave or threw, for who judges it in the same process. */
export type Fail = { kind: 'fail'; error: RecordedError; thrown?: unknown; counts?: Record<string, number> };

export type StepOutcome<Handed extends Output = Output> = Done<Handed> | Retry | Snooze | Skip | Fail | { kind: 'cancelled'; reason: string; counts?: Record<string, number> };

/** The step did its work. */
export const done = <Handed extends Output = undefined>(report: StepReport<Handed> = {}): Done<Handed> => ({ kind: 'done', ...report });
/** Not now: try again after a while. Counts as an attempt. */
export const retry = (afterMs: Milliseconds, reason: string): Retry => ({ kind: 'retry', afterMs, reason });
/** Waiting for something that has a time: come back then. Does not count as an attempt. */
export const snooze = (until: Date, reason: string): Snooze => ({ kind: 'snooze', until, reason });
/** Nothing to do here this time, and that is fine. */
export const skip = (reason: string): Skip => ({ kind: 'skip', reason });
/** The step can not succeed. A `PermanentError` is never retried, anything else is as the step's retry policy says. */
export const fail = (error: unknown): Fail => ({ kind: 'fail', error: recordError(error), thrown: error });
