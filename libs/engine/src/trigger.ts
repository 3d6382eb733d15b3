/**
 * When a pipeline rings. A trigger is a plain value that can be stored beside its schedule; what needs code (a counter, a condition) is
 * named in it and looked up in the pipeline.
 */
import type { AfterTrigger } from './after.js';
import { parseCron } from './cron.js';
import type { Milliseconds } from './duration.js';
import { DefinitionError } from './errors.js';
import type { Counter, Condition } from './pipeline.js';
import type { Sensor, WhenReadyTrigger } from './when-ready.js';

/** Due at instants that can be computed ahead of time. */
export type TimeTrigger =
  | { kind: 'every'; everyMs: Milliseconds; runAtOnce: boolean }
  | { kind: 'cron'; expression: string; timeZone: string }
  /** One instant, ISO 8601 in UTC. */
  | { kind: 'once'; at: string };

/** Due when something has piled up, or too long ago was the last success. */
export interface ThresholdTrigger {
  kind: 'threshold';
  /** Name of the pipeline's counter. */
  counter: string;
  /** Fires when the counter has reached this. */
  atLeast: number;
  /** Fires anyhow when the last successful run started this long ago. */
  orEveryMs: Milliseconds;
  /** Never fires on the counter sooner than this after the last run started. */
  minGapMs: Milliseconds;
  /** How often the counter is read. */
  pollMs: Milliseconds;
  /** After failures it waits this long at most before the counter may fire again; `orEveryMs` unless told. */
  backOffMs?: Milliseconds;
  /** Name of the pipeline's condition that makes a run due by itself, regardless of the counter and the gap. */
  orWhen?: string;
}

export type Trigger = TimeTrigger | ThresholdTrigger | WhenReadyTrigger | AfterTrigger | { kind: 'manual' };

/** A trigger as a pipeline writes it: the value, and the code that its names stand for. */
export interface TriggerDefinition<Services> {
  trigger: Trigger;
  counter?: Counter<Services>;
  condition?: Condition<Services>;
  sensor?: Sensor<Services>;
}

/** Due every so often, counted from the schedule's start; with `runAtOnce` also when the schedule is new. */
export function every(everyMs: Milliseconds, options: { runAtOnce?: boolean } = {}): TriggerDefinition<unknown> {
  if (!Number.isSafeInteger(everyMs)) throw new DefinitionError(`every(${everyMs} ms): must be a whole number of milliseconds`);
  if (everyMs < 1_000) throw new DefinitionError(`every(${everyMs} ms) is too often: the shortest interval is 1000 ms`);
  return { trigger: { kind: 'every', everyMs, runAtOnce: options.runAtOnce ?? false } };
}

/** Due as a cron expression says (5 or 6 fields, names, `L`, `#`, `@daily` …), read in an IANA time zone. */
export function cron(expression: string, timeZone = 'UTC'): TriggerDefinition<unknown> {
  parseCron(expression, timeZone);
  return { trigger: { kind: 'cron', expression, timeZone } };
}

/** Due once a day at a wall-clock time such as "02:00" in an IANA time zone. */
export function dailyAt(time: string, timeZone = 'UTC'): TriggerDefinition<unknown> {
  const match = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(time);
  if (!match) throw new DefinitionError(`dailyAt("${time}"): write a time from "00:00" to "23:59"`);
  return cron(`${Number(match[2])} ${Number(match[1])} * * *`, timeZone);
}

/** Due once, at an instant: a `Date`, or ISO 8601 with its offset, such as "2026-12-24T18:00:00+01:00". */
export function once(at: Date | string): TriggerDefinition<unknown> {
  const instant = new Date(at);
  if (Number.isNaN(instant.getTime())) throw new DefinitionError(`once("${String(at)}"): write an instant such as "2026-12-24T18:00:00+01:00"`);
  // Without an offset the instant would depend on the machine that reads it.
  if (typeof at === 'string' && !/(?:Z|[+-]\d\d:?\d\d)$/i.test(at.trim())) throw new DefinitionError(`once("${at}"): say in which offset, such as "${at}Z" or "${at}+01:00"`);
  return { trigger: { kind: 'once', at: instant.toISOString() } };
}

/** Due when a counter has reached `atLeast`, when `orEvery` has passed since the last success, or when a condition says so. */
export function threshold<Services>(options: {
  count: Counter<Services>;
  atLeast: number;
  orEvery: Milliseconds;
  poll: Milliseconds;
  minGap?: Milliseconds;
  /** The longest wait after failures, when `orEvery` is too long for what is counted. */
  backOff?: Milliseconds;
  orWhen?: Condition<Services>;
}): TriggerDefinition<Services> {
  const { count, atLeast, orEvery, poll, minGap = 0, backOff, orWhen } = options;
  if (!Number.isInteger(atLeast) || atLeast < 1) throw new DefinitionError(`threshold(atLeast: ${atLeast}): must be a whole number of 1 or more`);
  if (!(poll >= 100)) throw new DefinitionError(`threshold(poll: ${poll} ms): polling faster than every 100 ms is not supported`);
  if (!(orEvery >= poll)) throw new DefinitionError(`threshold(orEvery: ${orEvery} ms): must not be shorter than poll (${poll} ms)`);
  if (!(minGap >= 0)) throw new DefinitionError(`threshold(minGap: ${minGap} ms): must be 0 or more`);
  if (backOff !== undefined && !(backOff >= 100)) throw new DefinitionError(`threshold(backOff: ${backOff} ms): a failing run that comes again within 100 ms is not supported`);
  // A trigger is stored as JSON, which knows no infinity and would turn "never" into "always".
  for (const [name, value] of Object.entries({ orEvery, poll, minGap, backOff: backOff ?? 0 })) {
    if (!Number.isFinite(value)) throw new DefinitionError(`threshold(${name}: ${value}): must be finite; for hardly ever write days(3650)`);
  }
  return {
    trigger: { kind: 'threshold', counter: count.name, atLeast, orEveryMs: orEvery, minGapMs: minGap, pollMs: poll, ...(backOff !== undefined && { backOffMs: backOff }), ...(orWhen && { orWhen: orWhen.name }) },
    counter: count,
    ...(orWhen && { condition: orWhen }),
  };
}

/** Never due by itself. */
export const manual = (): TriggerDefinition<unknown> => ({ trigger: { kind: 'manual' } });
