/**
 * A house with one pipeline in it and a clock of its own: time jumps from one thing that happens to the next, so a year takes as long as its steps' own code. What
 * happens, and in which order, is what schedulers and workers would do: finished work is settled, then what is due rings, then due steps begin.
 */
import { boundedOutput, decideAfter, fail, TransientError } from '@carillon/engine';
import type { AttemptContext, EndedRun, JsonObject, Pipeline, Step, StepLog, StepOutcome } from '@carillon/engine';
import { NeverEnds, NoDatabase, UnknownStep, WrongTime } from './errors.js';
import type { Interference } from './interference.js';
import { Ledger } from './ledger.js';
import type { Due, NewRun, Run } from './ledger.js';
import { Schedule } from './schedule.js';
import type { Store } from './store.js';
import type { ToldOccurrence } from './story.js';
import { Tools } from './tools.js';

export interface WorldOptions {
  pipeline: Pipeline<never>;
  services: never;
  store: Store;
  interference: Interference;
  start: Date;
  scopes: readonly string[];
  random: () => number;
  log: StepLog;
}

/** Something that will happen. */
interface Event {
  at: Date;
  /** Of those at one instant, the lower one happens first. */
  rank: number;
  act: () => Promise<void>;
}

/** While nobody is there, nothing rings and nothing is worked on. */
export interface Downtime {
  from: Date;
  to: Date;
}

/** A run that is not over after this many further events is not going to be. */
const MOST_EVENTS_AFTERWARDS = 20_000;

export class World {
  now: Date;
  readonly ledger: Ledger;
  readonly occurrences: ToldOccurrence[] = [];
  readonly downtimes: Downtime[] = [];
  readonly #schedules: Schedule[];
  readonly #tools: Tools;

  constructor(private readonly options: WorldOptions) {
    const { pipeline, start, scopes, random } = options;
    this.now = start;
    this.#tools = new Tools((write) => this.options.store.inTransaction(write));
    this.ledger = new Ledger(pipeline, random, (run) => this.#schedules.find((one) => one.scope === run.scope)?.settle(run));
    this.#schedules = scopes.map((scope) => new Schedule(pipeline, scope, start));
  }

  get start(): Date {
    return this.options.start;
  }

  /** Lets everything happen that happens before this time, and moves the clock there. */
  async advanceTo(time: Date): Promise<void> {
    for (let event = this.#next(); event && event.at < time; event = this.#next()) await this.#happen(event);
    if (time > this.now) this.now = time;
  }

  /** Lets time pass until these runs are over. @throws NeverEnds */
  async finish(runs: readonly Run[]): Promise<void> {
    for (let events = 0; ; events += 1) {
      const open = runs.find((run) => run.finishedAt === null);
      if (!open) return;
      const event = this.#next();
      if (!event || events > MOST_EVENTS_AFTERWARDS) throw new NeverEnds(`${open.id} of "${this.options.pipeline.name}" is still ${open.status} at ${this.now.toISOString()}; its last step was ${JSON.stringify(open.steps.at(-1) ?? null)}`);
      await this.#happen(event);
    }
  }

  request(run: NewRun): Run {
    return this.ledger.create(run, this.now);
  }

  /** A run of another pipeline ended, now. */
  otherEnded(run: EndedRun): void {
    const { trigger } = this.options.pipeline;
    if (trigger.kind !== 'after' || trigger.pipeline !== run.pipeline) return;
    for (const { scope } of this.#schedules) {
      const decision = decideAfter(trigger, scope, run);
      if (decision?.ring) this.#ring({ scope: decision.scope, trigger: 'after', reason: decision.reason, scheduledFor: this.now });
      else if (decision) this.occurrences.push({ scope, scheduledFor: this.now, outcome: 'skipped', reason: decision.reason, runId: null });
    }
  }

  down(downtime: Downtime): void {
    if (downtime.from < this.now) throw new WrongTime(`it is ${this.now.toISOString()} here: a downtime from ${downtime.from.toISOString()} on would change what happened`);
    if (!(downtime.to > downtime.from)) throw new WrongTime(`a downtime must end after it began: ${downtime.from.toISOString()} to ${downtime.to.toISOString()}`);
    this.downtimes.push(downtime);
  }

  async #happen({ at, act }: Event): Promise<void> {
    if (at > this.now) this.now = at;
    await this.options.store.setClock(this.now);
    await act();
  }

  #next(): Event | undefined {
    let next: Event | undefined;
    const offer = (at: Date, rank: number, act: Event['act']): void => {
      const event = { at: this.#awake(at), rank, act };
      if (!next || event.at < next.at || (event.at.getTime() === next.at.getTime() && rank < next.rank)) next = event;
    };
    for (const schedule of this.#schedules) if (schedule.nextLookAt) offer(schedule.nextLookAt, 1, () => this.#look(schedule));
    for (const run of this.ledger.active) {
      const { due } = run;
      if (!due) continue;
      const death = due.working && this.#deathIn(due.working);
      if (death) offer(death.to, 0, async () => this.ledger.lose(run, death.from, this.now));
      else if (due.working) offer(due.working.until, 0, () => this.#settle(run, due));
      else offer(due.at, 2, () => this.#begin(run, due));
    }
    return next;
  }

  #awake(at: Date): Date {
    return this.downtimes.reduce((time, { from, to }) => (time >= from && time < to ? to : time), at);
  }

  #deathIn({ startedAt, until }: { startedAt: Date; until: Date }): Downtime | undefined {
    return this.downtimes.find(({ from }) => from > startedAt && from <= until);
  }

  async #look(schedule: Schedule): Promise<void> {
    const { pipeline, services, store } = this.options;
    const { scope } = schedule;
    const trigger = pipeline.trigger.kind;
    await schedule.look(this.now, {
      services,
      isActive: () => this.ledger.activeOf(scope).length > 0,
      inTransaction: (work) => store.inTransaction(work),
      missed: (occurrence) => this.occurrences.push({ scope, ...occurrence, runId: null }),
      ring: (scheduledFor, reason) => this.#ring({ scope, trigger, reason, scheduledFor }, schedule),
      fail: (scheduledFor, reason, errors) => {
        const run = this.ledger.fail({ scope, trigger, reason, scheduledFor }, errors, this.now);
        this.occurrences.push({ scope, scheduledFor, outcome: 'expired', reason, runId: run.id });
      },
    });
  }

  #ring(newRun: NewRun & { scheduledFor: Date }, schedule?: Schedule): void {
    const run = this.ledger.create(newRun, this.now);
    const skipped = run.status === 'skipped';
    this.occurrences.push({ scope: run.scope, scheduledFor: newRun.scheduledFor, outcome: skipped ? 'skipped' : 'ran', reason: run.reason, runId: run.id });
    if (!skipped) schedule?.started(this.now);
  }

