import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { allowOverlap, done, every, fail, fireAll, hours, manual, minutes, PermanentError, pipeline, seconds, step, threshold } from '@carillon/engine';
import type { Pipeline, StepOutcome } from '@carillon/engine';
import { bell, ledger } from '../spec/ledger.js';
import type { Ledger } from '../spec/ledger.js';
import { ringing, runsOf } from '../spec/ringing.js';
import { listRuns } from './index.js';

let house: Ledger;
beforeEach(async () => void (house = await ledger()));
afterEach(() => house.close());

const { sync, ringAll, occurrences } = ringing(() => house);
const finishAll = async (outcome: StepOutcome): Promise<void> => {
  for (const { id } of await house.query<{ id: string }>(`SELECT id FROM engine.run WHERE status = 'running' ORDER BY requested_at`)) await house.settle(await house.claim(id), outcome);
};
const minutely = (name: string): Pipeline<never> => bell(name, { trigger: every(minutes(1)) });

describe('owed instants', () => {
  // Eight pools of one process. Real scheduler processes race in chaos (its fault of eight schedulers) and in bench schedules, where doubles are counted too.
  // oban-bg/oban#1488: a leader that is none any more rings for 19 days beside the new one; oban-py#32: processes of one name ring three times.
  it('become exactly one run each, however many schedulers look at once', async () => {
    const pipelines = Array.from({ length: 40 }, (_none, n) => bell(`bell-${n}`, { trigger: every(minutes(1)), overlap: allowOverlap }));
    await sync(...pipelines);
    const schedulers = await Promise.all(Array.from({ length: 8 }, () => house.another(2)));
    for (const minute of [1, 2, 3]) {
      await house.moveClock(minute * 61_000);
      await Promise.all(schedulers.map((scheduler) => ringAll(pipelines, scheduler)));
    }
    const owed = await house.query<{ id: string }>(`SELECT s.id || ' ' || s.anchor_at + n * interval '1 minute' AS id FROM engine.schedule s, generate_series(1, 3) n ORDER BY 1`);
    const ran = await house.query<{ id: string }>(`SELECT schedule_id || ' ' || scheduled_for AS id FROM engine.run ORDER BY 1`);
    expect(owed).toHaveLength(120);
    expect(ran).toEqual(owed);
    expect(await occurrences()).toEqual([{ outcome: 'ran', count: 120 }]);
    expect(await house.query(`SELECT FROM engine.run r JOIN engine.occurrence o ON o.run_id = r.id AND o.scheduled_for = r.scheduled_for`)).toHaveLength(120);
  });

  it('that were missed coalesce into the latest, each recorded, also when there are thousands', async () => {
    const quick = bell('quick', { trigger: every(seconds(1)) });
    await sync(quick);
    await house.moveClock(2_400_000);
    const [rung] = await ringAll([quick]);
    expect(rung?.runs).toMatchObject([{ status: 'running' }]);
    const [{ first, last, count } = { first: 0, last: 0, count: 0 }] = await house.query<{ first: number; last: number; count: number }>(
      `SELECT extract(epoch FROM min(scheduled_for) - s.anchor_at)::int AS first, extract(epoch FROM max(scheduled_for) - s.anchor_at)::int AS last, count(*)::int AS count FROM engine.occurrence o JOIN engine.schedule s ON s.id = o.schedule_id GROUP BY s.anchor_at`,
    );
    expect([first, last]).toEqual([1, count]);
    expect(count).toBeGreaterThanOrEqual(2_400);
    expect(await occurrences()).toEqual([{ outcome: 'coalesced', count: count - 1 }, { outcome: 'ran', count: 1 }]);
    expect(await house.query(`SELECT FROM engine.occurrence WHERE outcome = 'ran' AND scheduled_for = (SELECT max(scheduled_for) FROM engine.occurrence)`)).toHaveLength(1);
  });

  it('all fire where that is the policy, up to its number', async () => {
    const all = { ...bell('all', { trigger: every(minutes(1)), overlap: allowOverlap }), misfire: fireAll(3) };
    await sync(all);
    await house.moveClock(minutes(5) + 1_000);
    expect(runsOf(await ringAll([all]))).toEqual(Array(3).fill('all running'));
    expect(await occurrences()).toEqual([{ outcome: 'coalesced', count: 2 }, { outcome: 'ran', count: 3 }]);
  });

  it('that find a run at work are recorded as skipped, as a run and as an occurrence', async () => {
    await sync(minutely('bell'));
    await house.moveClock(61_000);
    await ringAll([minutely('bell')]);
    await house.moveClock(121_000);
    expect(runsOf(await ringAll([minutely('bell')]))).toEqual(['bell skipped']);
    expect(await occurrences()).toEqual([{ outcome: 'ran', count: 1 }, { outcome: 'skipped', count: 1 }]);
    expect((await listRuns(house.dataSource)).map((run) => run.status)).toEqual(['skipped', 'running']);
  });

  it('are none while the schedule is paused, or once it is only rung by hand', async () => {
    await sync(minutely('paused'), minutely('retired'));
    await house.query(`UPDATE engine.schedule SET paused_at = engine.clock() WHERE pipeline = 'paused'`);
    const retired = { ...minutely('retired'), trigger: manual().trigger };
    await sync(minutely('paused'), retired);
    await house.moveClock(minutes(10));
    expect(await ringAll([minutely('paused'), retired])).toEqual([]);
  });
});

