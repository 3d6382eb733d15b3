/** One process to be harmed, seen from outside: orders go in by its stdin, what it says comes out of pipe 3. */
import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { createInterface } from 'node:readline';
import { isEnding } from './endings.mjs';

/** @typedef {{ struck: string, at: number, about: string[] }} LastWords */

/** Those that run now; whoever ends us ends them. @type {Set<Ringer>} */
const running = new Set();
export const endRingers = () => Promise.all([...running].map((ringer) => ringer.end()));

const ERRORS_KEPT = 4_000;

export class Ringer {
  /** Requests that it was given and has not answered. @type {Map<string, object>} */
  owed = new Map();
  /** What it said when it struck itself. @type {LastWords | undefined} */
  lastWords;
  /** @type {string | undefined} */
  serviceId;
  errors = '';
  /** Something must be wrong with a process that ends when nobody harmed it. */
  harmed = false;
  told = new EventEmitter().setMaxListeners(0);

  /** @param {string[]} program @param {object} settings */
  constructor(program, settings) {
    this.settings = settings;
    this.child = spawn(process.execPath, [...program, JSON.stringify(settings)], { stdio: ['pipe', 'ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH, NODE_ENV: 'production' } });
    this.child.stdin.on('error', () => undefined);
    this.child.stderr.on('data', (data) => {
      this.errors = (this.errors + data).slice(-ERRORS_KEPT);
      if (settings.logLevel !== 'silent') process.stderr.write(data);
    });
    createInterface({ input: this.child.stdio[3] }).on('line', (line) => this.#hear(JSON.parse(line)));
    running.add(this);
    /** Resolves with the exit code or the signal when it is gone and has been heard to the end. @type {Promise<number | string>} */
    this.gone = new Promise((resolve) =>
      this.child.once('close', (code, signal) => {
        running.delete(this);
        this.diedAt = Date.now();
        this.told.emit('gone');
        resolve(code ?? signal);
      }),
    );
    this.ready = this.heard('ready');
    this.ready.catch(() => undefined);
  }

  get pid() {
    return this.child.pid;
  }

  get alive() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** @param {string} what @param {unknown} [argument] */
  order(what, argument) {
    if (this.alive) this.child.stdin.write(`${JSON.stringify([what, argument])}\n`);
  }

  /** Resolves when it says so; rejects when it ends before. @param {string} what */
  heard(what) {
    return new Promise((resolve, reject) => {
      this.told.once(what, resolve);
      // When everything is being ended nobody waits for an answer any more.
      this.told.once('gone', () => isEnding() || reject(new Error(`a process ended (${this.child.exitCode ?? this.child.signalCode}) before it was ${what}: ${this.errors || 'it said nothing'}`)));
    });
  }

  async go() {
    await this.ready;
    this.order('go');
    await this.heard('going');
  }

  /** @param {NodeJS.Signals} signal */
  signal(signal) {
    this.harmed ||= signal !== 'SIGCONT';
    if (this.alive) this.child.kill(signal);
  }

  async end() {
    this.signal('SIGKILL');
    return this.gone;
  }

  #hear(words) {
    if (words.ready !== undefined) this.serviceId = words.ready;
    if (words.struck !== undefined) {
      this.lastWords = words;
      this.harmed = true;
    }
    if (isEnding()) return;
    for (const what of ['ready', 'going', 'answered', 'refused', 'holding', 'faulted']) if (words[what] !== undefined) this.told.emit(what, words);
  }
}
