/**
 * Ten thousand reminders that fall due within one minute, fired by the memory pipeline of the house, while schedulers die as they fire, and notifiers, nats-server and the Bot API die or refuse at
 * random. Each fires once, what repeats goes on once, and its one notice arrives once, or twice where the second says that it may be a repetition. Judged by sets of ids.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createMemoryServices, createReminder, memoryEntities, memoryMigrations } from '@carillon/memory';
import { createDataSource, migrate } from '@carillon/persistence';
import { FIRING_POINTS } from '../lib/crash-points.mjs';
import { AGAIN_AFTER_MINUTES, judgeReminders } from '../lib/judge-reminders.mjs';
import { until } from '../lib/scene.mjs';
import { openFire } from '../lib/under-fire.mjs';

/** `aheadMs`: so long they take to be stored. `fireBatch`: reminders of one transaction. */
const EXTENT = { quick: { count: 300, withinMs: 8_000, aheadMs: 1_000, fireBatch: 20 }, full: { count: 10_000, withinMs: 60_000, aheadMs: 20_000, fireBatch: 100 } };
const STORED_AT_ONCE = 8;
/** Enough that the next one dies while others come. */
const SCHEDULERS = 4;
/** Shorter than elsewhere, because nothing fires until what a dead one held is taken over. */
const FIRING_LEASE_MS = 1_000;
/** Every third repeats. */
const REPEATS = 3;
const FIRST_PERSON = 1_000;
const FIRING = 'fire: ';
/** Half of the harm is done to schedulers. */
const HARMS = ['scheduler', 'notifier', 'scheduler', 'nats', 'scheduler', 'Bot API', 'scheduler', 'notifier'];
/** Most of them die in the middle of firing, or as they tell notifiers of what they fired, the others at any instant. */
const [BEFORE, DURING, AFTER, ...TELLING] = FIRING_POINTS;
const DEATHS = TELLING.flatMap((telling) => [BEFORE, DURING, AFTER, telling, undefined]);
/** A point that is not passed for so long is none: it dies anyhow. Longer than it takes until a dead one's run is taken over. */
const REACH_WITHIN_MS = 4_000;
const FIRED_WITHIN_MS = 120_000;

/** @type {import('../lib/faults.mjs').Fault} */
export const remindersUnderFire = {
  name: 'reminders under fire',
  attempts: { quick: 6, full: 48 },
  async run(context) {
    const { random } = context;
    const { count, withinMs, aheadMs, fireBatch } = context.quick ? EXTENT.quick : EXTENT.full;
    const scene = await context.scene({ program: await context.program('memory'), ringers: 0, inFlight: 0, settings: { rings: true, leaseMs: FIRING_LEASE_MS, fireBatch } });
    const dataSource = await createDataSource({ url: scene.url, service: 'chaos', poolSize: STORED_AT_ONCE, entities: memoryEntities, migrations: memoryMigrations });
    await migrate(dataSource);
    const fire = await openFire(context, scene, { repeats: 'reminder' });
    await Promise.all(Array.from({ length: SCHEDULERS }, () => scene.crew.add()));
    await addPeople(dataSource, count);
    const from = Date.now() + aheadMs;
    const filed = await store(dataSource, count, () => new Date(from + Math.floor(random.uniform() * withinMs)));
    await delay(Math.max(0, from - Date.now()));
    const deaths = await harm(context, scene, fire);
    const unfired = 'SELECT FROM memory.reminder WHERE NOT fired AND id = series_id LIMIT 1';
    await until(async () => (await scene.ask(unfired)).length === 0, FIRED_WITHIN_MS, 'every reminder to fire').catch(() => undefined);
    const notices = await fire.cease();
    await scene.calm();
    const { lost, doubled, ...counts } = await judgeReminders(scene.ask, { filed, notices, arrived: fire.telegram.texts });
    const inFiring = deaths.filter(({ point }) => point.startsWith(FIRING));
    if (inFiring.length === 0) throw new Error('no scheduler died as it fired: chaos/lib/crash-points.mjs does not know how reminders are fired now');
    const recoveries = await recoveriesOf(scene.ask, inFiring);
    await dataSource.destroy();
    fire.telegram.close();
    await scene.close();
    return { attempts: context.attempts, recoveries, ...counts, died: byPoint(deaths), mishaps: Object.fromEntries(fire.telegram.happened), lost: [...lost, ...scene.fallen], doubled };
  },
};

