import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createRun, DeadLetterStore, hostPipeline, inTransaction, listAlerts, lookAtNext, registerService, setScheduleAlerts, syncSchedules } from '@carillon/persistence';
import { allowOverlap, days, done, pipeline, seconds, step, threshold } from '@carillon/engine';
import { watchedHouse } from '../../spec/watched-house.js';
import type { WatchedHouse } from '../../spec/watched-house.js';

let house: WatchedHouse;
beforeEach(async () => void (house = await watchedHouse()));
afterEach(() => house.close());

const types = async (): Promise<string[]> => (await house.told()).map(({ type, content }) => `${type} ${String(content['pipeline'] ?? '')}`.trim());
const open = async (): Promise<string[]> => (await listAlerts(house.dataSource, { open: true })).map(({ kind }) => kind);

// Failure alerts are for paying customers elsewhere: DBOS Teams, Oban Pro, River Pro; see complaint 22.
describe('a schedule that keeps failing', () => {
  it('is told of once at the third failure, and once when it works again', async () => {
    const news = await house.schedule('news', 'eu');
    for (const failures of [1, 2, 3, 4, 5]) {
      await house.fails(news, failures);
      await house.watch.runOnce();
    }
    expect(await house.told()).toEqual([{ type: 'run_failed', recipient: 'channel:operations', content: { pipeline: 'news/eu', failures: 3 } }]);
    await house.fails(news, 0);
    await house.watch.runOnce();
    await house.watch.runOnce();
    expect(await types()).toEqual(['run_failed news/eu', 'run_recovered news/eu']);
    expect(await open()).toEqual([]);
  });

  it('is told of once by any number of watchers, and anew in its next episode', async () => {
    const news = await house.schedule('news');
    const watchers = [1, 2, 3, 4].map(() => house.another());
    for (const failures of [3, 0, 3, 0]) {
      await house.fails(news, failures);
      await Promise.all(watchers.map((watch) => watch.runOnce()));
    }
    expect(await types()).toEqual(['run_failed news', 'run_recovered news', 'run_failed news', 'run_recovered news']);
  });

  it('is told of again where that is wanted, and to whom it is wanted', async () => {
    const [news, loans] = [await house.schedule('news'), await house.schedule('loans')];
    await setScheduleAlerts(house.dataSource, 'news', { afterFailures: 1, everyFurther: 2, recipient: 'account:editor' });
    for (const failures of [1, 2, 3, 4]) {
      await Promise.all([news, loans].map((id) => house.fails(id, failures)));
      await house.another({ alertAfterFailures: 0 }).runOnce();
    }
    expect((await house.told()).map(({ recipient, content }) => [recipient, content['failures']])).toEqual([['account:editor', 1], ['account:editor', 3]]);
  });

  it('is one of many that are told as one', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, (_, n) => house.schedule('news', `tenant-${n}`)));
    for (const id of ids) await house.fails(id, 3);
    await house.watch.runOnce();
    expect(await house.told()).toEqual([{ type: 'alert_storm', recipient: 'channel:operations', content: expect.objectContaining({ kind: 'failing', pipeline: 'news', count: 20 }) }]);
    expect(await open()).toHaveLength(20);
  });

  it('whose notice can not be filed is told of later: the episode and its notice are one fact', async () => {
    const news = await house.schedule('news');
    await house.fails(news, 3);
    await house.dataSource.query('ALTER TABLE notices.notice ADD CONSTRAINT full_disk CHECK (false) NOT VALID');
    await expect(house.watch.runOnce()).rejects.toThrow('full_disk');
    expect(await open()).toEqual([]);
    await house.dataSource.query('ALTER TABLE notices.notice DROP CONSTRAINT full_disk');
    await house.watch.runOnce();
    expect(await types()).toEqual(['run_failed news']);
  });
});

// No signal for skipped runs elsewhere: temporalio #8087; see complaint 16.
describe('an occurrence', () => {
  it('that came late, or never will, is told of once an episode, until one is on time', async () => {
    const news = await house.schedule('news');
    let hours = 0;
    const happens = async (outcome: string, late: number): Promise<void> => {
      await house.moveClock((hours += 2) * 3_600_000);
      await house.occurred(news, outcome, late, 'the scheduler was away');
      await house.watch.runOnce();
    };
    await happens('ran', 2);
    await happens('coalesced', 60);
    await happens('skipped', 4_000);
    expect(await types()).toEqual([]);
    await happens('coalesced', 900);
    await happens('ran', 600);
    expect(await house.told()).toMatchObject([
      { type: 'run_missed', content: { pipeline: 'news', error: 'the scheduler was away', late_seconds: 900 } },
      { type: 'run_late', content: { pipeline: 'news', late_seconds: 600 } },
    ]);
    await happens('expired', 700);
    expect((await open()).sort()).toEqual(['late', 'missed']);
    await happens('ran', 1);
    await house.watch.runOnce();
    expect(await open()).toEqual([]);
    expect(await types()).toHaveLength(2);
    await happens('expired', 0);
    expect(await types()).toEqual(['run_missed news', 'run_late news', 'run_missed news']);
  });
});

