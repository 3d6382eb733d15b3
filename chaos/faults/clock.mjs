/** The one clock that the engine reads jumps: hours forward, and back. Schedules ring meanwhile; none may ring early, twice or not at all. */
import { repeatedly } from './repeatedly.mjs';

const MINUTE = 60_000;

/** @type {import('../lib/faults.mjs').Fault} */
export const clockJumps = {
  name: 'the clock jumps',
  attempts: { quick: 4, full: 100 },
  run(context) {
    let ahead = 0;
    return repeatedly(context, { schedules: 3 }, [1_000, 2_000], async (scene, nth) => {
      const forward = nth % 2 === 0;
      const minutes = (forward ? 1 : -1) * (10 + context.random.uniform() * (forward ? 120 : 60));
      ahead += Math.round(minutes * MINUTE);
      await scene.strike();
      await scene.moveClock(ahead);
      if (forward) return;
      // Whoever dies now was alive in what is the future again.
      const victim = context.random.pick([...scene.crew.active]);
      victim.signal('SIGKILL');
      await Promise.all([scene.death(victim), scene.crew.add()]);
    });
  },
};
