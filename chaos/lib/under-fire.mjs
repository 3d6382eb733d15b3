/**
 * The side that delivers, under fire: notifiers and nats-server that die, a Bot API that dies and refuses. And the verdict on what arrived there: each reader gets each notice once, or twice where
 * the second says that it may be a repetition; what nobody knows is shown as uncertain. Judged by sets of ids.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { fakeBotApi, MISHAPS } from './bot-api.mjs';
import { until } from './scene.mjs';

const NOTIFIERS = 2;
/** Of all requests. */
const MISHAP_SHARE = 0.06;
const PAUSE_MS = [150, 700];
const AWAY_MS = 500;
/** A claim outlives the longest delivery, a repeated one is cut short once more at worst; then all is told. */
const QUIET_WITHIN_MS = 120_000;
const MARK = '🔁 <i>Possibly repeated</i>\n';

/** @typedef {{ id: string, key: string, status: string, repeated: boolean }} NoticeRow */

/**
 * Opens fire on a scene: from now on requests are met badly, and whoever asks for a harm gets one.
 * @param {import('./faults.mjs').Context} context @param {import('./scene.mjs').Scene} scene
 * @param {{ repeats: string }} options the message type that goes out once more, marked, when nobody knows whether it arrived
 */
export async function openFire({ random, servers, program }, scene, { repeats }) {
  const notifier = await program('notifier');
  let calm = false;
  const telegram = await fakeBotApi(() => (!calm && random.uniform() < MISHAP_SHARE ? random.pick(Object.keys(MISHAPS)) : undefined));
  const settings = { natsUrl: servers.natsUrl('notifier'), apiRoot: telegram.root, notices: { noticeConcurrency: 16, noticeRepeatUncertain: [`telegram:${repeats}`] } };
  const addNotifier = () => scene.crew.add(settings, notifier);
  const isNotifier = (ringer) => ringer.settings.apiRoot !== undefined;
  const some = (wanted) => [...scene.crew.active].filter(wanted);
  await Promise.all(Array.from({ length: NOTIFIERS }, addNotifier));
  const kill = async (victim) => {
    void victim.end();
    await scene.death(victim);
    return victim;
  };
  return {
    telegram,
    kill,
    schedulers: () => some((ringer) => !isNotifier(ringer)),
    /** Each ends when what it did away with is back. */
    harms: {
      notifier: async () => (await kill(random.pick(some(isNotifier))), await addNotifier()),
      nats: async () => {
        await scene.strike();
        await servers.killNats();
        await delay(random.uniform() * AWAY_MS);
        await servers.startNats();
      },
      'Bot API': () => telegram.away(random.uniform() * AWAY_MS),
    },
    /** Between two harms. */
    pause: () => delay(PAUSE_MS[0] + random.uniform() * (PAUSE_MS[1] - PAUSE_MS[0])),
    /** Nothing is refused any more, and every notice comes to an end, or is found to have none. @returns {Promise<NoticeRow[]>} */
    async cease() {
      calm = true;
      const open = `SELECT FROM notices.notice WHERE status NOT IN ('sent', 'uncertain', 'dead', 'undeliverable') LIMIT 1`;
      await until(async () => (await scene.ask(open)).length === 0, QUIET_WITHIN_MS, 'every notice to come to an end').catch(() => undefined);
      return scene.ask('SELECT id, dedupe_key AS key, status, possibly_repeated AS repeated FROM notices.notice');
    },
  };
}

/**
 * Pure. Lost: not over, dead, or sent and nowhere to be seen. Doubled: seen twice without the mark, or twice with it, or with a mark that the ledger knows nothing of, or told by no notice at all.
 * @param {NoticeRow[]} rows @param {Map<string, string>} filed dedupe key → text @param {string[]} arrived one entry for each arrival
 * @param {(text: string) => string} [nameOf] what is compared of an arrival, its mark taken away
 */
export function verdictOnArrivals(rows, filed, arrived, nameOf = (text) => text) {
  const of = new Map(rows.map((row) => [row.key, row]));
  const times = { plain: new Map(), marked: new Map() };
  for (const text of arrived) {
    const [kind, name] = text.startsWith(MARK) ? ['marked', nameOf(text.slice(MARK.length))] : ['plain', nameOf(text)];
    times[kind].set(name, (times[kind].get(name) ?? 0) + 1);
  }
  const known = new Set(filed.values());
  const lost = [];
  const doubled = [...new Set([...times.plain.keys(), ...times.marked.keys()])].filter((name) => !known.has(name)).map((name) => `text that nobody filed: ${name}`);
  let [uncertain, repeated] = [0, 0];
  for (const [key, text] of filed) {
    const row = of.get(key);
    const [plain, marked] = [times.plain.get(text) ?? 0, times.marked.get(text) ?? 0];
    const came = `arrived ${plain} times and ${marked} times marked`;
    if (row?.status === 'uncertain') uncertain += 1;
    if (plain > 0 && marked > 0) repeated += 1;
    if (!(row?.status === 'uncertain' || (row?.status === 'sent' && plain + marked > 0))) lost.push(`notice ${row?.id ?? ''} "${key}" (${row?.status ?? 'no row'}, ${came})`);
    if (plain > 1 || marked > 1 || (marked > 0 && row?.repeated !== true)) doubled.push(`notice ${row?.id ?? ''} "${key}" ${came}`);
  }
  return { lost, doubled, notices: filed.size, uncertain, repeated };
}
