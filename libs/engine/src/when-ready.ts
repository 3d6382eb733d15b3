/**
 * A schedule that is due at a time and rings when what it needs is there: a sensor is asked again and again, what it still misses can be seen, and
 * at the deadline the run fails with that list instead of waiting for ever.
 */
import type { Milliseconds } from './duration.js';
import { DefinitionError } from './errors.js';
import type { Transaction } from './outcome.js';
import type { Asking } from './pipeline.js';
import type { TimeTrigger, TriggerDefinition } from './trigger.js';

export interface WhenReadyTrigger {
  kind: 'whenReady';
  /** Name of the pipeline's sensor. */
  sensor: string;
  /** From when it is looked for. */
  from: TimeTrigger;
  /** How long it is looked for, counted from the instant that `from` owed. */
  deadlineMs: Milliseconds;
  /** How often the sensor is asked. */
  pollMs: Milliseconds;
}

/** What a sensor answers: ready, or the list of what is missing, for people to read. */
export type Readiness = { ready: true } | { ready: false; waitingFor: string[] };

/** Tells whether what a run needs is there. Asked inside the transaction that would create the run. */
export interface Sensor<Services> {
  name: string;
  ready: (services: Services, transaction: Transaction, asking: Asking & { scheduledFor: Date }) => Promise<Readiness>;
}

/** Due when the sensor says so, looked for from each instant of `from` on: `whenReady({ sensor, from: dailyAt('06:00', zone), deadline: hours(3), poll: minutes(1) })`. */
export function whenReady<Services>(options: { sensor: Sensor<Services>; from: TriggerDefinition<unknown>; deadline: Milliseconds; poll?: Milliseconds }): TriggerDefinition<Services> {
  const { sensor, from, deadline, poll = 60_000 } = options;
  const trigger: WhenReadyTrigger = { kind: 'whenReady', sensor: sensor.name, from: from.trigger as TimeTrigger, deadlineMs: deadline, pollMs: poll };
  checkWhenReady(trigger);
  return { trigger, sensor };
}

/** @throws DefinitionError */
export function checkWhenReady({ sensor, from, deadlineMs, pollMs }: WhenReadyTrigger): void {
  if (!['every', 'cron', 'once'].includes(from.kind)) throw new DefinitionError(`whenReady(from: ${from.kind}): write every, cron, dailyAt or once`);
  if (!(Number.isInteger(pollMs) && pollMs >= 100)) throw new DefinitionError(`whenReady(poll: ${pollMs} ms): asking "${sensor}" faster than every 100 ms is not supported`);
  if (!(Number.isInteger(deadlineMs) && deadlineMs >= pollMs)) throw new DefinitionError(`whenReady(deadline: ${deadlineMs} ms): must not be shorter than poll (${pollMs} ms)`);
}

export type WhenReadyDecision =
  | { kind: 'ring'; reason: string }
  | { kind: 'wait'; nextLookAt: Date; waitingFor: string[] }
  | { kind: 'fail'; reason: string; errors: string[] };

/** What follows from one answer of the sensor about one owed instant. */
export function decideWhenReady(trigger: WhenReadyTrigger, scheduledFor: Date, readiness: Readiness, now: Date): WhenReadyDecision {
  const waited = now.getTime() - scheduledFor.getTime();
  if (readiness.ready) return { kind: 'ring', reason: `${trigger.sensor} is ready after ${Math.round(waited / 1_000)} s` };
  const waitingFor = readiness.waitingFor.length > 0 ? readiness.waitingFor : [trigger.sensor];
  const deadline = scheduledFor.getTime() + trigger.deadlineMs;
  if (now.getTime() < deadline) return { kind: 'wait', nextLookAt: new Date(Math.min(now.getTime() + trigger.pollMs, deadline)), waitingFor };
  return { kind: 'fail', reason: `${trigger.sensor} was not ready by ${new Date(deadline).toISOString()}`, errors: waitingFor.map((one) => `still waiting for ${one}`) };
}
