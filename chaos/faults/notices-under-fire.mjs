/** Ten thousand notices due at once, while notifiers, schedulers, nats-server and the Bot API die or refuse at random. */
import { createDataSource, inTransaction, queueNotice } from '@carillon/persistence';
import { openFire, verdictOnArrivals } from '../lib/under-fire.mjs';

const NOTICES = { quick: 300, full: 10_000 };
/** Filed in one transaction. */
const TOGETHER = 100;

/** @type {import('../lib/faults.mjs').Fault} */
export const noticesUnderFire = {
  name: 'notices under fire',
  attempts: { quick: 4, full: 60 },
  async run(context) {
    const { random } = context;
    const scene = await context.scene({ ringers: 2, inFlight: 0 });
    const dataSource = await createDataSource({ url: scene.url, service: 'chaos', poolSize: 2 });
    const fire = await openFire(context, scene, { repeats: 'text' });
    const filing = file(dataSource, context.quick ? NOTICES.quick : NOTICES.full);
    const harms = { ...fire.harms, scheduler: async () => (await fire.kill(random.pick(fire.schedulers())), await scene.crew.add()) };
    const order = Array.from({ length: context.attempts }, (_one, nth) => (nth < 4 ? Object.keys(harms)[nth] : random.pick(['notifier', 'notifier', 'scheduler', 'nats', 'Bot API'])));
    for (const harm of random.shuffled(order)) {
      await fire.pause();
      await harms[harm]();
    }
    const filed = await filing;
    const notices = verdictOnArrivals(await fire.cease(), filed, fire.telegram.texts);
    await dataSource.destroy();
    fire.telegram.close();
    const verdict = await scene.finish();
    const { lost: _lost, doubled: _doubled, ...counts } = notices;
    return { ...verdict, attempts: order.length, ...counts, mishaps: Object.fromEntries(fire.telegram.happened), lost: [...verdict.lost, ...notices.lost], doubled: [...verdict.doubled, ...notices.doubled] };
  },
};

/** A chat of its own for each, so that none waits for its turn. @returns {Promise<Map<string, string>>} dedupe key → text */
async function file(dataSource, count) {
  const filed = new Map();
  for (let from = 0; from < count; from += TOGETHER) {
    await inTransaction(dataSource, async (manager) => {
      for (let nth = from; nth < Math.min(count, from + TOGETHER); nth += 1) {
        const [text, dedupeKey] = [`notice ${nth}`, `under-fire-${nth}`];
        await queueNotice(manager, { channel: 'telegram', recipient: String(1_000 + nth), messageType: 'text', content: { text }, dedupeKey });
        filed.set(dedupeKey, text);
      }
    });
  }
  return filed;
}
