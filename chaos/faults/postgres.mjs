/** Harm to the database server and to the ways to it. */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { repeatedly } from './repeatedly.mjs';

const OURS = `datname = current_database() AND application_name LIKE 'carillon%'`;

/** @type {import('../lib/faults.mjs').Fault} */
export const restartStorm = {
  name: 'Postgres stopped at once and started',
  attempts: { quick: 2, full: 60 },
  run: (context) =>
    repeatedly(context, { schedules: 3 }, context.quick ? [1_000, 2_000] : [5_000, 10_000], async (scene) => {
      await scene.strike();
      await scene.servers.stopPostgres();
      await scene.servers.startPostgres();
    }),
};

/** @type {import('../lib/faults.mjs').Fault} */
export const backendKills = {
  name: 'backends terminated',
  attempts: { quick: 6, full: 300 },
  run: (context) =>
    repeatedly(context, {}, [200, 900], async (scene) => {
      await scene.strike();
      // About half of them, which ones is the seed's choice.
      await scene.ask(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${OURS} AND hashtext(pid::text || $1) % 2 = 0`, [String(context.random.uniform())]);
    }),
};

/** Every place of the server is taken by somebody who does nothing, or every connection of each pool is. @type {import('../lib/faults.mjs').Fault} */
export const idleConnections = {
  name: 'every connection held by the idle',
  attempts: { quick: 2, full: 40 },
  run: (context) => repeatedly(context, {}, [300, 800], (scene, nth) => (nth % 2 === 0 ? holdPools(scene) : holdServer(scene))),
};

const HOLD_MS = 2_500;

async function holdPools(scene) {
  await scene.strike();
  const ringers = [...scene.crew.active];
  for (const ringer of ringers) ringer.order('holdPool', { forMs: HOLD_MS });
  await delay(HOLD_MS);
}

async function holdServer(scene) {
  await scene.strike();
  const idle = [];
  const take = async () => {
    for (;;) {
      const client = new pg.Client({ connectionString: scene.url, application_name: 'chaos-idle' });
      client.on('error', () => undefined);
      await client.connect();
      idle.push(client);
    }
  };
  const full = (error) => {
    if (error.code !== '53300') throw error;
  };
  await take().catch(full);
  await scene.ask(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${OURS}`);
  await take().catch(full);
  await delay(HOLD_MS);
  await Promise.all(idle.map((client) => client.end()));
}