  /** The step's own code runs here and now; its outcome is settled when its time is over. */
  async #begin(run: Run, due: Due): Promise<void> {
    const { plan } = due;
    const { duration, trouble } = this.options.interference.next(plan.name);
    const startedAt = this.now;
    const late = trouble?.kind === 'hangs' || duration > plan.timeoutMs;
    const outcome = late ? fail(new TransientError('the step did not finish in time')) : await this.#outcome(run, due, trouble);
    due.working = { startedAt, until: new Date(startedAt.getTime() + (late ? plan.timeoutMs : duration)), outcome };
  }

  async #outcome(run: Run, { plan, attempt }: Due, trouble: ReturnType<Interference['next']>['trouble']): Promise<StepOutcome> {
    const { pipeline, services, log } = this.options;
    const step = this.#step(plan.name);
    if (trouble?.kind === 'answers') return trouble.outcome;
    if (trouble?.kind === 'fails') return { kind: 'fail', error: step.judge(trouble.error) };
    const { id, scope, trigger, params } = run;
    const { signal } = new AbortController();
    const context: AttemptContext<never> = {
      ...{ run: { id, pipeline: pipeline.name, scope, trigger, params }, step: plan.name, attempt, now: this.now, services, outputs: clone(run.outputs) },
      ...{ signal, progress: () => undefined, log },
      ...this.#tools.for(id, plan.name, this.now, signal),
    };
    return step.run(context);
  }

  async #settle(run: Run, { plan, working }: Due): Promise<void> {
    this.ledger.settle(run, await this.#committed(plan.name, working?.outcome ?? fail(new Error('nothing came of it'))), this.now);
  }

  /** A step whose last write fails has failed, and so has one that hands on more than a ledger takes. */
  async #committed(name: string, outcome: StepOutcome): Promise<StepOutcome> {
    if (outcome.kind !== 'done') return outcome;
    try {
      if (outcome.output) boundedOutput(`step "${name}"`, outcome.output);
      if (outcome.write) await this.options.store.inTransaction(outcome.write);
      return outcome;
    } catch (thrown) {
      if (thrown instanceof NoDatabase) throw thrown;
      return { kind: 'fail', error: this.#step(name).judge(thrown), thrown };
    }
  }

  #step(name: string): Step<never> {
    const step = this.options.pipeline.steps.find((one) => one.name === name);
    if (!step) throw new UnknownStep(`step "${name}" is not in pipeline "${this.options.pipeline.name}"`);
    return step;
  }
}

/** As JSON in the ledger would be: a step can not change what another one left. */
const clone = (outputs: Record<string, JsonObject>): Record<string, JsonObject> => JSON.parse(JSON.stringify(outputs)) as Record<string, JsonObject>;
