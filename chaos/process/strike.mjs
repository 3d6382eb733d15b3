/**
 * Watches a process from within what it is given, the Postgres client and the bus, and strikes at a named instant: kills it, or lets the statement fail. The product
 * knows nothing of it.
 */
import { writeSync } from 'node:fs';
import pg from 'pg';
import { commitPoint, idsIn, transactionKind } from '../lib/crash-points.mjs';
import { seededRandom } from '../../bench/lib/random.mjs';

/** The pipe to the parent. A write to it is done when it returns, so the last words of the dying arrive. */
const PARENT = 3;
/** @param {object} words */
export const say = (words) => void writeSync(PARENT, `${JSON.stringify(words)}\n`);

/** @type {{ point: string, nth: number } | undefined} */
let armed;
/** @type {{ before: number, after: number, random: () => number } | undefined} */
let faults;

/** The process dies at the n-th passing of the point. @param {{ point: string, nth: number } | undefined} at */
export const arm = (at) => void (armed = at);

/** From now on commits fail with these chances, before or after they happened. @param {{ before: number, after: number, seed: number } | undefined} chances */
export const failCommits = (chances) => void (faults = chances ? { ...chances, random: seededRandom(chances.seed).uniform } : undefined);

/** Marks a named instant; `about` are the ids that it concerns. @param {string} point @param {readonly string[]} about */
export function pass(point, about) {
  if (armed?.point !== point || (armed.nth -= 1) > 0) return;
  say({ struck: point, at: Date.now(), about: [...new Set(about)].slice(0, 200) });
  process.kill(process.pid, 'SIGKILL');
}

const PUBLISHES = ['publishMany', 'publishTogether', 'announce'];

/** The bus that a relay is given: however it publishes, there is an instant before and one after. @template {object} Bus @param {Bus} bus @returns {Bus} */
export function watchedBus(bus) {
  const watched = (publish) => (...given) => {
    const about = idsIn(JSON.stringify(given));
    pass('relay: before publish', about);
    const published = publish.apply(bus, given);
    if (typeof published?.then !== 'function') return pass('relay: after publish', about) ?? published;
    return published.then((results) => pass('relay: after publish', about) ?? results);
  };
  const unknown = PUBLISHES.filter((name) => typeof bus[name] !== 'function');
  if (unknown.length > 0) throw new Error(`the bus has no ${unknown.join(', ')}: chaos/process/strike.mjs does not know how a relay publishes now`);
  const methods = Object.fromEntries(PUBLISHES.map((name) => [name, watched(bus[name])]));
  return new Proxy(bus, { get: (target, name) => methods[name] ?? (typeof target[name] === 'function' ? target[name].bind(target) : target[name]) });
}

/** Wraps every Postgres client of this process. Call once, before the first connects. */
export function watchDatabase() {
  const original = pg.Client.prototype.query;
  /** @type {WeakMap<pg.Client, { statements: string[], about: string[] }>} */
  const open = new WeakMap();
  pg.Client.prototype.query = function query(config, ...rest) {
    const text = typeof config === 'string' ? config : config?.text;
    // Cursors are none of ours.
    if (typeof text !== 'string' || typeof config?.submit === 'function') return original.call(this, config, ...rest);
    const about = idsIn(Array.isArray(rest[0]) ? rest[0] : (config.values ?? []));
    if (/^\s*(BEGIN|START TRANSACTION)/i.test(text)) open.set(this, { statements: [], about: [] });
    const transaction = open.get(this);
    const isCommit = /^\s*COMMIT/i.test(text);
    if (isCommit || /^\s*ROLLBACK\s*;?$/i.test(text)) open.delete(this);
    else if (transaction) {
      transaction.statements.push(text);
      transaction.about.push(...about);
    }
    const kind = isCommit ? transactionKind(transaction?.statements ?? []) : transaction ? undefined : transactionKind([text]);
    if (kind === undefined) return original.call(this, config, ...rest);
    return commit(this, (...given) => original.call(this, config, ...given), rest, kind, isCommit ? (transaction?.about ?? []) : about);
  };
}

/** A statement that commits, asked for with a promise or, as the pool itself does, with a callback. */
function commit(client, send, rest, kind, about) {
  const at = (when) => pass(commitPoint(kind, when) ?? '', about);
  const callback = typeof rest.at(-1) === 'function' ? rest.at(-1) : undefined;
  const answer = (error) => {
    if (error) return error;
    at('after');
    return chance('after') ? cut(client, kind, about) : undefined;
  };
  at('before');
  if (chance('before')) {
    const error = cut(client, kind, about);
    return callback ? void process.nextTick(callback, error) : Promise.reject(error);
  }
  if (callback) {
    send(...rest.slice(0, -1), (error, result) => callback(answer(error), result));
    return at('during');
  }
  const sent = send(...rest);
  at('during');
  return sent.then((result) => {
    const error = answer(undefined);
    if (error) throw error;
    return result;
  });
}

const chance = (when) => faults !== undefined && faults.random() < faults[when];

/** As a network does it: the connection is gone, and the answer with it. */
function cut(client, kind, about) {
  say({ faulted: kind, at: Date.now(), about: [...new Set(about)].slice(0, 200) });
  client.connection.stream.destroy();
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104, syscall: 'read' });
}
