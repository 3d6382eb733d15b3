/**
 * Rings a pipeline on a virtual clock, for specs: `await ring(news, { services }).at('2026-03-08T02:30', 'America/New_York')` tells what would happen then, and
 * `.between('2026-01-01', '2027-01-01')` what a year would bring. When to ring, what overlaps and what follows a step are the engine's own decisions.
 */
import { owedSince } from '@carillon/engine';
import type { JsonObject, Milliseconds, Pipeline, RunEnd, StepLog, StepOutcome } from '@carillon/engine';
import { NoDatabase, WrongTime } from './errors.js';
import { Interference } from './interference.js';
import type { AnyStep } from './interference.js';
import type { Run } from './ledger.js';
import { instantAt, minuteOf } from './local-time.js';
import type { Time } from './local-time.js';
import { timesOf } from './schedule.js';
import { memory, openDatabase } from './store.js';
import type { Database, Store, Tables } from './store.js';
import { tell } from './story.js';
import type { Story, ToldRun } from './story.js';
import { World } from './world.js';

interface Surroundings {
  /** Tenants, teams or sources that have a schedule of their own; only the whole house unless told. */
  scopes?: readonly string[];
  /** For the jitter of waits, from 0 to 1; it stands still at 0.5 unless told, so that a spec ends the same way every time. */
  random?: () => number;
  log?: StepLog;
}

/** In memory: what steps are given, and nothing to write to. */
export interface InMemory<Services> extends Surroundings {
  services?: Services;
  tables?: undefined;
}

/** With a real database, cloned for this bell and migrated with these tables; `close` removes it. */
export interface WithDatabase<Services> extends Surroundings {
  tables: Tables;
  services: (database: Database) => Services;
}

export function ring<Services>(pipeline: Pipeline<Services>, options: InMemory<NoInfer<Services>> | WithDatabase<NoInfer<Services>> = {}): Bell {
  return new Bell(pipeline as unknown as Pipeline<never>, options as InMemory<never> | WithDatabase<never>);
}

const silent: StepLog = { info: () => undefined, warn: () => undefined };
/** Where a bell stands that was not told when: a Monday morning. */
const MORNING = new Date('2026-01-05T08:00:00Z');

export class Bell {
  readonly #pipeline: Pipeline<never>;
  readonly #options: InMemory<never> | WithDatabase<never>;
  readonly #interference: Interference;
  readonly #downtimes: [Time, Time, string][] = [];
  #opened: Promise<Opened> | undefined;
  #world: World | undefined;

  constructor(pipeline: Pipeline<never>, options: InMemory<never> | WithDatabase<never>) {
    this.#pipeline = pipeline;
    this.#options = options;
    this.#interference = new Interference(pipeline.steps);
  }

  /** What happens in the minute in which clocks show this time; where they show it twice both, where they jump over it the minute after the jump. Runs are followed to their end. */
  async at(time: Time, timeZone = 'UTC'): Promise<Story> {
    const { windows, note } = minuteOf(time, timeZone);
    return this.#told(windows, note);
  }

  /** What happens from a time until just before another one. Runs that began are followed to their end. */
  async between(from: Time, to: Time, timeZone = 'UTC'): Promise<Story> {
    return this.#told([{ from: instantAt(from, timeZone), to: instantAt(to, timeZone) }]);
  }

  /** A run by hand, now, to its end. */
  async run(request: { params?: JsonObject; scope?: string } = {}): Promise<ToldRun> {
    const world = await this.#at(this.#world?.now ?? MORNING);
    const run = world.request({ scope: request.scope ?? '', trigger: 'manual', reason: 'asked for by hand', params: request.params ?? {} });
    await world.finish([run]);
    return told(run);
  }

  /** For a pipeline that follows another one: what happens when a run of that one ends, now. */
  async ended(pipeline: string, run: { status?: RunEnd; counts?: Record<string, number>; scope?: string } = {}): Promise<Story> {
    const world = await this.#at(this.#world?.now ?? MORNING);
    const [runs, occurrences] = [world.ledger.runs.length, world.occurrences.length];
    world.otherEnded({ id: `${pipeline}-run`, pipeline, scope: run.scope ?? '', status: run.status ?? 'succeeded', counts: run.counts ?? {} });
    const rung = world.ledger.runs.slice(runs);
    await world.finish(rung);
    return tell(rung.map(told), world.occurrences.slice(occurrences), []);
  }

