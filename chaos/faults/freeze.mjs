/** A process that is stopped for longer than its lease and then goes on: it believes that it still holds its steps, and must be refused. */
import { setTimeout as delay } from 'node:timers/promises';
import { heldBy } from '../lib/ledger.mjs';
import { LEASE_MS, until } from '../lib/scene.mjs';

const AT_ONCE = 2;

/** @type {import('../lib/faults.mjs').Fault} */
export const freeze = {
  name: 'frozen past its lease, then thawed',
  attempts: { quick: 2, full: 150 },
  async run(context) {
    const scene = await context.scene({ ringers: AT_ONCE + 1, inFlight: 24, busyMs: 400 });
    for (let done = 0; done < context.attempts; done += AT_ONCE) {
      await scene.busy();
      const victims = context.random.shuffled([...scene.crew.active]).slice(0, Math.min(AT_ONCE, context.attempts - done));
      await Promise.all(victims.map((victim) => frozen(scene, victim, LEASE_MS + 1_000 + Math.floor(context.random.uniform() * 1_500))));
      context.say(`${Math.min(done + AT_ONCE, context.attempts)} of ${context.attempts}`);
    }
    return scene.finish();
  },
};

async function frozen(scene, victim, forMs) {
  await until(async () => (await heldBy(scene.ask, victim.serviceId)).length > 0, 60_000, 'a process to hold a step');
  victim.signal('SIGSTOP');
  await scene.strike(await heldBy(scene.ask, victim.serviceId));
  await delay(forMs);
  victim.signal('SIGCONT');
}
