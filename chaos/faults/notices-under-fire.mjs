/**
 * Ten thousand notices due at once, while notifiers, schedulers, nats-server and the Bot API die or refuse at random: each reader gets each notice once, or twice where the second says that it may be a
 * repetition; what nobody knows is shown as uncertain. Judged by sets of ids.
 */
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createDataSource, inTransaction, queueNotice } from '@carillon/persistence';
import { fakeBotApi, MISHAPS } from '../lib/bot-api.mjs';
import { until } from '../lib/scene.mjs';

const PROGRAM = [join(resolve(import.meta.dirname, '../..'), 'chaos/process/notifier.mjs')];
const NOTICES = { quick: 300, full: 10_000 };
/** Filed in one transaction. */
const TOGETHER = 100;
const NOTIFIERS = 2;
/** Of all requests. */
const MISHAP_SHARE = 0.06;
const PAUSE_MS = [150, 700];
/** A claim outlives the longest delivery, a repeated one is cut short once more at worst; then all is told. */
const QUIET_WITHIN_MS = 120_000;
const MARK = '🔁 <i>Possibly repeated</i>\n';

/** @type {import('../lib/faults.mjs').Fault} */
export const noticesUnderFire = {
  name: 'notices under fire',
  attempts: { quick: 4, full: 60 },
  async run(context) {
    const { random, servers } = context;
    let calm = false;
    const telegram = await fakeBotApi(() => (!calm && random.uniform() < MISHAP_SHARE ? random.pick(Object.keys(MISHAPS)) : undefined));
    const scene = await context.scene({ ringers: 2, inFlight: 0 });
    const dataSource = await createDataSource({ url: scene.url, service: 'chaos', poolSize: 2 });
    const settings = { natsUrl: servers.natsUrl('notifier'), apiRoot: telegram.root, notices: { noticeConcurrency: 16, noticeRepeatUncertain: ['telegram:text'] } };
    const notifiers = new Set(await Promise.all(Array.from({ length: NOTIFIERS }, () => scene.crew.add(settings, PROGRAM))));
    const filing = file(dataSource, context.quick ? NOTICES.quick : NOTICES.full);
    const replace = async (set, make) => {
      const [victim] = context.random.shuffled([...set]);
      void victim.end();
      await scene.death(victim);
      set.delete(victim);
      set.add(await make());
    };
    const harms = {
      notifier: () => replace(notifiers, () => scene.crew.add(settings, PROGRAM)),
      scheduler: () => replace(new Set([...scene.crew.active].filter((one) => !notifiers.has(one))), () => scene.crew.add()),
      nats: async () => {
        await scene.strike();
        await servers.killNats();
        await delay(random.uniform() * 500);
        await servers.startNats();
      },
      'Bot API': () => telegram.away(random.uniform() * 500),
    };
    const order = Array.from({ length: context.attempts }, (_one, nth) => (nth < 4 ? Object.keys(harms)[nth] : random.pick(['notifier', 'notifier', 'scheduler', 'nats', 'Bot API'])));
    for (const harm of random.shuffled(order)) {
      await delay(PAUSE_MS[0] + random.uniform() * (PAUSE_MS[1] - PAUSE_MS[0]));
      await harms[harm]();
    }
    const filed = await filing;
    calm = true;
    const rows = () => scene.ask('SELECT id, status, possibly_repeated AS repeated FROM notices.notice');
    await until(async () => (await rows()).every(({ status }) => ['sent', 'uncertain', 'dead', 'undeliverable'].includes(status)), QUIET_WITHIN_MS, 'every notice to come to an end').catch(() => undefined);
    const notices = verdictUnderFire(await rows(), filed, telegram.texts);
    await dataSource.destroy();
    telegram.close();
    const verdict = await scene.finish();
    const { lost: _lost, doubled: _doubled, ...counts } = notices;
    return { ...verdict, attempts: order.length, ...counts, mishaps: Object.fromEntries(telegram.happened), lost: [...verdict.lost, ...notices.lost], doubled: [...verdict.doubled, ...notices.doubled] };
  },
};

/** A chat of its own for each, so that none waits for its turn. @returns {Promise<Map<string, string>>} id → text */
async function file(dataSource, count) {
  const filed = new Map();
  for (let from = 0; from < count; from += TOGETHER) {
    await inTransaction(dataSource, async (manager) => {
      for (let nth = from; nth < Math.min(count, from + TOGETHER); nth += 1) {
        const text = `notice ${nth}`;
        const { id } = await queueNotice(manager, { channel: 'telegram', recipient: String(1_000 + nth), messageType: 'text', content: { text }, dedupeKey: text });
        filed.set(id, text);
      }
    });
  }
  return filed;
}

/**
 * Pure. Lost: not over, dead, or sent and nowhere to be seen. Doubled: seen twice without the mark, or twice with it, or with a mark that the ledger knows nothing of.
 * @param {{ id: string, status: string, repeated: boolean }[]} rows @param {Map<string, string>} filed id → text @param {string[]} arrived one entry for each arrival
 */
export function verdictUnderFire(rows, filed, arrived) {
  const of = new Map(rows.map((row) => [row.id, row]));
  const times = new Map();
  for (const text of arrived) times.set(text, (times.get(text) ?? 0) + 1);
  const [lost, doubled] = [[], []];
  let [uncertain, repeated] = [0, 0];
  for (const [id, text] of filed) {
    const row = of.get(id);
    const [plain, marked] = [times.get(text) ?? 0, times.get(`${MARK}${text}`) ?? 0];
    if (row?.status === 'uncertain') uncertain += 1;
    if (plain > 0 && marked > 0) repeated += 1;
    if (!(row?.status === 'uncertain' || (row?.status === 'sent' && plain + marked > 0))) lost.push(`notice ${id} (${row?.status ?? 'no row'}, arrived ${plain} times and ${marked} times marked)`);
    if (plain > 1 || marked > 1 || (marked > 0 && row?.repeated !== true)) doubled.push(`notice ${id} arrived ${plain} times and ${marked} times marked`);
  }
  return { lost, doubled, notices: filed.size, uncertain, repeated };
}
