/** Commits that fail by seed: before they happened, or after, when only the answer is lost. Who sees the error can not tell which. */
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../lib/scene.mjs';

const CHANCE = 0.04;

const fault = (when) => ({
  name: `store fault ${when} commit`,
  attempts: { quick: 25, full: 2_000 },
  async run(context) {
    const scene = await context.scene({ schedules: 4 });
    let harmed = 0;
    for (const ringer of scene.crew.active) {
      ringer.told.on('faulted', ({ at, about }) => {
        harmed += 1;
        scene.strikeAt(about, at);
      });
      ringer.order('fail', { before: 0, after: 0, [when]: CHANCE, seed: 1 + Math.floor(context.random.uniform() * 1_000_000) });
    }
    await until(async () => (await delay(100), harmed >= context.attempts), 60_000 + context.attempts * 1_000, `${context.attempts} commits to fail`);
    for (const ringer of scene.crew.active) ringer.order('fail');
    return scene.finish();
  },
});

/** @type {import('../lib/faults.mjs').Fault[]} */
export const storeFaults = [fault('before'), fault('after')];
