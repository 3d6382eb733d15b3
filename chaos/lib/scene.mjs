/**
 * The stage of one fault: a database of its own, processes at work on it, clients that ask for runs, and afterwards a verdict by sets of ids. A fault harms; the scene
 * says what that came to.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Crew } from './crew.mjs';
import { openWitness } from './database.mjs';
import { Feeder } from './feeder.mjs';
import { activeRuns, addSchedules, countActive, heldBy, pauseSchedules, runsBehind } from './ledger.mjs';
import { judge } from './judge.mjs';

export const LEASE_MS = 3_000;
/** What is not over this long after the harm has ended is lost. */
const QUIET_WITHIN_MS = 90_000;
/** A machine that does much else besides takes its time. */
const BUSY_WITHIN_MS = 60_000;

/**
 * @typedef {object} SceneOptions
 * @property {string[]} [program] that they run, instead of the ringer
 * @property {number} [ringers] at work
 * @property {number} [spares]
 * @property {number} [inFlight] runs that are not over
 * @property {number} [busyMs] a step takes up to this long
 * @property {number} [schedules] that ring every second
 * @property {object} [settings] of the processes
 * @property {(url: string) => string} [databaseThrough] gives the processes another way to the database
 * @property {(url: string) => string} [natsThrough]
 * @property {boolean} [keepBus] somebody else is on the bus
 */

export class Scene {
  /** Harm done, for the recovery times. @type {{ at: number, runs: Set<string> }[]} */
  #strikes = [];
  #aheadMs = 0;
  /** The furthest that the clock was ever set back. */
  #setBackMs = 0;

  /** @param {import('./servers.mjs').Servers} servers @param {{ program: string[], random: import('../../bench/lib/random.mjs').Random }} means @param {SceneOptions} options */
  static async open(servers, means, options = {}) {
    const database = await servers.newDatabase();
    const scene = new Scene(servers, means, { ringers: 2, spares: 0, inFlight: 16, busyMs: 200, schedules: 0, settings: {}, ...options }, database);
    await scene.#open();
    return scene;
  }

  constructor(servers, means, options, database) {
    Object.assign(this, { servers, options, database, random: means.random });
    this.url = servers.databaseUrl(database);
    this.outside = join(servers.folder, `${database}.outside`);
    writeFileSync(this.outside, '');
    const { ask, close } = openWitness(this.url);
    Object.assign(this, { ask, closeWitness: close });
    const through = options.databaseThrough ?? ((url) => url);
    const natsThrough = options.natsThrough ?? ((url) => url);
    this.crew = new Crew({
      program: options.program ?? means.program,
      spares: options.spares,
      onGone: (ringer) => this.#gone(ringer),
      settings: {
        ...{ databaseUrl: through(this.url), natsUrl: natsThrough(servers.natsUrl()), leaseMs: LEASE_MS, poolSize: 5, version: 'old', rings: options.schedules > 0 },
        ...{ rescueEveryMs: 250, graceMs: 5_000, statementTimeoutMs: 3_000, logLevel: process.env.CHAOS_LOG ?? 'silent', outside: this.outside, sabotage: process.env.CHAOS_SABOTAGE === 'effects', ...options.settings },
      },
    });
    this.feeder = new Feeder({ askable: () => this.crew.active, countActive: () => countActive(this.ask, 'chime'), inFlight: options.inFlight, random: this.random, busyMs: options.busyMs });
  }

