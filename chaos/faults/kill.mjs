/** Processes killed with SIGKILL: at each named crash point, where they strike themselves, and at random instants. Others take their places at once. */
import { setTimeout as delay } from 'node:timers/promises';
import { CRASH_POINTS } from '../lib/crash-points.mjs';
import { heldBy } from '../lib/ledger.mjs';
import { recoveryOf } from '../lib/report.mjs';
import { until } from '../lib/scene.mjs';

/** Kills on one database; then everything is counted and the next ones begin on an empty one. */
const KILLS_PER_SCENE = 250;
const AT_WORK = 3;
/** A point that is not passed for so long is left for later. */
const REACH_WITHIN_MS = 4_000;
/** Somebody must die and his lease run out first. */
const TAKE_OVER_WITHIN_MS = 10_000;
/** A take-over needs somebody who fell silent while he held something. */
const HOLDS_WITHIN_MS = 5_000;
const SCENE = { ringers: 1, spares: 2, inFlight: 20, schedules: 6, busyMs: 120 };

/** @type {import('../lib/faults.mjs').Fault} */
export const killAtCrashPoints = {
  name: 'kill at a named crash point',
  attempts: { quick: CRASH_POINTS.length, full: 10_000 },
  async run(context) {
    const deck = context.random.shuffled(Array.from({ length: context.attempts }, (_none, n) => cardFor(CRASH_POINTS[n % CRASH_POINTS.length], context.random)));
    const all = await inScenes(context, deck, atPoint);
    return { ...all, points: CRASH_POINTS.map((name) => ({ name, ...recoveryOf(all.strikes.filter((strike) => strike.point === name)) })) };
  },
};

/** @type {import('../lib/faults.mjs').Fault} */
export const killAtRandomInstants = {
  name: 'kill at a random instant',
  attempts: { quick: 6, full: 1_000 },
  async run(context) {
    // Some die as they come, most with work in their hands.
    const deck = Array.from({ length: context.attempts }, (_none, n) => ({ afterMs: Math.floor(context.random.uniform() * 400), atWork: n % 4 !== 3 }));
    return inScenes(context, deck, atInstant);
  },
};

/** All that a dead process held is taken over at once, so there is one take-over for each death and no third one to wait for. */
const cardFor = (point, random) => ({ point, nth: takesOver(point) ? 1 : 1 + Math.floor(random.uniform() * 3) });
const takesOver = (point) => point.startsWith('take-over');

async function inScenes(context, deck, slot) {
  const verdicts = [];
  const total = deck.length;
  while (deck.length > 0) {
    const cards = deck.splice(0, KILLS_PER_SCENE);
    const scene = await context.scene(SCENE);
    await Promise.all(Array.from({ length: AT_WORK }, () => slot(scene, cards, context)));
    await Promise.all([scene.crew.add(), scene.crew.add()]);
    verdicts.push(await scene.finish());
    context.say(`${total - deck.length} of ${total} kills`);
    if (verdicts.at(-1).lost.length + verdicts.at(-1).doubled.length > 0) break;
  }
  return context.sum(verdicts);
}

/** One place at work: whoever fills it dies, and is replaced, until no card is left. */
async function atPoint(scene, cards, context) {
  let ringer;
  for (let card = cards.shift(); card !== undefined; card = cards.shift()) {
    ringer ??= await scene.crew.add();
    ringer.order('arm', card);
    const waits = takesOver(card.point);
    // It looks more often than the others, so that it is the one who notices.
    if (waits) ringer.order('hurry');
    if (waits) await bait(scene);
    const struck = await within(ringer.gone, waits ? TAKE_OVER_WITHIN_MS : REACH_WITHIN_MS);
    if (struck) {
      const strike = await scene.death(ringer);
      strike.point = card.point;
      ringer = undefined;
    } else {
      context.say(`"${card.point}" was not passed in time, later again (${cards.length + 1} left)`);
      cards.push(card);
    }
  }
  // Whoever is left over goes on as one of the survivors.
  ringer?.order('arm');
}

/** A death that does not count: it is there to be noticed. */
async function bait(scene) {
  const ringer = await scene.crew.add();
  await holding(scene, ringer);
  await ringer.end();
}

/** Soon, or not at all when others are quicker. */
const holding = (scene, ringer) => until(async () => (await heldBy(scene.ask, ringer.serviceId)).length > 0, HOLDS_WITHIN_MS, 'a process to hold a step').catch(() => undefined);

async function atInstant(scene, cards) {
  for (let card = cards.shift(); card !== undefined; card = cards.shift()) {
    const ringer = await scene.crew.add();
    if (card.atWork) await holding(scene, ringer);
    await delay(card.afterMs);
    ringer.signal('SIGKILL');
    await scene.death(ringer);
  }
}

async function within(promise, ms) {
  const timeout = new AbortController();
  const late = delay(ms, false, { signal: timeout.signal }).catch(() => false);
  const first = await Promise.race([promise.then(() => true), late]);
  timeout.abort();
  return first;
}
