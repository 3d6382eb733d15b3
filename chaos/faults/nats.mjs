/** Harm to the bus: it may lose everything that it stored, or remember what is long done. */
import { setTimeout as delay } from 'node:timers/promises';
import { repeatedly } from './repeatedly.mjs';

const AWAY_MS = [200, 1_500];
/** The copy is this much older than what it replaces. */
const OLDER_MS = 1_500;

const away = (context) => delay(AWAY_MS[0] + context.random.uniform() * (AWAY_MS[1] - AWAY_MS[0]));

/** @type {import('../lib/faults.mjs').Fault} */
export const natsKilled = {
  name: 'nats-server killed',
  attempts: { quick: 2, full: 60 },
  run: (context) => harmBus(context, async () => undefined),
};

/** @type {import('../lib/faults.mjs').Fault} */
export const storeDeleted = {
  name: 'JetStream store deleted',
  attempts: { quick: 2, full: 60 },
  run: (context) => harmBus(context, ({ servers }) => servers.deleteStore()),
};

/** @type {import('../lib/faults.mjs').Fault} */
export const storeRestored = {
  name: 'JetStream store restored to an older copy',
  attempts: { quick: 2, full: 60 },
  run: (context) =>
    harmBus(
      context,
      ({ servers }) => servers.restoreStore(),
      async ({ servers }) => {
        servers.copyStore();
        await delay(OLDER_MS);
      },
    ),
};

function harmBus(context, whileAway, before = async () => undefined) {
  return repeatedly(context, {}, [300, 1_500], async (scene) => {
    await before(scene);
    await scene.strike();
    await scene.servers.killNats();
    whileAway(scene);
    await away(context);
    await scene.servers.startNats();
  });
}
