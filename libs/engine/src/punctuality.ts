/** The policies about starting on time, with their defaults, and the code of a pipeline that triggers name. */
import type { DaylightPolicy } from './daylight.js';
import { daylightSaving } from './daylight.js';
import type { Milliseconds } from './duration.js';
import { days } from './duration.js';
import { DefinitionError } from './errors.js';
import type { Condition, Counter, Pipeline } from './pipeline.js';
import type { TriggerDefinition } from './trigger.js';
import type { Sensor } from './when-ready.js';

export interface PunctualityOptions {
  /** What becomes of times that clocks jump over or show twice. */
  daylight?: Partial<DaylightPolicy>;
  /** Each schedule starts later by its own share of this, so that many do not start at once. */
  jitter?: Milliseconds;
  /** What would start later than this after it was due is recorded as expired instead. */
  deadline?: Milliseconds | null;
}

export interface Punctuality {
  daylight: DaylightPolicy;
  jitterMs: Milliseconds;
  deadlineMs: Milliseconds | null;
}

/** No jitter, and never too late, unless told. @throws DefinitionError that begins with `whose` */
export function checkPunctuality(whose: string, { daylight, jitter = 0, deadline = null }: PunctualityOptions): Punctuality {
  if (!(Number.isInteger(jitter) && jitter >= 0 && jitter <= days(1))) throw new DefinitionError(`${whose}: jitter ${jitter} ms must be a whole number from 0 to ${days(1)} (a day)`);
  if (deadline !== null && !(Number.isInteger(deadline) && deadline >= 0 && deadline <= days(3650))) throw new DefinitionError(`${whose}: deadline ${deadline} ms must be a whole number of 0 or more`);
  return { daylight: daylightSaving(daylight), jitterMs: jitter, deadlineMs: deadline };
}

/** Code that schedules may name in their triggers, beside what the pipeline's own trigger brings. */
export interface NamedCode<Services> {
  counters?: readonly Counter<Services>[];
  conditions?: readonly Condition<Services>[];
  sensors?: readonly Sensor<Services>[];
}

/** @throws DefinitionError when two of a kind share a name */
export function namedCode<Services>(name: string, trigger: TriggerDefinition<Services>, { counters = [], conditions = [], sensors = [] }: NamedCode<Services>): Pick<Pipeline<Services>, 'counters' | 'conditions' | 'sensors'> {
  const code = {
    counters: trigger.counter ? [trigger.counter, ...counters] : counters,
    conditions: trigger.condition ? [trigger.condition, ...conditions] : conditions,
    sensors: trigger.sensor ? [trigger.sensor, ...sensors] : sensors,
  };
  for (const [kind, list] of Object.entries(code)) {
    const double = list.find((one, index) => list.some((other, place) => place > index && other.name === one.name && other !== one));
    if (double) throw new DefinitionError(`pipeline "${name}" has two ${kind} called "${double.name}"`);
  }
  return code;
}
