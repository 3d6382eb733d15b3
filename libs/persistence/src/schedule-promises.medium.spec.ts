/**
 * What schedulers elsewhere were reported to get wrong, as what ours does: one spec each, named for the wanted behaviour, with the report it answers.
 */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { allowOverlap, cron, days, every, hours, minutes, seconds, skipBeyond, threshold } from '@carillon/engine';
import type { Pipeline } from '@carillon/engine';
import { bell, hosting, ledger } from '../spec/ledger.js';
import type { Ledger } from '../spec/ledger.js';
import { ringing, runsOf } from '../spec/ringing.js';
import { createSchedule, editSchedule, listRuns, ringTimes, runScheduleNow } from './index.js';

let house: Ledger;
beforeEach(async () => void (house = await ledger()));
afterEach(() => house.close());

const { sync, ringAll, occurrences } = ringing(() => house);
const hourly = (name: string, more: Partial<Pipeline<never>> = {}): Pipeline<never> => ({ ...bell(name, { trigger: every(hours(1)), overlap: allowOverlap }), ...more });
const instantsOf = async (): Promise<string[]> => (await house.query<{ at: string }>(`SELECT s.name || ' ' || round(extract(epoch FROM o.scheduled_for - s.anchor_at)) AS at FROM engine.occurrence o JOIN engine.schedule s ON s.id = o.schedule_id ORDER BY 1`)).map(({ at }) => at);

// sidekiq/sidekiq#6804, dkron-io/dkron#1210: the leader leaves at 09:59:57, its successor comes at 10:00:00.7, the job of 10:00 is lost.
it('an instant that nobody was there for rings as soon as somebody is', async () => {
  await sync(hourly('bell'));
  await house.moveClock(hours(1) + 700);
  expect(runsOf(await ringAll([hourly('bell')]))).toEqual(['bell running']);
  expect(await instantsOf()).toEqual(['bell 3600']);
});

// riverqueue/river#791: an interval of a month never passes in a service that is restarted every week.
it('an interval that is longer than any process lives comes all the same', async () => {
  const monthly = bell('bell', { trigger: every(days(30)) });
  for (const day of [0, 7, 14, 21, 28]) {
    await house.moveClock(days(day));
    // A fresh process knows nothing but the database.
    await sync(monthly);
    expect(await ringAll([monthly], await house.another())).toEqual([]);
  }
  await house.moveClock(days(30) + 1_000);
  expect(runsOf(await ringAll([monthly], await house.another()))).toEqual(['bell running']);
});

// timgit/pg-boss#557 and #914, hatchet "will not run missed instances", n8n-io/n8n#23906, oban-bg/oban#892: what was due during an outage never runs.
it('what was missed during an outage rings once, and every missed instant has its record', async () => {
  const yearly = bell('yearly', { trigger: cron('0 0 1 1 *') });
  await sync(hourly('bell'), yearly);
  await house.moveClock(days(400));
  const rungs = await ringAll([hourly('bell'), yearly]);
  expect(runsOf(rungs).sort()).toEqual(['bell running', 'yearly running']);
  // From the end of November on, two first days of January lie within these 400 days.
  const newYears = new Date(Date.now() + days(400)).getUTCFullYear() - new Date().getUTCFullYear();
  expect((await occurrences()).find((one) => one.outcome === 'coalesced')?.count).toBe(400 * 24 - 1 + (newYears - 1));
});

// riverqueue/river#1035, inngest/inngest#3569: two weeks of five-second ticks are replayed, one by one.
it('a long outage is no flood: one run, however many instants passed', async () => {
  const quick = bell('quick', { trigger: every(seconds(5)) });
  await sync(quick);
  await house.moveClock(hours(6));
  expect(runsOf(await ringAll([quick]))).toEqual(['quick running']);
  const [ran = { outcome: '', count: 0 }] = (await occurrences()).filter((one) => one.outcome === 'ran');
  expect(ran.count).toBe(1);
  expect((await listRuns(house.dataSource)).length).toBe(1);
});

// vikasprogrammer/agentric#245: an instant that finds no room is dropped for good, and nobody is told.
it('an instant that finds a run at work is recorded with the run that was in its way', async () => {
  const alone = bell('bell', { trigger: every(hours(1)) });
  await sync(alone);
  await house.moveClock(hours(1) + 500);
  const [first] = (await ringAll([alone])).flatMap((rung) => rung.runs);
  await house.moveClock(hours(2) + 500);
  await ringAll([alone]);
  expect(await house.query(`SELECT outcome, reason FROM engine.occurrence ORDER BY scheduled_for`)).toEqual([
    { outcome: 'ran', reason: 'due' },
    { outcome: 'skipped', reason: `skipped: run ${first?.id} is running` },
  ]);
});

