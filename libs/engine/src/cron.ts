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
import { instantsOf, offsetAt } from './wall-clock.js';
import type { WallTime } from './wall-clock.js';

export type NextInstant = (after: Date) => Date | null;

/** Parsing costs more than asking, and thousands of schedules share few expressions. */
const known = new Map<string, NextInstant>();
const MOST_KNOWN = 2_000;

/** The function that answers the first instant strictly after another, or null when there is none any more. */
export function cronInstants(expression: string, timeZone: string, daylight: DaylightPolicy): NextInstant {
  const key = `${timeZone}|${daylight.gap}|${daylight.overlap}|${expression}`;
  let next = known.get(key);
  if (!next) {
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(key, (next = nextInstantOf(parseCron(expression, timeZone), expression, timeZone, daylight)));
  }
  return next;
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

function nextInstantOf(parsed: Cron, expression: string, timeZone: string, { gap, overlap }: DaylightPolicy): NextInstant {
  const open = hourIsOpen(expression);
  const passes: Pass[] = open || overlap === 'both' ? ['first', 'second'] : [overlap];
  const jumpedOver = open ? 'skip' : gap;
  return (after) => {
    const found = passes.flatMap((pass) => nextOfPass(parsed, timeZone, pass, jumpedOver, after.getTime()) ?? []);
    return found.length === 0 ? null : new Date(Math.min(...found));
  };
}

type Pass = 'first' | 'second';

/** Within one pass, later wall times never come at earlier instants, so the first match that lies ahead is the next one. */
function nextOfPass(parsed: Cron, timeZone: string, pass: Pass, gap: DaylightPolicy['gap'], after: number): number | undefined {
  let wall = wallBefore(timeZone, pass, after);
  for (;;) {
    const match = parsed.nextRun(new Date(wall))?.getTime();
    if (match === undefined) return undefined;
    const time = instantsOf(timeZone, match);
    const at = instantOf(time, pass, gap);
    if (at !== undefined && at > after) return at;
    wall = time.shown === 'never' ? time.change.at + time.change.after - 1 : match;
  }
}

function instantOf(time: WallTime, pass: Pass, gap: DaylightPolicy['gap']): number | undefined {
  if (time.shown === 'once') return time.at;
  if (time.shown === 'twice') return time[pass];
  return gap === 'skip' ? undefined : time.change.at;
}

/** The latest wall time of which it is sure that the pass has shown it, and all before it, by that instant. */
function wallBefore(timeZone: string, pass: Pass, after: number): number {
  const wall = after + offsetAt(timeZone, after);
  const time = instantsOf(timeZone, wall);
  if (time.shown !== 'twice') return wall;
  const inSecondPass = after >= time.change.at;
  if (pass === 'first') return inSecondPass ? time.change.at + time.change.before - 1 : wall;
  return inSecondPass ? wall : time.change.at + time.change.after - 1;
}

function hourIsOpen(expression: string): boolean {
  const text = expression.trim();
  if (text.startsWith('@')) return text.toLowerCase() === '@hourly';
  const fields = text.split(/\s+/);
  return ['*', '?', '*/1', '0-23', '0-23/1'].includes(fields[fields.length === 5 ? 1 : 2] ?? '');
}
