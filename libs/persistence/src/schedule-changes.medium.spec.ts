/** Schedules changed while everything runs: nothing that was owed is lost, and nothing rings twice. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { allowOverlap, cron, done, every, fireAll, hours, minutes, once, seconds } from '@carillon/engine';
import { eventually } from '@carillon/testing';
import { bell, hosting, ledger } from '../spec/ledger.js';
import type { Ledger } from '../spec/ledger.js';
import { ringing, runsOf } from '../spec/ringing.js';
import { backfillSchedule, createSchedule, deleteSchedule, editSchedule, listRuns, listSchedules, pauseSchedule, resumeSchedule, runScheduleNow, showSchedule, syncSchedules } from './index.js';
import type { NewSchedule } from './index.js';

let house: Ledger;
beforeEach(async () => void (house = await ledger()));
afterEach(() => house.close());

const { ringAll, occurrences } = ringing(() => house);
const chime = bell('chime', { overlap: allowOverlap });
const hosted = hosting(chime);
const make = (more: Partial<NewSchedule> = {}): Promise<void> => createSchedule(house.dataSource, { ...chime, trigger: every(minutes(10)).trigger, name: 'tens', pipeline: 'chime', scope: '', params: {}, ...more });
const at = async (minute: number): Promise<string[]> => {
  await house.moveClock(minutes(minute) + 500);
  return runsOf(await ringAll([chime]));
};
/** Minutes since the schedule was made, and outcomes. */
const told = async (): Promise<string[]> =>
  (await house.query<{ told: string }>(`SELECT round(extract(epoch FROM o.scheduled_for - s.created_at) / 60) || ' ' || o.outcome AS told FROM engine.occurrence o JOIN engine.schedule s ON s.id = o.schedule_id ORDER BY o.scheduled_for`)).map((row) => row.told);

describe('a schedule made at runtime', () => {
  it('rings beside others of the same pipeline, for its scope and with its parameters', async () => {
    await make({ name: 'oslo', scope: 'oslo', params: { city: 'Oslo' } });
    await make({ name: 'bergen', scope: 'bergen', trigger: every(minutes(7)).trigger });
    await make({ name: 'bergen again', scope: 'bergen', trigger: every(minutes(7)).trigger });
    expect(await at(8)).toEqual(['chime running', 'chime running']);
    expect(await at(10)).toEqual(['chime running']);
    expect((await listRuns(house.dataSource)).find((run) => run.scope === 'oslo')).toMatchObject({ params: { city: 'Oslo' }, trigger: 'every' });
    expect((await listSchedules(house.dataSource, { scope: 'bergen' })).map((one) => one.name)).toEqual(['bergen', 'bergen again']);
  });

  it('has a name of its own', async () => {
    await make();
    await expect(make()).rejects.toMatchObject({ code: 'name_taken', message: expect.stringContaining('there is a schedule "tens" already') });
  });

  it('is shown with what it will owe and what became of what it owed', async () => {
    await make({ trigger: cron('30 2 * * *', 'America/New_York').trigger, jitterMs: minutes(5) });
    const view = await showSchedule(house.dataSource, 'tens');
    expect(view?.upcoming).toHaveLength(5);
    for (const { scheduledFor, startsAt } of view?.upcoming ?? []) expect(startsAt.getTime() - scheduledFor.getTime()).toBeLessThan(minutes(5));
    await house.query(`UPDATE engine.schedule SET trigger = '{"kind":"every","everyMs":600000,"runAtOnce":false}', jitter_ms = 0, next_due_at = engine.clock()`);
    await at(21);
    expect((await showSchedule(house.dataSource, 'tens'))?.occurrences.map((one) => [one.outcome, one.runStatus])).toEqual([['ran', 'running'], ['coalesced', null]]);
    expect(await showSchedule(house.dataSource, 'twenties')).toBeUndefined();
  });

  it('is shown as it was at one instant, however much happens while it is read', async () => {
    await make({ trigger: once(new Date(Date.now() + hours(1))).trigger });
    const [schedule] = await house.query<{ id: string }>('SELECT id FROM engine.schedule');
    let shown: ReturnType<typeof showSchedule> | undefined;
    await house.dataSource.transaction(async (manager) => {
      // It has read the schedule, and waits for us before it reads what the schedule owed.
      await manager.query('LOCK TABLE engine.occurrence');
      shown = showSchedule(house.dataSource, 'tens');
      await eventually(async () => (await house.query<{ wait: boolean }>(`SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS wait`))[0]?.wait, { what: 'the reader to wait' });
      await manager.query(`INSERT INTO engine.occurrence (schedule_id, scheduled_for, outcome, reason) VALUES ($1, engine.clock(), 'skipped', 'by hand')`, [schedule?.id]);
      await manager.query('UPDATE engine.schedule SET next_due_at = NULL');
    });
    expect(await shown).toMatchObject({ occurrences: [], nextDueAt: expect.any(Date) });
    expect(await showSchedule(house.dataSource, 'tens')).toMatchObject({ occurrences: [{ outcome: 'skipped' }], nextDueAt: null });
  });

  it('is gone once it is deleted, and its history is not', async () => {
    await make();
    await at(10);
    await deleteSchedule(house.dataSource, hosted, 'tens');
    expect(await at(30)).toEqual([]);
    expect(await listRuns(house.dataSource)).toHaveLength(1);
    await expect(deleteSchedule(house.dataSource, hosted, 'tens')).rejects.toMatchObject({ code: 'unknown_schedule' });
  });
});

