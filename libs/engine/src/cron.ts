/**
 * The instants of a cron expression. croner finds the next wall-clock time that matches; which instant that is in a zone whose clocks are put
 * forward and back is decided here, by our policy and for every zone alike.
 *
 * An expression that names hours means times of the day: they ring once a day unless the policy says otherwise. One that leaves the hour open
 * (`*`) means an interval: it rings whenever the clock really shows a match, in both passes of a repeated hour and never for a skipped one.
 */
import { Cron } from 'croner';
import type { DaylightPolicy } from './daylight.js';
import { DefinitionError } from './errors.js';
import { offsetAt } from './wall-clock.js';
import { instantsOfWalls } from './wall-instants.js';
import type { NextInstant } from './wall-instants.js';

/** Parsing costs more than asking, and thousands of schedules share few expressions. */
const known = new Map<string, NextInstant>();
const MOST_KNOWN = 2_000;

/** The function that answers the first instant strictly after another, or null when there is none any more. */
export function cronInstants(expression: string, timeZone: string, daylight: DaylightPolicy): NextInstant {
  const key = `${timeZone}|${daylight.gap}|${daylight.overlap}|${expression}`;
  let next = known.get(key);
  if (!next) {
    if (known.size >= MOST_KNOWN) known.clear();
    const parsed = parseCron(expression, timeZone);
    known.set(key, (next = remembering(instantsOfWalls((wall) => parsed.nextRun(new Date(wall))?.getTime(), timeZone, { daylight, interval: hourIsOpen(expression) }))));
  }
  return next;
}

/** Answers kept per expression: thousands of schedules that share one are asked about the same instants, the one that fell due and the one after it. */
const REMEMBERED = 4;

/** What comes first after an instant comes first after everything in between, so one answer serves that whole stretch. */
function remembering(next: NextInstant): NextInstant {
  const stretches: { from: number; to: Date }[] = [];
  return (after) => {
    const from = after.getTime();
    const found = stretches.find((one) => one.from <= from && from < one.to.getTime());
    // A copy: whoever gets a date may change it.
    if (found) return new Date(found.to);
    const to = next(after);
    if (to === null) return null;
    stretches.unshift({ from, to });
    stretches.length = Math.min(stretches.length, REMEMBERED);
    return new Date(to);
  };
}

/** Parses a cron expression (5 or 6 fields, names, `L`, `#`, `@daily` …), or says what is wrong with it and what would be right. */
export function parseCron(expression: string, timeZone: string): Cron {
  let parsed: Cron;
  let ever: Date | null;
  try {
    offsetAt(timeZone, 0);
    // Wall-clock times are asked for as if they were UTC, which knows no daylight saving.
    parsed = new Cron(expression, { utcOffset: 0, paused: true });
    ever = parsed.nextRun(new Date(0));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DefinitionError(`cron("${expression}", "${timeZone}") can not be read: ${why}. Write "minute hour day month weekday" and an IANA zone`, { cause });
  }
  if (ever === null) throw new DefinitionError(`cron("${expression}") is never due: no day of any year matches it`);
  return parsed;
}

function hourIsOpen(expression: string): boolean {
  const text = expression.trim();
  if (text.startsWith('@')) return text.toLowerCase() === '@hourly';
  const fields = text.split(/\s+/);
  return ['*', '?', '*/1', '0-23', '0-23/1'].includes(fields[fields.length === 5 ? 1 : 2] ?? '');
}
