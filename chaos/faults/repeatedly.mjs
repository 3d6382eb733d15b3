/** The shape of most faults: work is going on, harm is done, work goes on; so many times, and then everything is counted. */
import { setTimeout as delay } from 'node:timers/promises';

/**
 * @param {import('../lib/faults.mjs').Context} context
 * @param {import('../lib/scene.mjs').SceneOptions} options
 * @param {[number, number]} pauseMs between two harms, from the seed
 * @param {(scene: import('../lib/scene.mjs').Scene, nth: number) => Promise<void>} harm notes itself with `scene.strike`
 */
export async function repeatedly(context, options, [from, to], harm) {
  const scene = await context.scene(options);
  for (let nth = 0; nth < context.attempts; nth += 1) {
    await scene.busy();
    await harm(scene, nth);
    await delay(from + context.random.uniform() * (to - from));
    if ((nth + 1) % 10 === 0) context.say(`${nth + 1} of ${context.attempts}`);
  }
  return scene.finish();
}
