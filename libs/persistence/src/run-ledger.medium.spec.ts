import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allowOverlap, done, queueAll, queueOne, replaceRunning } from '@carillon/engine';
import type { OverlapPolicy } from '@carillon/engine';
import { bell, ledger } from '../spec/ledger.js';
import type { Ledger } from '../spec/ledger.js';
import { cancelRuns, createRuns, inTransaction, listRuns, newId } from './index.js';
import type { CreatedRun, RunHistory } from './index.js';

let house: Ledger;
beforeAll(async () => void (house = await ledger()));
afterAll(() => house.close());

const runOf = async (id: string): Promise<RunHistory> => {
  const [run] = await listRuns(house.dataSource, { id });
  if (!run) throw new Error(`there is no run ${id}`);
  return run;
};
const statuses = (runs: readonly CreatedRun[]): Promise<string[]> => Promise.all(runs.map(async ({ id }) => (await runOf(id)).status));
const cancel = async (...ids: string[]): Promise<string[]> => (await inTransaction(house.dataSource, (manager) => cancelRuns(manager, { ids }, 'enough'))).asked;
const ticks = async (id: string): Promise<number> => (await house.query(`SELECT FROM engine.outbox o, jsonb_array_elements(o.payload) fact WHERE o.subject IS NULL AND fact->>'subject' = 'tick.bell' AND fact->'payload'->>'runId' = $1`, [id])).length;
const finish = async (id: string): Promise<void> => {
  await house.settle(await house.claim(id), done());
  await house.settle(await house.claim(id), done());
};
const several = async (scope: string, overlap: OverlapPolicy, count: number): Promise<CreatedRun[]> => {
  const runs: CreatedRun[] = [];
  for (let n = 0; n < count; n += 1) runs.push(await house.run({ scope, overlap }));
  return runs;
};

describe('runs of one scope', () => {
  it('asked for twenty times at once are one running and nineteen skipped ones', async () => {
    const runs = await Promise.all(Array.from({ length: 20 }, () => house.run({ scope: 'crowd' })));
    expect(runs.map((run) => run.status).sort()).toEqual(['running', ...Array<string>(19).fill('skipped')]);
    const running = runs.find((run) => run.status === 'running');
    for (const { status, reason } of runs) if (status === 'skipped') expect(reason).toBe(`skipped: run ${running?.id} is running`);
  });

  it('asked for with one key in many scopes at once are one run', async () => {
    const runs = await Promise.all(Array.from({ length: 12 }, (_none, n) => house.run({ scope: `ward-${n % 4}`, dedupeKey: 'spring' })));
    expect(new Set(runs.map((run) => run.id)).size).toBe(1);
    expect(runs.filter((run) => run.created)).toHaveLength(1);
  });

  it('do not wait for those of another scope', async () => {
    expect([(await house.run({ scope: 'north' })).status, (await house.run({ scope: 'south' })).status]).toEqual(['running', 'running']);
  });

  it('side by side where that is allowed', async () => {
    expect((await several('free', allowOverlap, 3)).map((run) => run.status)).toEqual(['running', 'running', 'running']);
  });

  it('made together are hinted at one by one as long as they are few, and then by one hint for many', async () => {
    const made = async (count: number, pipeline: string): Promise<number> => {
      const plan = bell(pipeline).steps.map((step) => step.plan);
      await inTransaction(house.dataSource, (manager) => createRuns(manager, Array.from({ length: count }, () => ({ pipeline, scope: '', trigger: 'manual', plan, overlap: allowOverlap }))));
      return (await house.query('SELECT FROM engine.outbox WHERE subject = $1', [`step.${pipeline}.only`])).length;
    };
    expect([await made(1, 'one'), await made(5, 'few'), await made(40, 'many')]).toEqual([1, 5, 12]);
  });

  it('wait their turn, oldest first, each started once', async () => {
    const runs = await several('queue', queueAll(2), 4);
    const [first, second, third] = runs as [CreatedRun, CreatedRun, CreatedRun, CreatedRun];
    expect(runs.map((run) => run.status)).toEqual(['running', 'queued', 'queued', 'skipped']);
    await finish(first.id);
    expect(await statuses(runs)).toEqual(['succeeded', 'running', 'queued', 'skipped']);
    await finish(second.id);
    await finish(third.id);
    expect(await statuses(runs)).toEqual(['succeeded', 'succeeded', 'succeeded', 'skipped']);
    expect(await Promise.all([first, second, third].map((run) => ticks(run.id)))).toEqual([1, 1, 1]);
  });

  it('asked for while one ends start exactly one', async () => {
    for (let round = 0; round < 5; round += 1) {
      const scope = `edge-${round}`;
      const first = await house.run({ scope, overlap: queueOne });
      await house.settle(await house.claim(first.id), done());
      const last = await house.claim(first.id);
      const [, second] = await Promise.all([house.settle(last, done()), house.run({ scope, overlap: queueOne })]);
      expect((await runOf(second.id)).status).toBe('running');
    }
  });
});

