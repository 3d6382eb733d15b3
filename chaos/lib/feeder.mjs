/**
 * The clients. Half of them ask for runs by a key of their own, and ask another process when the one that they asked is gone: each key must have exactly one run in the
 * end, whoever died while it was made. The others have no key and do not ask twice: what they were answered must exist, what they were not may.
 */
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 40;

/** @param {string} key */
export const isKeyed = (key) => key.startsWith('key-');

export class Feeder {
  /** Key → the run that was answered. @type {Map<string, string>} */
  answered = new Map();
  /** Keys that no process has been given, or whose process died or refused. @type {{ key: string, params: object }[]} */
  #waiting = [];
  /** Everything ever asked for. @type {Set<string>} */
  requested = new Set();
  /** Answers that contradict each other. @type {string[]} */
  contradictions = [];
  #feeding;
  #known = new WeakSet();
  #count = 0;
  #stopped = false;

  /**
   * @param {object} options
   * @param {() => Iterable<import('./ringer.mjs').Ringer>} options.askable processes at work
   * @param {() => Promise<number>} options.countActive
   * @param {number} options.inFlight runs that are not over, about as many as this
   * @param {import('../../bench/lib/random.mjs').Random} options.random
   * @param {number} options.busyMs a step takes up to this long
   */
  constructor(options) {
    this.options = options;
  }

  start() {
    this.#feeding ??= this.#feed();
  }

  /** No new keys; those that are owed an answer get one. Resolves when all are answered. */
  async stop() {
    this.#stopped = true;
    await this.#feeding;
  }

  /** A process that is gone answers nothing any more. @param {import('./ringer.mjs').Ringer} ringer */
  release(ringer) {
    for (const key of [...ringer.owed.keys()]) this.#again(ringer, key);
  }

  #again(ringer, key) {
    const params = ringer.owed.get(key);
    if (!ringer.owed.delete(key)) return;
    if (isKeyed(key)) this.#waiting.push({ key, params });
    else this.requested.delete(key);
  }

  async #feed() {
    while (!this.#stopped || this.#unanswered > 0) {
      if (!this.#stopped) this.#add(this.options.inFlight - (await this.options.countActive()) - this.#unanswered);
      this.#hand();
      await delay(LOOK_EVERY_MS);
    }
  }

  get #unanswered() {
    return [...this.requested].reduce((sum, key) => sum + (this.answered.has(key) ? 0 : 1), 0);
  }

  #add(count) {
    for (let n = 0; n < count; n += 1) {
      this.#count += 1;
      const key = `${this.#count % 2 === 0 ? 'key' : 'once'}-${this.#count}`;
      this.requested.add(key);
      this.#waiting.push({ key, params: { busyMs: Math.floor(this.options.random.uniform() * this.options.busyMs) } });
    }
  }

  #hand() {
    const askable = [...this.options.askable()].filter((ringer) => ringer.alive);
    if (askable.length === 0) return;
    for (const { key, params } of this.#waiting.splice(0)) this.#give(this.options.random.pick(askable), key, params);
  }

  #give(ringer, key, params) {
    if (!this.#known.has(ringer)) {
      this.#known.add(ringer);
      ringer.told.on('answered', ({ answered, runId }) => this.#hear(ringer, answered, runId));
      ringer.told.on('refused', ({ refused }) => this.#again(ringer, refused));
    }
    ringer.owed.set(key, params);
    ringer.order('request', { key, keyed: isKeyed(key), pipeline: 'chime', params });
  }


  #hear(ringer, key, runId) {
    ringer.owed.delete(key);
    const before = this.answered.get(key);
    if (before !== undefined && before !== runId) this.contradictions.push(`${key}: ${before} and ${runId}`);
    this.answered.set(key, runId);
  }
}
