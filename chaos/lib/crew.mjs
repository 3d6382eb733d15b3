/** The processes of one scene: those at work, and spares that have loaded everything and wait for the place of a dead one. */
import { Ringer } from './ringer.mjs';

export class Crew {
  /** @type {Set<Ringer>} */
  active = new Set();
  /** @type {Ringer[]} */
  #spares = [];
  #closed = false;

  /** @param {{ program: string[], settings: object, spares?: number, onGone: (ringer: Ringer) => void }} options */
  constructor(options) {
    this.options = options;
  }

  /** Puts one more to work; `settings` and `program` differ from those of the crew for this one. @param {object} [settings] @param {string[]} [program] @returns {Promise<Ringer>} */
  async add(settings, program) {
    const ringer = settings === undefined ? (this.#spares.shift() ?? this.#make()) : this.#make(settings, program);
    this.#refill();
    await ringer.go();
    this.active.add(ringer);
    return ringer;
  }

  async close() {
    this.#closed = true;
    await Promise.all([...this.active, ...this.#spares].map((ringer) => ringer.end()));
  }

  #make(settings = {}, program = this.options.program) {
    const ringer = new Ringer(program, { ...this.options.settings, ...settings });
    void ringer.gone.then(() => {
      this.active.delete(ringer);
      this.options.onGone(ringer);
    });
    return ringer;
  }

  #refill() {
    while (!this.#closed && this.#spares.length < (this.options.spares ?? 0)) this.#spares.push(this.#make());
  }
}