describe('a run that is cancelled', () => {
  it('ends at once when its step only waits', async () => {
    const { id } = await house.run({ scope: 'waiting' });
    expect(await cancel(id)).toEqual([id]);
    expect(await runOf(id)).toMatchObject({ status: 'cancelled', steps: [{ name: 'one', status: 'cancelled', reason: 'enough' }] });
    expect(await cancel(id)).toEqual([]);
  });

  it('ends when its step has stopped, and keeps what that step did', async () => {
    const { id } = await house.run({ scope: 'working' });
    const claim = await house.claim(id);
    await cancel(id);
    expect((await runOf(id)).status).toBe('running');
    await house.settle(claim, done({ counts: { rung: 2 } }));
    expect(await runOf(id)).toMatchObject({ status: 'cancelled', counts: { rung: 2 }, steps: [{ name: 'one', status: 'done' }, { name: 'two', status: 'skipped', reason: 'the run was cancelled' }] });
  });

  it('together with those that wait behind it starts none of them', async () => {
    const runs = await several('all', queueAll(5), 3);
    await cancel(...runs.map((run) => run.id));
    expect(await statuses(runs)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(await Promise.all(runs.map((run) => ticks(run.id)))).toEqual([1, 0, 0]);
  });

  it('lets the next one begin', async () => {
    const [first, second] = (await several('next', queueOne, 2)) as [CreatedRun, CreatedRun];
    await cancel(first.id);
    expect(await statuses([first, second])).toEqual(['cancelled', 'running']);
  });
});

describe('a run that replaces another', () => {
  it('begins at once when the other only waits, and after it has stopped otherwise', async () => {
    const idle = await several('replace-idle', replaceRunning, 3);
    expect(await statuses(idle)).toEqual(['cancelled', 'cancelled', 'running']);
    const busy = await house.run({ scope: 'replace-busy', overlap: replaceRunning });
    const claim = await house.claim(busy.id);
    const later = [await house.run({ scope: 'replace-busy', overlap: replaceRunning }), await house.run({ scope: 'replace-busy', overlap: replaceRunning })];
    expect(await statuses([busy, ...later])).toEqual(['running', 'cancelled', 'queued']);
    await house.settle(claim, { kind: 'cancelled', reason: 'the run was cancelled' });
    expect(await statuses([busy, ...later])).toEqual(['cancelled', 'cancelled', 'running']);
  });

  it('asked for at the instant the other ends leaves exactly one running', async () => {
    for (let round = 0; round < 5; round += 1) {
      const scope = `replace-race-${round}`;
      const first = await house.run({ scope, overlap: replaceRunning });
      await house.settle(await house.claim(first.id), done());
      const last = await house.claim(first.id);
      const [, ...others] = await Promise.all([house.settle(last, done()), house.run({ scope, overlap: replaceRunning }), house.run({ scope, overlap: replaceRunning })]);
      const after = await statuses(others);
      expect(after.filter((status) => status === 'running')).toHaveLength(1);
      expect(after.filter((status) => status === 'queued')).toHaveLength(0);
    }
  });
});

describe('the history', () => {
  it('is paged without gaps or repeats, also when ids and times disagree', async () => {
    await house.query('DELETE FROM engine.run');
    const ids = Array.from({ length: 30 }, () => newId());
    const insert = `INSERT INTO engine.run (id, pipeline, trigger, plan_id, status, requested_at) SELECT id, 'bell', 'manual', gen_random_uuid(), 'succeeded', now() - n % 7 * interval '1 minute' FROM unnest($1::uuid[]) WITH ORDINALITY AS u (id, n)`;
    await house.query(insert, [ids]);
    const seen: string[] = [];
    for (let page = await listRuns(house.dataSource, { limit: 7 }); page.length > 0; page = await listRuns(house.dataSource, { limit: 7, before: seen.at(-1) ?? '' })) seen.push(...page.map((run) => run.id));
    expect(seen).toHaveLength(30);
    expect(new Set(seen)).toEqual(new Set(ids));
  });

  it('reads a page of many runs by its index, not by reading them all', async () => {
    await house.query(`INSERT INTO engine.run (id, pipeline, trigger, plan_id, status, requested_at) SELECT gen_random_uuid(), 'bell', 'manual', gen_random_uuid(), 'succeeded', now() - n * interval '1 second' FROM generate_series(1, 20000) n`);
    await house.query('ANALYZE engine.run');
    const [deep] = await house.query<{ id: string }>('SELECT id FROM engine.run ORDER BY id DESC OFFSET 15000 LIMIT 1');
    const times: number[] = [];
    for (let time = 0; time < 3; time += 1) {
      const started = performance.now();
      expect(await listRuns(house.dataSource, { before: deep?.id ?? '', limit: 50 })).toHaveLength(50);
      expect(await listRuns(house.dataSource, { id: deep?.id ?? '' })).toHaveLength(1);
      times.push(performance.now() - started);
    }
    // Reading all takes several times this on any machine; by index it is a few milliseconds, unless something else has the processor.
    expect(Math.min(...times)).toBeLessThan(500);
  });
});
