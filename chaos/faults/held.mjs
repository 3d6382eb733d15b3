/**
 * One transaction that is held open: rows that are dead can not be cleared away behind it, and queues on tables slow down. Two scenes do the same work on the same
 * server at the same time, each in a database of its own; in one of them somebody holds a transaction. So whatever else the machine does, it does to both.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

/** In the quick run the time is too short to judge by, and only shown. */
const HOLD_MS = { quick: 6_000, full: 240_000 };
const WARM_UP_MS = { quick: 2_000, full: 20_000 };
const AT_LEAST = 0.9;

/** @type {import('../lib/faults.mjs').Fault} */
export const heldTransaction = {
  name: 'one transaction held',
  attempts: { quick: 1, full: 1 },
  async run(context) {
    const otherBus = await context.servers.anotherBus();
    const scenes = [await context.scene(SCENE), await context.scene({ ...SCENE, natsThrough: () => otherBus.url, keepBus: true })];
    const [held, free] = scenes;
    const holder = new pg.Client({ connectionString: held.url });
    await holder.connect();
    // Both have done some work before either is measured.
    await Promise.all(scenes.map((scene) => scene.busy()));
    await delay(context.quick ? WARM_UP_MS.quick : WARM_UP_MS.full);
    await holder.query('BEGIN');
    await holder.query('SELECT pg_current_xact_id()');
    await held.strike();
    const before = await Promise.all(scenes.map(settled));
    await delay(context.quick ? HOLD_MS.quick : HOLD_MS.full);
    const after = await Promise.all(scenes.map(settled));
    const [withIt, without] = after.map((count, n) => count - before[n]);
    await holder.query('ROLLBACK');
    await holder.end();
    const verdicts = [await held.finish(), await free.finish()];
    await otherBus.close();
    const throughput = Math.round((withIt / without) * 100) / 100;
    const tooSlow = !context.quick && throughput < AT_LEAST ? [`throughput with a held transaction is ${throughput} of that without: less than ${AT_LEAST}`] : [];
    const sum = context.sum(verdicts);
    return { ...sum, lost: [...sum.lost, ...tooSlow], throughput, note: `throughput ${throughput} of that without` };
  },
};

const SCENE = { ringers: 1, inFlight: 40, busyMs: 0 };
const settled = async ({ ask }) => (await ask('SELECT count(*)::int AS count FROM chaos.effect'))[0].count;
