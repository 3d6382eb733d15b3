/**
 * Triggers and policies as somebody else wrote them, in JSON over HTTP or the bus: every field checked, the error naming the field and what would be
 * right. What comes out is exactly what the constructors of a pipeline's own trigger would have made.
 */
import type { AfterTrigger } from './after.js';
import { checkAfter } from './after.js';
import { DefinitionError } from './errors.js';
import type { MisfirePolicy } from './misfire.js';
import { fireAll, fireOnce, skipBeyond } from './misfire.js';
import type { OverlapPolicy } from './overlap.js';
import { allowOverlap, queueAll, queueOne, replaceRunning, skipOverlap } from './overlap.js';
import type { ThresholdTrigger, TimeTrigger, Trigger } from './trigger.js';
import { cron, every, manual, once, threshold } from './trigger.js';
import type { WhenReadyTrigger } from './when-ready.js';
import { checkWhenReady } from './when-ready.js';

type Fields = Record<string, unknown>;

const FIELDS: Record<Trigger['kind'], string[]> = {
  every: ['everyMs', 'runAtOnce'],
  cron: ['expression', 'timeZone'],
  once: ['at'],
  threshold: ['counter', 'atLeast', 'orEveryMs', 'minGapMs', 'pollMs', 'backOffMs', 'orWhen'],
  whenReady: ['sensor', 'from', 'deadlineMs', 'pollMs'],
  after: ['pipeline', 'outcomes', 'when', 'scope'],
  manual: [],
};

/** @throws DefinitionError */
export function readTrigger(value: unknown): Trigger {
  const fields = object('trigger', value);
  const kind = oneOf('trigger.kind', fields['kind'], Object.keys(FIELDS)) as Trigger['kind'];
  onlyKnown('trigger', fields, ['kind', ...FIELDS[kind]]);
  if (kind === 'threshold') return readThreshold(fields);
  if (kind === 'whenReady') return readWhenReady(fields);
  if (kind === 'after') return readAfter(fields);
  return kind === 'manual' ? manual().trigger : readTime(kind, fields);
}

/** @throws DefinitionError */
export function readMisfire(value: unknown): MisfirePolicy {
  const fields = object('misfire', value);
  const kind = oneOf('misfire.kind', fields['kind'], ['fireOnce', 'fireAll', 'skip']);
  onlyKnown('misfire', fields, ['kind', 'which', 'max', 'graceMs']);
  if (kind === 'fireAll') return fireAll(number('misfire.max', fields['max']));
  if (kind === 'skip') return skipBeyond(number('misfire.graceMs', fields['graceMs']));
  return fireOnce(oneOf('misfire.which', fields['which'] ?? 'latest', ['latest', 'earliest']) as 'latest' | 'earliest');
}

/** @throws DefinitionError */
export function readOverlap(value: unknown): OverlapPolicy {
  const fields = object('overlap', value);
  const kind = oneOf('overlap.kind', fields['kind'], ['skip', 'queueOne', 'queueAll', 'replace', 'allow']) as OverlapPolicy['kind'];
  onlyKnown('overlap', fields, ['kind', 'max']);
  return kind === 'queueAll' ? queueAll(number('overlap.max', fields['max'])) : { skip: skipOverlap, queueOne, replace: replaceRunning, allow: allowOverlap }[kind];
}

function readTime(kind: 'every' | 'cron' | 'once', fields: Fields): TimeTrigger {
  if (kind === 'every') return every(number('trigger.everyMs', fields['everyMs']), { runAtOnce: fields['runAtOnce'] === true }).trigger as TimeTrigger;
  if (kind === 'once') return once(text('trigger.at', fields['at'])).trigger as TimeTrigger;
  return cron(text('trigger.expression', fields['expression']), text('trigger.timeZone', fields['timeZone'] ?? 'UTC')).trigger as TimeTrigger;
}

function readThreshold(fields: Fields): Trigger {
  const { trigger } = threshold<unknown>({
    count: { name: text('trigger.counter', fields['counter']), read: async () => 0 },
    atLeast: number('trigger.atLeast', fields['atLeast']),
    orEvery: number('trigger.orEveryMs', fields['orEveryMs']),
    poll: number('trigger.pollMs', fields['pollMs']),
    minGap: number('trigger.minGapMs', fields['minGapMs'] ?? 0),
    ...(fields['backOffMs'] !== undefined && { backOff: number('trigger.backOffMs', fields['backOffMs']) }),
  });
  return fields['orWhen'] === undefined ? trigger : { ...(trigger as ThresholdTrigger), orWhen: text('trigger.orWhen', fields['orWhen']) };
}

function readWhenReady(fields: Fields): WhenReadyTrigger {
  const from = object('trigger.from', fields['from']);
  const kind = oneOf('trigger.from.kind', from['kind'], ['every', 'cron', 'once']) as TimeTrigger['kind'];
  onlyKnown('trigger.from', from, ['kind', ...FIELDS[kind]]);
  const trigger: WhenReadyTrigger = {
    kind: 'whenReady',
    sensor: text('trigger.sensor', fields['sensor']),
    from: readTime(kind, from),
    deadlineMs: number('trigger.deadlineMs', fields['deadlineMs']),
    pollMs: number('trigger.pollMs', fields['pollMs'] ?? 60_000),
  };
  checkWhenReady(trigger);
  return trigger;
}

function readAfter(fields: Fields): AfterTrigger {
  const list = (name: string, value: unknown): unknown[] => {
    if (!Array.isArray(value)) throw new DefinitionError(`${name}: must be a list`);
    return value;
  };
  const trigger: AfterTrigger = {
    kind: 'after',
    pipeline: text('trigger.pipeline', fields['pipeline']),
    outcomes: list('trigger.outcomes', fields['outcomes'] ?? ['succeeded']) as AfterTrigger['outcomes'],
    when: list('trigger.when', fields['when'] ?? []).map((one, index) => {
      const name = `trigger.when[${index}]`;
      const condition = object(name, one);
      onlyKnown(name, condition, ['count', 'atLeast', 'atMost']);
      const bound = (key: 'atLeast' | 'atMost'): object => (condition[key] === undefined ? {} : { [key]: number(`${name}.${key}`, condition[key]) });
      return { count: text(`${name}.count`, condition['count']), ...bound('atLeast'), ...bound('atMost') };
    }),
    scope: (fields['scope'] ?? 'same') as AfterTrigger['scope'],
  };
  checkAfter(trigger);
  return trigger;
}

function object(name: string, value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new DefinitionError(`${name}: must be an object`);
  return value as Fields;
}

function text(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.length > 500) throw new DefinitionError(`${name}: must be a text of 1 to 500 characters`);
  return value;
}

function number(name: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new DefinitionError(`${name}: must be a number`);
  return value;
}

function oneOf(name: string, value: unknown, allowed: readonly string[]): string {
  if (typeof value !== 'string' || !allowed.includes(value)) throw new DefinitionError(`${name} ${JSON.stringify(value) ?? 'is missing'}: write one of ${allowed.join(', ')}`);
  return value;
}

function onlyKnown(name: string, fields: Fields, known: readonly string[]): void {
  const strange = Object.keys(fields).find((field) => !known.includes(field));
  if (strange !== undefined) throw new DefinitionError(`${name}.${strange} is not a field of it: there is ${known.join(', ')}`);
}