describe('a paused schedule', () => {
  it('rings what it owed before, and records what it did not ring', async () => {
    await make();
    await house.moveClock(minutes(10) + 500);
    // Due half a second ago, and nobody has rung it yet.
    expect(await pauseSchedule(house.dataSource, hosted, 'tens')).toMatchObject([{ status: 'running' }]);
    expect(await at(35)).toEqual([]);
    await resumeSchedule(house.dataSource, hosted, 'tens');
    expect(await told()).toEqual(['10 ran', '20 paused', '30 paused']);
    expect(await at(40)).toEqual(['chime running']);
    expect(await told()).toEqual(['10 ran', '20 paused', '30 paused', '40 ran']);
  });

  it('may be left to the misfire policy instead', async () => {
    await make({ misfire: fireAll(2) });
    await pauseSchedule(house.dataSource, hosted, 'tens');
    await house.moveClock(minutes(35));
    await resumeSchedule(house.dataSource, hosted, 'tens', 'misfire');
    expect(await at(35)).toHaveLength(2);
    expect(await told()).toEqual(['10 coalesced', '20 ran', '30 ran']);
  });

  it('stays paused over a restart with other code, and is not edited by it twice', async () => {
    const own = (interval: number): ReturnType<typeof hosting> => hosting(bell('chime', { trigger: every(interval), overlap: allowOverlap }));
    await syncSchedules(house.dataSource, [...own(minutes(10)).values()]);
    await pauseSchedule(house.dataSource, own(minutes(10)), 'chime');
    await house.moveClock(minutes(25));
    await syncSchedules(house.dataSource, [...own(minutes(5)).values()]);
    await syncSchedules(house.dataSource, [...own(minutes(5)).values()]);
    expect(await listSchedules(house.dataSource)).toMatchObject([{ version: 2, pausedAt: expect.any(Date) }]);
    expect(await told()).toEqual(['10 paused', '20 paused']);
    expect(await at(60)).toEqual([]);
  });
});

describe('what is defined in code', () => {
  it('is edited and removed there, and the refusal says so', async () => {
    const own = hosting(bell('chime', { trigger: every(minutes(10)) }));
    await syncSchedules(house.dataSource, [...own.values()]);
    await expect(editSchedule(house.dataSource, own, 'chime', { trigger: every(hours(1)).trigger })).rejects.toMatchObject({ code: 'defined_in_code', message: expect.stringContaining('change it there, or pause it and create a schedule under another name') });
    await expect(deleteSchedule(house.dataSource, own, 'chime')).rejects.toMatchObject({ code: 'defined_in_code' });
    await expect(editSchedule(house.dataSource, hosting(bell('other')), 'chime', {})).rejects.toMatchObject({ code: 'not_hosted' });
  });
});

