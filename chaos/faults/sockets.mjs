/** Sockets that fall silent without being closed, and slow ones. What counts is that nobody waits for ever. */
import { setTimeout as delay } from 'node:timers/promises';
import { tcpProxy } from '../lib/tcp-proxy.mjs';
import { repeatedly } from './repeatedly.mjs';

const SLOW_MS = 2_000;
/** Work that stands still for longer than this counts as lost, although it may go on one day. */
const BOUND_MS = 45_000;

const rerouted = (url, port) => Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href;

const fault = (name, attempts, way, harm) => ({
  name,
  attempts,
  async run(context) {
    const { servers } = context;
    const proxy = await tcpProxy(() => (way === 'Postgres' ? servers.postgresPort : servers.natsPort));
    const through = (url) => rerouted(url, proxy.port);
    try {
      const verdict = await repeatedly(context, way === 'Postgres' ? { databaseThrough: through } : { natsThrough: through }, [300, 800], async (scene, nth) => {
        const strike = await scene.strike();
        await harm(proxy, context, nth);
        await scene.goneOn(strike, BOUND_MS).catch(() => undefined);
      });
      const late = verdict.recoveries.filter((ms) => ms > BOUND_MS).map((ms) => `${way} was silent, and work stood still for ${Math.round(ms)} ms: more than ${BOUND_MS}`);
      return { ...verdict, lost: [...verdict.lost, ...late] };
    } finally {
      await proxy.close();
    }
  },
});

const silence = async (proxy) => proxy.freeze();
/** Every other time at the worst instant: a transaction has all of its locks, and what would end it does not arrive. */
const silenceInTransactions = (proxy, _context, nth) => (nth % 2 === 0 ? proxy.freezeBefore('COMMIT') : silence(proxy));
async function slowness(proxy, { random }) {
  proxy.slow(20 + random.uniform() * 180);
  await delay(SLOW_MS);
  proxy.slow(0);
}

/** @type {import('../lib/faults.mjs').Fault[]} */
export const sockets = [
  fault('half-open sockets to Postgres', { quick: 1, full: 20 }, 'Postgres', silenceInTransactions),
  fault('slow sockets to Postgres', { quick: 1, full: 40 }, 'Postgres', slowness),
  fault('half-open sockets to NATS', { quick: 1, full: 20 }, 'NATS', silence),
  fault('slow sockets to NATS', { quick: 1, full: 40 }, 'NATS', slowness),
];