  async #open() {
    await this.#clearBus();
    await Promise.all(Array.from({ length: this.options.ringers }, () => this.crew.add()));
    if (this.options.schedules > 1) await addSchedules(this.ask, 'peal', this.options.schedules - 1);
    this.feeder.start();
  }

  /** Messages of an earlier scene's runs would find no row here; they are harmless, and only take time. */
  async #clearBus() {
    if (this.options.keepBus) return;
    await this.servers.freshNats();
  }

  /** Ended although nobody harmed it: the product fell over, which is a finding. */
  fallen = [];

  #gone(ringer) {
    this.feeder.release(ringer);
    if (!ringer.harmed && !this.closing) this.fallen.push(`process ${ringer.pid} ended by itself: ${ringer.errors.trim() || ringer.child.exitCode}`);
  }

  /** Waits for some work to be going on, so that harm meets it. */
  async busy(atLeast = Math.ceil(this.options.inFlight / 2)) {
    await until(async () => (await activeRuns(this.ask)).length >= atLeast, BUSY_WITHIN_MS, `${atLeast} runs to be under way`);
  }

  /** Notes harm done now to these runs, or to all that are not over. @param {Iterable<string>} [runs] @param {number} [at] */
  async strike(runs, at) {
    const affected = new Set(runs ?? (await activeRuns(this.ask)));
    const strike = { at: at ?? Date.now(), runs: affected };
    this.#strikes.push(strike);
    return strike;
  }

  /** Notes harm to whatever is behind these ids. @param {string[]} about @param {number} at */
  strikeAt(about, at) {
    this.#strikes.push({ at, runs: new Set(), about });
  }

  /** Notes the death of a process: what it held, and what it was about when it struck itself. @param {import('./ringer.mjs').Ringer} ringer */
  async death(ringer) {
    await ringer.gone;
    const at = ringer.lastWords?.at ?? ringer.diedAt;
    const held = await heldBy(this.ask, ringer.serviceId);
    const strike = await this.strike(held, at);
    return Object.assign(strike, { about: ringer.lastWords?.about ?? [], keys: [...ringer.owed.keys()] });
  }

  /** Resolves when each of the runs that were harmed has settled a step since. */
  goneOn({ at, runs }, withinMs) {
    const standing = `SELECT id FROM unnest($1::uuid[]) id WHERE NOT EXISTS (SELECT FROM chaos.effect e WHERE e.run_id = id AND e.at >= to_timestamp($2::float8 / 1000))`;
    return until(async () => {
      const active = new Set(await activeRuns(this.ask));
      return (await this.ask(standing, [[...runs], at])).every(({ id }) => !active.has(id));
    }, withinMs, 'harmed runs to go on');
  }

  /** The engine's clock is this far ahead of the real one. @param {number} ms */
  async moveClock(ms) {
    this.#setBackMs = Math.max(this.#setBackMs, this.#aheadMs - ms);
    this.#aheadMs = ms;
    await this.ask(`CREATE OR REPLACE FUNCTION engine.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT statement_timestamp() + interval ''${ms} milliseconds'''`);
  }

  /** The harm has ended: no new work, and everything asked for comes to its end. */
  async calm() {
    if (this.options.schedules > 0) await pauseSchedules(this.ask);
    const within = Date.now() + QUIET_WITHIN_MS;
    const answered = this.feeder.stop();
    await Promise.race([answered, delay(QUIET_WITHIN_MS, undefined, { ref: false })]);
    await until(async () => (await activeRuns(this.ask)).length === 0, Math.max(1_000, within - Date.now()), 'quiet').catch(() => undefined);
  }

  /** @returns {Promise<{ attempts: number, recoveries: number[], strikes: { at: number, recoveredMs: number | undefined }[], lost: string[], doubled: string[] }>} */
  async verdict() {
    const { effects, ...verdict } = await judge(this.ask, { answered: this.feeder.answered, requested: this.feeder.requested, contradictions: this.feeder.contradictions, outside: readFileSync(this.outside, 'utf8'), setBackMs: this.#setBackMs });
    const times = new Map();
    for (const { run, at } of effects) (times.get(run) ?? times.set(run, []).get(run)).push(at);
    for (const strike of this.#strikes) strike.recoveredMs = await this.#recovery(strike, times);
    const recoveries = this.#strikes.map((strike) => strike.recoveredMs).filter((ms) => ms !== undefined);
    return { attempts: this.#strikes.length, recoveries, strikes: this.#strikes, ...verdict, lost: [...verdict.lost, ...this.fallen] };
  }

  /** Quiet, the verdict, and the stage is cleared. */
  async finish() {
    await this.calm();
    const verdict = await this.verdict();
    await this.close();
    return verdict;
  }

  async close() {
    this.closing = true;
    await this.crew.close();
    await this.closeWitness();
    await this.servers.dropDatabase(this.database);
  }

  /** Until the last affected run has settled its next step; undefined when there was nothing left to settle. */
  async #recovery({ at, runs, about = [], keys = [] }, times) {
    const behind = about.length === 0 ? [] : await runsBehind(this.ask, about);
    // A ring that never came to be is made up for by a later run of the schedule.
    const scheduled = behind.filter((run) => run.scheduled).map(({ id }) => id);
    const own = new Set([...runs, ...behind.filter((run) => !run.scheduled).map(({ id }) => id), ...keys.flatMap((key) => this.feeder.answered.get(key) ?? [])]);
    const next = (id) => times.get(id)?.find((time) => time >= at);
    const waits = [...own].map(next).filter((time) => time !== undefined);
    if (waits.length === 0) waits.push(...scheduled.filter((id) => times.get(id)?.[0] >= at).map(next).sort((a, b) => a - b).slice(0, 1));
    return waits.length === 0 ? undefined : Math.max(...waits) - at;
  }
}

/** @param {() => Promise<boolean>} holds @param {number} within @param {string} what */
export async function until(holds, within, what) {
  for (const end = Date.now() + within; !(await holds()); await delay(25)) if (Date.now() > end) throw new Error(`waited ${within} ms for ${what} in vain`);
}