describe('a backfill', () => {
  it('makes up for what did not run, each instant once, and marks it', async () => {
    await make();
    expect(await at(45)).toEqual(['chime running']);
    expect(await told()).toEqual(['10 coalesced', '20 coalesced', '30 coalesced', '40 ran']);
    const [{ from, to } = { from: new Date(), to: new Date() }] = await house.query<{ from: Date; to: Date }>(`SELECT min(scheduled_for) AS from, engine.clock() AS to FROM engine.occurrence`);
    const first = await backfillSchedule(house.dataSource, hosted, 'tens', { from, to, overlap: 'queue' });
    expect(first).toMatchObject({ owed: 4, ranBefore: 1 });
    expect(await told()).toEqual(['10 ran', '20 ran', '30 ran', '40 ran']);
    expect((await listRuns(house.dataSource)).filter((run) => run.trigger === 'backfill')).toHaveLength(3);
    const reasons = await house.query<{ reason: string }>(`SELECT reason FROM engine.occurrence ORDER BY scheduled_for LIMIT 1`);
    expect(reasons[0]?.reason).toMatch(/^backfill of .*, was coalesced$/);
    expect(await backfillSchedule(house.dataSource, hosted, 'tens', { from, to, overlap: 'queue' })).toEqual({ owed: 4, ranBefore: 4, runs: [] });
    // The cursor has not moved: what is due next still rings.
    expect(await at(50)).toEqual(['chime running']);
  });

  it('queues its runs where only one may be at work, and skips them where that is asked for', async () => {
    await make({ overlap: { kind: 'skip' } });
    await at(45);
    for (const { id } of await listRuns(house.dataSource)) await house.settle(await house.claim(id), done());
    const range = { from: new Date(0), to: new Date(Date.now() + hours(24)) };
    expect((await backfillSchedule(house.dataSource, hosted, 'tens', { ...range, overlap: 'policy' })).runs.map((run) => run.status)).toEqual(['running', 'skipped', 'skipped']);
    expect((await backfillSchedule(house.dataSource, hosted, 'tens', { ...range, overlap: 'queue' })).runs.map((run) => run.status)).toEqual(['queued', 'queued']);
    expect(await told()).toEqual(['10 ran', '20 ran', '30 ran', '40 ran']);
  });

  it('is bounded, and only for what owes instants', async () => {
    await make({ trigger: every(seconds(1)).trigger });
    await at(30);
    await expect(backfillSchedule(house.dataSource, hosted, 'tens', { from: new Date(0), to: new Date(Date.now() + hours(24)), overlap: 'queue' })).rejects.toMatchObject({ code: 'too_many', message: expect.stringContaining('take a shorter range') });
    await make({ name: 'by hand', trigger: { kind: 'manual' } });
    await expect(backfillSchedule(house.dataSource, hosted, 'by hand', { from: new Date(0), to: new Date(), overlap: 'queue' })).rejects.toMatchObject({ code: 'nothing_to_backfill' });
  });
});

it('changes and rings that race lose nothing and repeat nothing', async () => {
  const names = Array.from({ length: 12 }, (_none, n) => `every ten ${n}`);
  for (const name of names) await make({ name, misfire: fireAll(500) });
  const schedulers = await Promise.all([1, 2, 3].map(() => house.another(2)));
  const changer = await house.another(4);
  for (let minute = 10; minute <= 60; minute += 10) {
    await house.moveClock(minutes(minute) + 500);
    await Promise.all([
      ...schedulers.map((scheduler) => ringAll([chime], scheduler)),
      ...names.slice(0, 4).map((name) => editSchedule(changer, hosted, name, { params: { minute } })),
      ...names.slice(4, 8).map(async (name) => (await pauseSchedule(changer, hosted, name), resumeSchedule(changer, hosted, name, 'misfire'))),
      ...names.slice(8).map((name) => runScheduleNow(changer, hosted, name)),
    ]);
  }
  await ringAll([chime]);
  const counted = await house.query<{ name: string; instants: number; runs: number }>(`SELECT s.name, count(*)::int AS instants, count(DISTINCT o.run_id)::int AS runs FROM engine.occurrence o JOIN engine.schedule s ON s.id = o.schedule_id WHERE o.outcome = 'ran' GROUP BY s.name`);
  // An edit counts anew from the half second after the instant, so the edited ones come a little later and one less often.
  for (const { name, instants, runs } of counted) {
    expect(runs).toBe(instants);
    if (!names.slice(0, 4).includes(name)) expect(instants).toBe(6);
  }
  expect(counted).toHaveLength(12);
  expect(await occurrences()).toHaveLength(1);
  expect((await listRuns(house.dataSource, { limit: 500 })).filter((run) => run.trigger === 'manual')).toHaveLength(24);
});
