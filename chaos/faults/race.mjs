/** Eight schedulers at ten thousand schedules that fall due in the same instant. */
import { setTimeout as delay } from 'node:timers/promises';
import { allOccurrences, makeDueAtOnce } from '../lib/ledger.mjs';
import { percentile } from '../lib/report.mjs';
import { until } from '../lib/scene.mjs';

const SCHEDULERS = 8;
const WITHIN_MS = 300_000;

/** @type {import('../lib/faults.mjs').Fault} */
export const race = {
  name: 'eight schedulers race over what is due',
  attempts: { quick: 500, full: 10_000 },
  async run(context) {
    const scene = await context.scene({ ringers: SCHEDULERS, inFlight: 0, schedules: 1, busyMs: 0 });
    await makeDueAtOnce(scene.ask, 'peal', context.attempts);
    const rung = async () => (await allOccurrences(scene.ask)).filter(({ outcome }) => outcome === 'ran').length;
    await until(async () => (await delay(200), (await rung()) >= context.attempts), WITHIN_MS, `${context.attempts} schedules to ring`).catch(() => undefined);
    // How late each rang is what there is to recover from.
    const lags = (await scene.ask('SELECT (extract(epoch FROM decided_at - scheduled_for) * 1000)::float8 AS lag FROM engine.occurrence o JOIN engine.schedule s ON s.id = o.schedule_id WHERE s.scope LIKE $1', ['race-%'])).map(({ lag }) => lag);
    const verdict = await scene.finish();
    return { ...verdict, attempts: context.attempts, recoveries: lags, lagP95Ms: percentile(lags, 0.95), note: `lag p95 ${percentile(lags, 0.95)} ms` };
  },
};
