/** One schedule of the pipeline, in memory: where its cursor stands, and what a look at it comes to. Every decision is the engine's. */
import { decideThreshold, decideWhenReady, lookAt, nextLook, owedSince } from '@carillon/engine';
import type { Pipeline, ThresholdTrigger, TimedSchedule, TimeTrigger, Transaction, WhenReadyTrigger } from '@carillon/engine';
import type { Run } from './ledger.js';
import type { ToldOccurrence } from './story.js';

/** What a look needs of the house around it. */
export interface Hands {
  services: never;
  isActive(): boolean;
  ring(scheduledFor: Date, reason: string): void;
  fail(scheduledFor: Date, reason: string, errors: string[]): void;
  missed(occurrence: Omit<ToldOccurrence, 'scope' | 'runId'>): void;
  inTransaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
}

export class Schedule {
  nextLookAt: Date | null;
  #through: Date;
  #lastStartedAt: Date | null = null;
  #lastSuccessStartedAt: Date;
  #failuresInRow = 0;

  constructor(
    private readonly pipeline: Pipeline<never>,
    readonly scope: string,
    private readonly start: Date,
  ) {
    // An instant that falls exactly on the start is owed.
    this.#through = new Date(start.getTime() - 1);
    this.#lastSuccessStartedAt = start;
    this.nextLookAt = this.#firstLook();
  }

  async look(now: Date, hands: Hands): Promise<void> {
    const { trigger } = this.pipeline;
    if (trigger.kind === 'threshold') return this.#lookAtCounter(trigger, now, hands);
    if (trigger.kind === 'whenReady') return this.#lookAtSensor(trigger, now, hands);
    const times = timesOf(this.pipeline);
    if (times) this.#lookAtTimes(times, now, hands);
  }

  /** A run of this pipeline and scope ended, whoever asked for it. */
  settle({ status, startedAt }: Run): void {
    if (status === 'cancelled') return;
    if (status === 'succeeded') this.#lastSuccessStartedAt = startedAt ?? this.#lastSuccessStartedAt;
    this.#failuresInRow = status === 'succeeded' ? 0 : this.#failuresInRow + 1;
  }

  started(now: Date): void {
    this.#lastStartedAt = now;
  }

  /** Decides everything that is owed by now; what is to ring rings after that, in its order. */
  #lookAtTimes(times: TimeTrigger, now: Date, hands: Hands): void {
    const schedule = this.#timed(times);
    let cursor = { through: this.#through, ofBacklog: false };
    for (let more = true; more; ) {
      const look = lookAt(schedule, cursor, now);
      for (const decision of look.decisions) {
        if (decision.fire) hands.ring(decision.scheduledFor, lateness(decision.scheduledFor, now));
        else hands.missed(decision);
      }
      ({ cursor, more } = look);
    }
    this.#through = cursor.through;
    this.nextLookAt = nextLook(schedule, this.#through);
  }

  async #lookAtCounter(trigger: ThresholdTrigger, now: Date, hands: Hands): Promise<void> {
    const active = hands.isActive();
    const asking = { scope: this.scope };
    const read = <T>(ask: ((services: never, transaction: Transaction, asking: { scope: string }) => Promise<T>) | undefined, otherwise: T): Promise<T> =>
      active || !ask ? Promise.resolve(otherwise) : hands.inTransaction((transaction) => ask(hands.services, transaction, asking));
    const counter = this.pipeline.counters.find(({ name }) => name === trigger.counter);
    const ripe = counter?.ripeAt;
    const decision = decideThreshold(trigger, {
      ...(ripe && { ripeAt: await hands.inTransaction((transaction) => ripe(hands.services, transaction, asking)) }),
      ...{ now, active, lastStartedAt: this.#lastStartedAt, lastSuccessStartedAt: this.#lastSuccessStartedAt, failuresInRow: this.#failuresInRow },
      count: await read(counter?.read, 0),
      conditionHolds: await read(this.pipeline.conditions.find(({ name }) => name === trigger.orWhen)?.holds, false),
    });
    if (decision.ring) hands.ring(now, decision.reason);
    this.nextLookAt = decision.nextPollAt;
  }

  /** Only the latest owed instant is waited for; the cursor stands before it until it is decided. */
  async #lookAtSensor(trigger: WhenReadyTrigger, now: Date, hands: Hands): Promise<void> {
    const overtaken = owedSince(trigger.from, this.#through, now, this.start, this.pipeline.daylight, Infinity).owed;
    const scheduledFor = overtaken.pop();
    const sensor = this.pipeline.sensors.find(({ name }) => name === trigger.sensor);
    if (scheduledFor && sensor) {
      for (const earlier of overtaken) hands.missed({ scheduledFor: earlier, outcome: 'coalesced', reason: `not ready before ${scheduledFor.toISOString()} fell due as well` });
      const asking = { scope: this.scope, scheduledFor };
      const decision = decideWhenReady(trigger, scheduledFor, await hands.inTransaction((transaction) => sensor.ready(hands.services, transaction, asking)), now);
      this.#through = decision.kind === 'wait' ? new Date(scheduledFor.getTime() - 1) : scheduledFor;
      if (decision.kind === 'wait') {
        this.nextLookAt = decision.nextLookAt;
        return;
      }
      if (decision.kind === 'ring') hands.ring(scheduledFor, decision.reason);
      else hands.fail(scheduledFor, decision.reason, decision.errors);
    }
    this.nextLookAt = nextLook(this.#timed(trigger.from), this.#through);
  }

  #firstLook(): Date | null {
    const { trigger } = this.pipeline;
    if (trigger.kind === 'threshold') return new Date(this.start.getTime() + trigger.pollMs);
    const times = timesOf(this.pipeline);
    return times ? nextLook(this.#timed(times), this.#through) : null;
  }

  #timed(trigger: TimeTrigger): TimedSchedule {
    const { name, misfire, daylight, jitterMs, deadlineMs } = this.pipeline;
    return { id: `${name}/${this.scope}`, trigger, misfire, daylight, jitterMs, deadlineMs, anchor: this.start };
  }
}

/** The instants from which a pipeline is due, if it has any. */
export function timesOf({ trigger }: Pipeline<never>): TimeTrigger | undefined {
  if (trigger.kind === 'whenReady') return trigger.from;
  return trigger.kind === 'threshold' || trigger.kind === 'after' || trigger.kind === 'manual' ? undefined : trigger;
}

function lateness(scheduledFor: Date, now: Date): string {
  const late = now.getTime() - scheduledFor.getTime();
  return late < 60_000 ? 'due' : `due ${Math.round(late / 1_000)} s ago`;
}
