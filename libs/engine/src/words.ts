/** Triggers and policies in words, for people who look at a schedule. */
import type { DaylightPolicy } from './daylight.js';
import type { Milliseconds } from './duration.js';
import type { MisfirePolicy } from './misfire.js';
import type { OverlapPolicy } from './overlap.js';
import type { Trigger } from './trigger.js';

export function triggerInWords(trigger: Trigger): string {
  switch (trigger.kind) {
    case 'every':
      return `every ${durationInWords(trigger.everyMs)}${trigger.runAtOnce ? ', the first time at once' : ''}`;
    case 'cron':
      return cronInWords(trigger.expression, trigger.timeZone);
    case 'once':
      return `once at ${trigger.at}`;
    case 'threshold': {
      const { atLeast, counter, orEveryMs, minGapMs, orWhen, pollMs } = trigger;
      const parts = [`at ${atLeast} ${counter}`, `${durationInWords(orEveryMs)} after the last success`, ...(orWhen === undefined ? [] : [`when ${orWhen}`])];
      return `${parts.join(', or ')}${minGapMs > 0 ? `; at most every ${durationInWords(minGapMs)}` : ''}; looked at every ${durationInWords(pollMs)}`;
    }
    case 'whenReady':
      return `when ${trigger.sensor} is ready, looked for from ${triggerInWords(trigger.from)} for at most ${durationInWords(trigger.deadlineMs)}, every ${durationInWords(trigger.pollMs)}`;
    case 'after': {
      const wanted = trigger.when.map(({ count, atLeast, atMost }) => [...(atLeast === undefined ? [] : [`${count} ≥ ${atLeast}`]), ...(atMost === undefined ? [] : [`${count} ≤ ${atMost}`])].join(' and '));
      return `after a run of ${trigger.pipeline} ended ${trigger.outcomes.join(' or ')}${wanted.length > 0 ? ` with ${wanted.join(' and ')}` : ''}${trigger.scope === 'each' ? ', in its scope' : ''}`;
    }
    case 'manual':
      return 'by hand';
  }
}

export function misfireInWords(policy: MisfirePolicy): string {
  if (policy.kind === 'fireOnce') return `missed instants fire once, the ${policy.which}`;
  if (policy.kind === 'fireAll') return `missed instants all fire, at most ${policy.max}`;
  return `what is more than ${durationInWords(policy.graceMs)} late does not fire`;
}

export function overlapInWords(policy: OverlapPolicy): string {
  const words = { skip: 'skipped while a run is at work', queueOne: 'one waits while a run is at work', replace: 'replaces a run that is at work', allow: 'runs side by side' };
  return policy.kind === 'queueAll' ? `up to ${policy.max} wait while a run is at work` : words[policy.kind];
}

export function daylightInWords({ gap, overlap }: DaylightPolicy): string {
  const jumped = gap === 'nextValid' ? 'a time that clocks jump over rings when they jump' : 'a time that clocks jump over does not ring';
  return `${jumped}; one that they show twice rings ${overlap === 'both' ? 'both times' : `the ${overlap} time`}`;
}

const UNITS: readonly [string, Milliseconds][] = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1_000], ['ms', 1]];

/** "90 s" is "1 min 30 s". */
export function durationInWords(ms: Milliseconds): string {
  let rest = ms;
  const parts = UNITS.flatMap(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count > 0 ? [`${count} ${unit}`] : [];
  });
  return parts.length === 0 ? '0 s' : parts.join(' ');
}

function cronInWords(expression: string, timeZone: string): string {
  const [, minute, hour] = /^(\d{1,2}) (\d{1,2}) \* \* \*$/.exec(expression) ?? [];
  if (minute !== undefined && hour !== undefined) return `daily at ${hour.padStart(2, '0')}:${minute.padStart(2, '0')} in ${timeZone}`;
  return `cron "${expression}" in ${timeZone}`;
}