// dagster-io/dagster#13597 and #7010, dbos backfilling 24 hourly runs of a schedule that was daily: an edit rings the past.
it('an edit rings nothing of the past, and loses nothing that was owed before it', async () => {
  const daily = bell('bell', { trigger: every(days(1)), overlap: allowOverlap });
  const hosted = hosting(daily);
  await createSchedule(house.dataSource, { ...daily, name: 'daily', pipeline: 'bell', scope: '', params: {}, priority: 0 });
  await house.moveClock(days(1) + 300);
  // Due 300 ms ago and not yet rung: the old version still owes it.
  const [owed] = await editSchedule(house.dataSource, hosted, 'daily', { trigger: every(hours(1)).trigger });
  expect(owed?.status).toBe('running');
  expect(await ringAll([daily])).toEqual([]);
  await house.moveClock(days(1) + hours(1) + 600);
  expect(runsOf(await ringAll([daily]))).toEqual(['bell running']);
  expect(await occurrences()).toEqual([{ outcome: 'ran', count: 2 }]);
  expect(await house.query('SELECT version FROM engine.schedule')).toEqual([{ version: 2 }]);
});

// NousResearch/hermes-agent#107485: a run by hand is stamped with tomorrow's instant, and tomorrow is silently skipped.
it('a run by hand takes no instant: the next one still rings', async () => {
  const bellHourly = hourly('bell');
  await sync(bellHourly);
  const byHand = await runScheduleNow(house.dataSource, hosting(bellHourly), 'bell');
  await house.moveClock(hours(1) + 500);
  expect(runsOf(await ringAll([bellHourly]))).toEqual(['bell running']);
  expect(await instantsOf()).toEqual(['bell 3600']);
  expect((await listRuns(house.dataSource)).find((run) => run.id === byHand.id)).toMatchObject({ trigger: 'manual', scheduledFor: null });
});

// taskforcesh/bullmq#3272 and #393, windmill PR #10174: the next job is made by the previous one, and a crash between ends the chain for ever.
it('a scheduler that dies while it rings leaves the instant owed', async () => {
  await sync(hourly('bell'));
  await house.moveClock(hours(1) + 500);
  await house.query(`CREATE FUNCTION public.die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$`);
  await house.query(`CREATE TRIGGER die BEFORE INSERT ON engine.occurrence FOR EACH ROW EXECUTE FUNCTION public.die()`);
  await expect(ringTimes(await house.another(1), hosting(hourly('bell')))).rejects.toThrow();
  await house.query('DROP TRIGGER die ON engine.occurrence');
  expect(await occurrences()).toEqual([]);
  expect(runsOf(await ringAll([hourly('bell')]))).toEqual(['bell running']);
  expect(await occurrences()).toEqual([{ outcome: 'ran', count: 1 }]);
});

// bullmq#2876 and #2889, OptimalBits/bull#666, triggerdotdev/trigger.dev#1566 with 3,800 doubles: each restart makes the jobs again.
it('restarts make no doubles, however many come at once and whenever', async () => {
  const bells = Array.from({ length: 5 }, (_none, n) => hourly(`bell-${n}`));
  for (const quarter of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
    await house.moveClock(quarter * minutes(15) + 500);
    await Promise.all([1, 2, 3].map(async () => {
      const process = await house.another(1);
      await sync(...bells);
      await ringAll(bells, process);
    }));
  }
  expect(await occurrences()).toEqual([{ outcome: 'ran', count: 10 }]);
  expect(await listRuns(house.dataSource)).toHaveLength(10);
});

