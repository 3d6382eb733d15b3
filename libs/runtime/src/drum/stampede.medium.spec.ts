/** More falls due at once than one batch holds. How late it rings is measured by `npm run bench -- schedules`; here nothing is lost and nothing doubled. */
import { afterEach, expect, it } from '@jest/globals';
import { done, manual, pipeline, step } from '@carillon/engine';
import { RING_AT_ONCE } from '@carillon/persistence';
import { eventually } from '@carillon/testing';
import { tower } from '../../spec/tower.js';
import type { Tower } from '../../spec/tower.js';

let house: Tower | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});

// nestjs/schedule#273, #28, #312: each replica rings, and a lock is left to the author.
it('two schedulers, each with two batches at once, ring every one of them once, and all of it is worked off', async () => {
  const chime = pipeline<never>('chime', { does: 'nothing', trigger: manual() as never, steps: [step<never>('only', { does: 'nothing', run: async () => done() })] });
  const many = 2 * RING_AT_ONCE + 100;
  house = await tower(chime);
  const other = await house.ringer();
  await house.query(
    `INSERT INTO engine.schedule (id, name, pipeline, scope, source, trigger, misfire, overlap, anchor_at, evaluated_through, next_due_at)
     SELECT gen_random_uuid(), 'chime/' || n, 'chime', 'scope ' || n, 'runtime', '{"kind": "every", "everyMs": 3600000, "runAtOnce": false}', '{"kind": "fireOnce", "which": "latest"}', '{"kind": "skip"}',
            engine.clock() - interval '1 hour', engine.clock() - interval '1 minute', engine.clock() FROM generate_series(1, $1::int) n`,
    [many],
  );
  await Promise.all([house.first.drum.runOnce(), other.drum.runOnce()]);
  expect(await house.query(`SELECT count(*)::int AS runs, count(DISTINCT schedule_id)::int AS schedules, count(DISTINCT scheduled_for)::int AS instants FROM engine.run`)).toEqual([{ runs: many, schedules: many, instants: 1 }]);
  expect(await house.query(`SELECT count(*)::int AS ran FROM engine.occurrence WHERE outcome = 'ran'`)).toEqual([{ ran: many }]);
  await eventually(async () => (await house?.query(`SELECT FROM engine.active_run LIMIT 1`))?.length === 0, { within: 20_000, what: 'all of it to be worked off' });
  expect(await house.query(`SELECT status, count(*)::int AS count FROM engine.run GROUP BY status`)).toEqual([{ status: 'succeeded', count: many }]);
});