// Schedules silently stop firing elsewhere: a schedule whose counter fails owes nothing that anybody could see.
describe('a schedule that can not be looked at', () => {
  it('is told of when that lasts, and when it is over; one failed look is no news', async () => {
    let broken = true;
    const read = async (): Promise<number> => (broken ? Promise.reject(new Error('no such table: pending')) : 0);
    const hosted = hostPipeline(pipeline<undefined>('news', { does: 'rings', trigger: threshold({ count: { name: 'pending', read }, atLeast: 1, orEvery: days(1), poll: seconds(1) }), steps: [step('only', { does: 'rings', run: async () => done() })] }), undefined);
    await syncSchedules(house.dataSource, [hosted]);
    const look = (): Promise<unknown> => lookAtNext(house.dataSource, new Map([['news', hosted]]));
    await house.moveClock(2_000);
    await look();
    await house.moveClock(200_000);
    await look();
    await house.watch.runOnce();
    expect(await types()).toEqual([]);
    await house.moveClock(400_000);
    await house.watch.runOnce();
    await house.watch.runOnce();
    expect(await house.told()).toMatchObject([{ type: 'schedule_stalled', content: { pipeline: 'news', error: expect.stringContaining('no such table: pending'), seconds: expect.any(Number) } }]);
    broken = false;
    await look();
    await house.watch.runOnce();
    broken = true;
    await house.moveClock(500_000);
    await look();
    await house.watch.runOnce();
    expect(await types()).toEqual(['schedule_stalled news', 'schedule_looked_at news']);
  });
});

describe('work that nobody takes', () => {
  it('is told of when it has been due for long, and when it is gone', async () => {
    const plan = [step<never>('only', { does: 'rings', run: async () => done() }).plan];
    const bell = { pipeline: 'bell', scope: '', trigger: 'manual', plan, overlap: allowOverlap };
    for (let n = 0; n < 3; n += 1) await inTransaction(house.dataSource, (manager) => createRun(manager, bell));
    await house.watch.runOnce();
    expect(await types()).toEqual([]);
    await house.moveClock(700_000);
    await house.watch.runOnce();
    await house.watch.runOnce();
    expect(await house.told()).toMatchObject([{ type: 'backlog_stuck', content: { pipeline: 'bell', steps: 3, minutes: 12 } }]);
    await house.dataSource.query('DELETE FROM engine.active_run');
    await house.watch.runOnce();
    expect(await types()).toEqual(['backlog_stuck bell', 'backlog_over bell']);
  });
});

describe('dead letters', () => {
  it('are told of when they pile up, and when they were handled', async () => {
    const store = new DeadLetterStore(house.dataSource);
    for (let n = 0; n < 10; n += 1) await store.write({ service: 'spec', subject: 'step.bell.only', payload: '{}', headers: {}, reason: 'exhausted', deliveries: 10 });
    await house.watch.runOnce();
    await store.write({ service: 'spec', subject: 'step.bell.only', payload: '{}', headers: {}, reason: 'exhausted', deliveries: 10 });
    await house.watch.runOnce();
    await store.discard({ all: true }, { by: 'the spec' });
    await house.watch.runOnce();
    expect(await house.told()).toMatchObject([{ type: 'dead_letters_many', content: { count: 10 } }, { type: 'dead_letters_over', content: { count: 0 } }]);
  });
});

// A dead daemon looks like a quiet day elsewhere: dagster exporter #84; see complaint 15.
describe('an engine that fell silent', () => {
  it('is told of by any other process, once, and so is its return', async () => {
    const id = await registerService(house.dataSource, { name: 'scheduler', host: 'spec', pid: 1 });
    const watchers = [house.engineWatch(), house.engineWatch()];
    const look = (): Promise<unknown> => Promise.all(watchers.map((watch) => watch.runOnce(999_000)));
    await look();
    await house.moveClock(90_000);
    await watchers[0]?.runOnce(5_000);
    expect(await house.told()).toEqual([]);
    await look();
    await look();
    expect(await house.told()).toMatchObject([{ type: 'engine_silent', recipient: 'channel:operations', content: { why: 'no scheduler gives a sign of life', seconds: expect.any(Number) } }]);
    await house.dataSource.query('UPDATE engine.service SET beat_at = engine.clock() WHERE id = $1', [id]);
    await look();
    await look();
    expect(await types()).toEqual(['engine_silent', 'engine_heard']);
  });

  it('counts as silent when its heart beats and its drum looks at nothing', async () => {
    const serviceId = await registerService(house.dataSource, { name: 'scheduler', host: 'spec', pid: 1 });
    await house.engineWatch({ serviceId, overdueMs: 0 }).runOnce(999_000);
    expect(await house.told()).toEqual([]);
    await house.engineWatch({ serviceId, overdueMs: 75_000 }).runOnce(999_000);
    expect(await house.told()).toMatchObject([{ type: 'engine_silent', content: { why: 'a scheduler lives, but none looks at the schedules', seconds: 75 } }]);
  });
});
