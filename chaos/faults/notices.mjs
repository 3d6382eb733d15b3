/** Notifiers killed around the one effect that no transaction holds: what was sent may be shown as uncertain, and is never sent twice. */
import { createDataSource, inTransaction, queueNotice } from '@carillon/persistence';
import { fakeBotApi } from '../lib/bot-api.mjs';
import { until } from '../lib/scene.mjs';

const POINTS = ['notice: between sending and recording', 'notice: before sending', 'notice: after recording'];
const NOTICES_PER_KILL = 12;
/** A claim outlives the longest delivery, and only then is it known to have been cut short. */
const QUIET_WITHIN_MS = 60_000;

/** @type {import('../lib/faults.mjs').Fault} */
export const noticesCutShort = {
  name: 'notifier killed around a sending',
  attempts: { quick: 3, full: 150 },
  async run(context) {
    const telegram = await fakeBotApi();
    const scene = await context.scene({ ringers: 1, inFlight: 0 });
    const dataSource = await createDataSource({ url: scene.url, service: 'chaos', poolSize: 2 });
    const program = await context.program('notifier');
    const settings = { natsUrl: scene.servers.natsUrl('notifier'), apiRoot: telegram.root };
    const filed = new Map();
    const cut = [];
    for (let nth = 0; nth < context.attempts; nth += 1) {
      const notifier = await scene.crew.add(settings, program);
      notifier.order('arm', { point: POINTS[nth % POINTS.length], nth: 1 + Math.floor(context.random.uniform() * 5) });
      await file(dataSource, filed);
      await notifier.gone;
      cut.push(...(notifier.lastWords?.about ?? []).map((id) => ({ id, at: notifier.lastWords.at })));
    }
    await scene.crew.add(settings, program);
    const rows = async () => (await scene.ask('SELECT id, status, text FROM notices.notice')).map((row) => ({ ...row, over: ['sent', 'uncertain', 'dead'].includes(row.status) }));
    const recoveries = [];
    await until(async () => {
      const over = new Set((await rows()).filter((row) => row.over).map(({ id }) => id));
      for (const one of cut) if (one.knownAt === undefined && over.has(one.id)) recoveries.push((one.knownAt = Date.now()) - one.at);
      return over.size === filed.size;
    }, QUIET_WITHIN_MS, 'every notice to come to an end').catch(() => undefined);
    const notices = verdictOnNotices(await rows(), filed, telegram.texts);
    await dataSource.destroy();
    telegram.close();
    const verdict = await scene.finish();
    return { attempts: cut.length, recoveries, strikes: [], lost: [...verdict.lost, ...notices.lost], doubled: [...verdict.doubled, ...notices.doubled] };
  },
};

async function file(dataSource, filed) {
  for (let n = 0; n < NOTICES_PER_KILL; n += 1) {
    const text = `notice ${filed.size}`;
    // A chat of its own for each, so that none waits for its turn.
    const notice = { channel: 'telegram', recipient: String(1_000 + filed.size), messageType: 'text', content: { text }, dedupeKey: text };
    const { id } = await inTransaction(dataSource, (manager) => queueNotice(manager, notice));
    filed.set(id, text);
  }
}

/** Pure. @param {{ id: string, status: string }[]} rows @param {Map<string, string>} filed id → text @param {string[]} arrived one entry for each arrival */
export function verdictOnNotices(rows, filed, arrived) {
  const status = new Map(rows.map((row) => [row.id, row.status]));
  const times = (text) => arrived.filter((one) => one === text).length;
  const lost = [...filed].filter(([id, text]) => !(status.get(id) === 'uncertain' || (status.get(id) === 'sent' && times(text) > 0))).map(([id, text]) => `notice ${id} (${status.get(id) ?? 'no row'}, arrived ${times(text)} times)`);
  const doubled = [...filed].filter(([, text]) => times(text) > 1).map(([id, text]) => `notice ${id} arrived ${times(text)} times`);
  return { lost, doubled };
}