/** @param {import('typeorm').DataSource} dataSource */
async function addPeople(dataSource, count) {
  await dataSource.query(`WITH people AS (INSERT INTO memory.person (id, display_name, is_allowed) SELECT ($1::int + n)::text, 'person ' || n, true FROM generate_series(0, $2::int - 1) n RETURNING id) INSERT INTO memory.setting (user_id) SELECT id FROM people`, [FIRST_PERSON, count]);
}

/** As intake stores them, one for each person, so that none waits for its turn. @returns {Promise<import('../lib/judge-reminders.mjs').Filed[]>} */
async function store(dataSource, count, instant) {
  const services = createMemoryServices({ dataSource });
  const filed = [];
  let next = 0;
  const one = async () => {
    while (next < count) {
      const nth = next++;
      const [text, fireAt, repeats] = [`reminder ${nth}`, instant(), nth % REPEATS === 0];
      const { id } = await createReminder(services, String(FIRST_PERSON + nth), { text, fire_at: fireAt.toISOString(), ...(repeats && { recurrence_minutes: AGAIN_AFTER_MINUTES }) });
      filed.push({ id, text, fireAt, repeats });
    }
  };
  await Promise.all(Array.from({ length: STORED_AT_ONCE }, one));
  return filed;
}

/** Two lanes: one kills schedulers, the other everything else. @returns {Promise<{ point: string, at: number }[]>} the deaths of schedulers */
async function harm({ random, attempts }, scene, fire) {
  const order = Array.from({ length: attempts }, (_one, nth) => HARMS[nth % HARMS.length]);
  const [toSchedulers, others] = [order.filter((name) => name === 'scheduler'), random.shuffled(order.filter((name) => name !== 'scheduler'))];
  const deaths = [];
  // A scheduler that comes while the bus is away would give up, and that is another fault's matter; whoever else comes does so in the same lane as the bus dies.
  let turn = Promise.resolve();
  const inTurn = (work) => (turn = turn.then(work));
  let coming = turn;
  const killSchedulers = async () => {
    for (const nth of toSchedulers.keys()) {
      await fire.pause();
      if (fire.schedulers().length < 2) await coming;
      const team = fire.schedulers();
      const point = DEATHS[nth % DEATHS.length];
      if (point !== undefined) await strikeOne(team, { point, nth: 1 + Math.floor(random.uniform() * 2) });
      if (team.every(({ alive }) => alive)) void random.pick(team).end();
      for (const victim of team.filter(({ harmed }) => harmed)) {
        await scene.death(victim);
        deaths.push({ point: victim.lastWords?.struck ?? 'any instant', at: victim.lastWords?.at ?? victim.diedAt });
      }
      coming = inTurn(async () => {
        while (fire.schedulers().length < SCHEDULERS) await scene.crew.add();
      });
      coming.catch(() => undefined);
    }
    await coming;
  };
  const harmOthers = async () => {
    for (const name of others) {
      await fire.pause();
      await (name === 'nats' ? inTurn(fire.harms.nats) : fire.harms[name]());
    }
  };
  await Promise.all([killSchedulers(), harmOthers()]);
  return deaths;
}

/** Whoever passes the point first dies; sometimes two do at once. @param {import('../lib/ringer.mjs').Ringer[]} team */
async function strikeOne(team, card) {
  for (const one of team) one.order('arm', card);
  await Promise.race([...team.map(({ gone }) => gone), delay(REACH_WITHIN_MS, undefined, { ref: false })]);
  for (const one of team) one.order('arm');
}

/** From the death in the middle of firing until others fire on. */
async function recoveriesOf(ask, deaths) {
  const fired = (await ask('SELECT DISTINCT (extract(epoch FROM fired_at) * 1000)::float8 AS at FROM memory.reminder WHERE fired ORDER BY at')).map(({ at }) => at);
  return deaths.flatMap(({ at }) => fired.filter((one) => one > at).slice(0, 1).map((one) => one - at));
}

/** @param {{ point: string }[]} deaths @returns {Record<string, number>} how many at each point */
function byPoint(deaths) {
  const counts = {};
  for (const { point } of deaths) counts[point] = (counts[point] ?? 0) + 1;
  return counts;
}
