/** What a release does: processes leave in order and others come, first of the same version, then of two. */
import { heldBy } from '../lib/ledger.mjs';
import { repeatedly } from './repeatedly.mjs';

/** One after another is told to leave while its successor is at work already. @param {object} successor its settings */
async function replaceOne(scene, victim, successor) {
  await scene.crew.add(successor);
  const runs = await heldBy(scene.ask, victim.serviceId);
  await scene.strike(runs);
  victim.signal('SIGTERM');
  const end = await victim.gone;
  if (end !== 0) scene.fallen.push(`process ${victim.pid} was told to leave and ended with ${end}: ${victim.errors.trim() || 'it said nothing'}`);
  const left = await heldBy(scene.ask, victim.serviceId);
  if (left.length > 0) scene.fallen.push(...left.map((run) => `run ${run} was still held by process ${victim.pid} after it had left`));
}

/** @type {import('../lib/faults.mjs').Fault} */
export const rollingRestart = {
  name: 'rolling restart under load',
  attempts: { quick: 3, full: 150 },
  run: (context) =>
    repeatedly(context, { busyMs: 300, inFlight: 24 }, [0, 300], async (scene) => {
      const [oldest] = scene.crew.active;
      await replaceOne(scene, oldest, undefined);
    }),
};

/** The lists of steps differ; a run finishes on the one that it started with, so a process of each version stays. @type {import('../lib/faults.mjs').Fault} */
export const twoVersions = {
  name: 'two versions side by side',
  attempts: { quick: 3, full: 150 },
  async run(context) {
    const scene = await context.scene({ ringers: 2, busyMs: 100 });
    await Promise.all([scene.crew.add({ version: 'new' }), scene.crew.add({ version: 'new' })]);
    for (let nth = 0; nth < context.attempts; nth += 1) {
      await scene.busy();
      const victim = context.random.pick([...scene.crew.active]);
      const version = victim.settings.version;
      if (nth % 2 === 0) await replaceOne(scene, victim, { version });
      else {
        await scene.crew.add({ version });
        victim.signal('SIGKILL');
        await scene.death(victim);
      }
    }
    return scene.finish();
  },
};