  /** The instants that are owed from a time until just before another one, without ringing: nothing is run. */
  due(from: Time, to: Time, timeZone = 'UTC'): Date[] {
    const times = timesOf(this.#pipeline);
    if (!times) throw new WrongTime(`"${this.#pipeline.name}" rings on ${this.#pipeline.trigger.kind}, not at times that can be told ahead`);
    const [start, end] = [instantAt(from, timeZone), instantAt(to, timeZone)];
    const last = new Date(end.getTime() - 1);
    return owedSince(times, new Date(start.getTime() - 1), last, this.#world?.start ?? start, this.#pipeline.daylight, Infinity).owed;
  }

  /** Nobody is there from a time to another one: what is being worked on is lost, and what falls due is missed. */
  down(from: Time, to: Time, timeZone = 'UTC'): this {
    if (this.#world) this.#world.down({ from: instantAt(from, timeZone), to: instantAt(to, timeZone) });
    else this.#downtimes.push([from, to, timeZone]);
    return this;
  }

  /** The next attempts of a step throw this; as many as told, for ever unless told. */
  fails(step: AnyStep, error: unknown, { times = Infinity }: { times?: number } = {}): this {
    this.#interference.trouble(step, { kind: 'fails', error }, times);
    return this;
  }

  /** The next attempts of a step never answer, until their time is up. */
  hangs(step: AnyStep, { times = Infinity }: { times?: number } = {}): this {
    this.#interference.trouble(step, { kind: 'hangs' }, times);
    return this;
  }

  /** The next attempts of a step answer this instead of running their code. */
  answers(step: AnyStep, outcome: StepOutcome, { times = Infinity }: { times?: number } = {}): this {
    this.#interference.trouble(step, { kind: 'answers', outcome }, times);
    return this;
  }

  /** Every attempt of a step takes this long from now on; none takes any time unless told. */
  takes(step: AnyStep, duration: Milliseconds): this {
    this.#interference.takes(step, duration);
    return this;
  }

  /** Where the virtual clock stands. */
  get now(): Date {
    return this.#world?.now ?? MORNING;
  }

  /** The bell's own database, to look at what was written. @throws NoDatabase when it rings in memory */
  async database(): Promise<Database> {
    const { database } = await this.#open();
    if (!database) throw new NoDatabase(`"${this.#pipeline.name}" rings in memory: give it a database with ring(pipeline, { tables: { entities, migrations }, services: (dataSource) => … })`);
    return database;
  }

  /** Removes the database, if there is one. */
  async close(): Promise<void> {
    await (await this.#opened)?.store.close();
  }

  async #told(windows: readonly { from: Date; to: Date }[], note?: string): Promise<Story> {
    const world = await this.#at(windows[0]?.from ?? MORNING);
    const within = (time: Date): boolean => windows.some(({ from, to }) => time >= from && time < to);
    for (const { from, to } of windows) {
      if (!(from < to)) throw new WrongTime(`the time from ${from.toISOString()} to ${to.toISOString()} has nothing in it`);
      if (from < world.start) throw new WrongTime(`this bell hangs since ${world.start.toISOString()}; for an earlier ${from.toISOString()} ring a new one`);
      await world.advanceTo(to);
    }
    const runs = world.ledger.runs.filter((run) => within(run.requestedAt));
    await world.finish(runs);
    const { store } = await this.#open();
    const ids = new Set(runs.map(({ id }) => id));
    const occurrences = world.occurrences.filter(({ runId, scheduledFor }) => (runId === null ? within(scheduledFor) : ids.has(runId)));
    const first = windows[0]?.from ?? world.start;
    const notices = (await store.notices()).filter(({ queuedAt }) => queuedAt >= first);
    return tell(runs.map(told), occurrences, notices, note);
  }

  /** The world, which begins with the first time that is asked for. */
  async #at(time: Date): Promise<World> {
    if (this.#world) return this.#world;
    const { store, services } = await this.#open();
    const { scopes = [''], random = () => 0.5, log = silent } = this.#options;
    this.#world = new World({ pipeline: this.#pipeline, services, store, interference: this.#interference, start: time, scopes, random, log });
    for (const [from, to, timeZone] of this.#downtimes) this.#world.down({ from: instantAt(from, timeZone), to: instantAt(to, timeZone) });
    await store.setClock(time);
    return this.#world;
  }

  #open(): Promise<Opened> {
    return (this.#opened ??= open(this.#options));
  }
}

interface Opened {
  store: Store;
  services: never;
  database?: Database;
}

async function open(options: InMemory<never> | WithDatabase<never>): Promise<Opened> {
  if (options.tables === undefined) return { store: memory, services: options.services as never };
  const { store, database } = await openDatabase(options.tables);
  return { store, database, services: options.services(database) };
}

/** A run as it stands, without what only the ledger needs. */
function told(run: Run): ToldRun {
  const { params: _params, due: _due, ended: _ended, itemErrors: _itemErrors, cancelRequested: _cancelRequested, ...rest } = run;
  return rest;
}