describe('an edited schedule', () => {
  const state = (): Promise<{ version: number; wait: number }[]> => house.query('SELECT version, round(extract(epoch FROM next_due_at - engine.clock()))::int AS wait FROM engine.schedule');

  it('counts anew: a higher version, and nothing owed from before', async () => {
    await sync(minutely('bell'));
    await house.moveClock(minutes(30));
    const edited = bell('bell', { trigger: every(minutes(2)) });
    await sync(edited);
    expect(await state()).toEqual([{ version: 2, wait: 120 }]);
    expect(await ringAll([edited])).toEqual([]);
    // What the old version owed was decided by its own policies: 30 instants, of which one rang.
    expect(await occurrences()).toEqual([{ outcome: 'coalesced', count: 29 }, { outcome: 'ran', count: 1 }]);
    await finishAll(done());
    await house.moveClock(minutes(30) + 121_000);
    expect(runsOf(await ringAll([edited]))).toEqual(['bell running']);
  });

  it('that is the same as before keeps what it owes', async () => {
    await sync(minutely('bell'));
    await house.moveClock(minutes(3) + 1_000);
    await sync(minutely('bell'));
    expect((await state())[0]).toMatchObject({ version: 1 });
    await ringAll([minutely('bell')]);
    expect(await occurrences()).toEqual([{ outcome: 'coalesced', count: 2 }, { outcome: 'ran', count: 1 }]);
  });
});

describe('a threshold', () => {
  let pending = 0;
  let ended = false;
  const counting = (more: { minGap?: number; broken?: boolean } = {}): Pipeline<never> =>
    pipeline<never>(more.broken ? 'broken' : 'counting', {
      does: 'counts',
      trigger: threshold<never>({
        count: { name: 'pending', read: async () => (more.broken ? Promise.reject(new Error('no such table: pending')) : pending) },
        atLeast: 10,
        orEvery: hours(6),
        poll: seconds(60),
        minGap: more.minGap ?? 0,
        orWhen: { name: 'cycleEnded', holds: async () => ended },
      }),
      steps: [step<never>('only', { does: 'it', run: async () => done() })],
    });
  /** Minutes on the database's clock since the beginning, one poll each; answers when it rang. */
  const ringsBetween = async (from: number, to: number, after: () => Promise<void> = () => finishAll(done())): Promise<number[]> => {
    const rang: number[] = [];
    for (let minute = from; minute <= to; minute += 1) {
      await house.moveClock(minutes(minute) + 500);
      if (runsOf(await ringAll([counting()])).length > 0) rang.push(minute);
      await after();
    }
    return rang;
  };
  beforeEach(async () => {
    pending = 0;
    ended = false;
    await sync(counting());
  });

  it('rings at its number, not one before', async () => {
    pending = 9;
    expect(await ringsBetween(1, 3)).toEqual([]);
    expect(await house.query('SELECT waiting_for FROM engine.schedule')).toEqual([{ waiting_for: '9 of 10 pending' }]);
    pending = 10;
    expect(await ringsBetween(4, 4)).toEqual([4]);
    expect((await listRuns(house.dataSource))[0]).toMatchObject({ trigger: 'threshold', reason: '10 pending (threshold 10)', status: 'succeeded' });
  });

  it('rings when the last success is too long ago, also one that was asked for by hand', async () => {
    expect(await ringsBetween(358, 362)).toEqual([360]);
    await house.moveClock(hours(9));
    await house.run({ pipeline: 'counting', plan: counting().steps.map((one) => one.plan) });
    await finishAll(done());
    expect(await ringsBetween(12 * 60, 12 * 60 + 2)).toEqual([]);
    expect(await ringsBetween(15 * 60 - 1, 15 * 60 + 1)).toEqual([15 * 60]);
  });

  it('waits while a run is at work', async () => {
    pending = 10;
    expect(await ringsBetween(1, 5, async () => undefined)).toEqual([1]);
    await finishAll(done());
    expect(await ringsBetween(6, 6)).toEqual([6]);
  });

  it('rings when its condition holds', async () => {
    ended = true;
    expect(await ringsBetween(1, 1)).toEqual([1]);
    expect((await listRuns(house.dataSource))[0]?.reason).toBe('cycleEnded holds');
  });

  it('backs off from runs that fail, and comes back to speed after a success', async () => {
    pending = 10;
    const failing = (): Promise<void> => finishAll(fail(new PermanentError('no')));
    expect(await ringsBetween(1, 40, failing)).toEqual([1, 3, 7, 15, 31]);
    const next = await ringsBetween(60, 66);
    expect(next.slice(0, 3)).toEqual([63, 64, 65]);
  });

  it('that can not be read is set aside with its reason, and the others ring', async () => {
    const others = [minutely('before'), minutely('after')];
    await sync(...others, counting({ broken: true }));
    await house.moveClock(61_000);
    const rungs = await ringAll([...others, counting({ broken: true })]);
    expect(runsOf(rungs).sort()).toEqual(['after running', 'before running']);
    expect(rungs.find((rung) => rung.pipeline === 'broken')?.error).toMatchObject({ message: 'no such table: pending' });
    expect(await house.query(`SELECT last_error, round(extract(epoch FROM next_due_at - engine.clock()))::int AS wait FROM engine.schedule WHERE pipeline = 'broken'`)).toEqual([
      { last_error: 'Error: no such table: pending', wait: 30 },
    ]);
  });
});