// temporal#8087 and PR #10503: nothing tells that a run was skipped, or why.
describe('every owed instant ends in one recorded outcome', () => {
  it('with its reason, whatever the policies make of it', async () => {
    const late = hourly('late', { misfire: skipBeyond(minutes(90)) });
    const punctual = hourly('punctual', { deadlineMs: minutes(10) });
    await sync(late, punctual);
    await house.moveClock(hours(3) + minutes(5));
    await ringAll([late, punctual]);
    const told = await house.query<{ told: string }>(
      `SELECT s.name || ' ' || round(extract(epoch FROM o.scheduled_for - s.anchor_at) / 3600) || ' ' || o.outcome || ': ' || o.reason AS told FROM engine.occurrence o JOIN engine.schedule s ON s.id = o.schedule_id ORDER BY s.name, o.scheduled_for`,
    );
    expect(told.map((row) => row.told)).toEqual([
      'late 1 expired: later than the grace of 5400000 ms', expect.stringMatching(/^late 2 ran: due 39\d\d s ago$/), expect.stringMatching(/^late 3 ran: due (300|301) s ago$/),
      'punctual 1 expired: later than the deadline of 600000 ms', 'punctual 2 expired: later than the deadline of 600000 ms', expect.stringMatching(/^punctual 3 ran: due (300|301) s ago$/),
    ]);
  });
});

// OpenFn/lightning#4716: one tenant's slow query kills the whole tick.
it("one schedule's slow or broken look touches no other", async () => {
  const slow = bell('slow', { trigger: threshold<never>({ count: { name: 'rows', read: async () => (await house.query('SELECT pg_sleep(0.5)'), 0) }, atLeast: 1, orEvery: hours(1), poll: minutes(1) }) });
  const broken = bell('broken', { trigger: every(hours(1)) });
  const bells = Array.from({ length: 30 }, (_none, n) => hourly(`bell-${n}`));
  await sync(slow, broken, ...bells);
  // A row that no version of ours would write.
  await house.query(`UPDATE engine.schedule SET trigger = '{"kind": "cron", "expression": "every tuesday", "timeZone": "UTC"}' WHERE name = 'broken'`);
  await house.query(`UPDATE engine.schedule SET params = '{"poison": true}' WHERE name = 'bell-7'`);
  await house.query(`CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.params ? 'poison' THEN RAISE EXCEPTION 'poisoned'; END IF; RETURN NEW; END $$`);
  await house.query(`CREATE TRIGGER refuse BEFORE INSERT ON engine.run FOR EACH ROW EXECUTE FUNCTION public.refuse()`);
  await house.moveClock(hours(1) + 500);
  const rungs = await ringTimes(house.dataSource, hosting(slow, broken, ...bells));
  expect(runsOf(rungs).filter((line) => line.endsWith('running'))).toHaveLength(29);
  expect(rungs.filter((rung) => rung.error !== undefined).map((rung) => rung.schedule).sort()).toEqual(['bell-7', 'broken']);
  expect(await house.query(`SELECT name, last_error FROM engine.schedule WHERE last_error IS NOT NULL ORDER BY name`)).toEqual([
    { name: 'bell-7', last_error: expect.stringContaining('poisoned') },
    { name: 'broken', last_error: expect.stringContaining('cron("every tuesday", "UTC") can not be read') },
  ]);
  // Mended, it rings what it owed.
  await house.query('DROP TRIGGER refuse ON engine.run');
  await house.moveClock(hours(1) + seconds(31));
  expect(runsOf(await ringAll(bells))).toEqual(['bell-7 running']);
});

// node-cron#492 and #509, croner#343, cron-parser#378, temporal#8205, apache/airflow#38098: see daylight.spec.ts and every-zone.spec.ts of the engine.
it('a daily schedule rings once on the day that clocks jump, and once on the day that they go back', async () => {
  const nightly = bell('nightly', { trigger: cron('30 2 * * *', 'America/New_York'), overlap: allowOverlap });
  await sync(nightly);
  await house.query(`UPDATE engine.schedule SET evaluated_through = '2026-03-07T12:00Z', next_due_at = '2026-03-08T07:00Z'`);
  await house.query(`UPDATE engine.schedule SET misfire = '{"kind": "fireAll", "max": 500}'`);
  await ringAll([nightly]);
  const days2026 = await house.query<{ at: string }>(`SELECT to_char(scheduled_for AT TIME ZONE 'UTC', 'MM-DD HH24:MI') AS at FROM engine.occurrence WHERE scheduled_for < '2026-11-03' ORDER BY scheduled_for`);
  expect(days2026.map(({ at }) => at).slice(0, 2)).toEqual(['03-08 07:00', '03-09 06:30']);
  expect(days2026.map(({ at }) => at).slice(-3)).toEqual(['10-31 06:30', '11-01 07:30', '11-02 07:30']);
  expect(days2026).toHaveLength(240);
});
