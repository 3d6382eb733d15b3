/** Schedules changed through one scheduler ring by another, at once: nobody looks every second, everybody listens. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { after, allowOverlap, done, hours, manual, pipeline, step } from '@carillon/engine';
import type { Pipeline } from '@carillon/engine';
import { createDataSource } from '@carillon/persistence';
import { eventually } from '@carillon/testing';
import { pino } from 'pino';
import { tower } from '../../spec/tower.js';
import type { Ringer, Tower } from '../../spec/tower.js';
import { ScheduleDesk } from '../index.js';

const bell = (name: string, trigger: object = manual()): Pipeline<never> =>
  pipeline<never>(name, { does: 'rings', trigger: trigger as never, overlap: allowOverlap, steps: [step<never>('only', { does: 'it', run: async () => done({ counts: { rung: 1 } }) })] });
const chime = bell('chime');
const echo = bell('echo', after('chime', { when: { rung: { atLeast: 1 } } }));

let house: Tower;
let other: Ringer;
let desk: ScheduleDesk;
beforeEach(async () => {
  house = await tower(chime, echo);
  other = await house.ringer();
  const { dataSource, relay, bus } = house.first;
  const hosted = [chime, echo].map((one) => ({ pipeline: one, services: undefined as never }));
  // The drum that changes are made beside does not turn: whatever rings was heard of by the other.
  desk = new ScheduleDesk({ dataSource, pipelines: hosted, relay, bus, drum: { nudge: () => undefined }, log: pino({ level: 'silent' }) });
  other.drum.start();
  // Its first round is over when a second one is: from now on it sleeps until it hears something.
  await other.drum.runOnce();
});
afterEach(async () => {
  await other.drum.stop();
  await house.close();
});

const soon = async (milliseconds: number): Promise<string> => (await house.query<{ at: Date }>(`SELECT engine.clock() + $1 * interval '1 millisecond' AS at`, [milliseconds]))[0]?.at.toISOString() ?? '';
const rung = (name: string): Promise<{ lateMs: number }> =>
  eventually(async () => (await house.query<{ lateMs: number }>(`SELECT extract(epoch FROM r.requested_at - r.scheduled_for)::float8 * 1000 AS "lateMs" FROM engine.run r JOIN engine.schedule s ON s.id = r.schedule_id WHERE s.name = $1`, [name]))[0], { what: `"${name}" to ring` });

/** A scheduler that hears nothing looks again after 15 seconds: whatever rang much sooner was heard of, also where the machine is slow. */
const LOOKS_AGAIN_MS = 15_000;
/** What is promised. A busy machine may miss it now and then, so that the quickest of a few counts. */
const WITHIN_MS = 1_000;
const TRIES = 3;
const quickest = async (ring: (name: string) => Promise<{ lateMs: number }>): Promise<number> => {
  let best = Infinity;
  for (let n = 0; n < TRIES && best >= WITHIN_MS; n += 1) {
    const { lateMs } = await ring(`soon-${n}`);
    expect(lateMs).toBeLessThan(LOOKS_AGAIN_MS / 3);
    best = Math.min(best, lateMs);
  }
  return best;
};

describe('a change is in effect on every scheduler within a second, and not when it looks again', () => {
  it('when a schedule is made', async () => {
    const made = await quickest(async (name) => {
      await desk.create({ pipeline: 'chime', name, trigger: { kind: 'once', at: await soon(400) } });
      return rung(name);
    });
    expect(made).toBeLessThan(WITHIN_MS);
  });

  it('when it is edited, paused and resumed', async () => {
    const changed = await quickest(async (name) => {
      await desk.create({ pipeline: 'chime', name, trigger: { kind: 'every', everyMs: hours(24) } });
      await desk.pause({ name });
      await desk.edit({ name, trigger: { kind: 'once', at: await soon(500) } });
      expect(await desk.resume({ name })).toMatchObject({ version: 2, pausedAt: null });
      return rung(name);
    });
    expect(changed).toBeLessThan(WITHIN_MS);
  });
});

it('a run that ends is followed at once', async () => {
  await house.first.desk.request('chime', {});
  const [run] = await eventually(async () => {
    const rows = await house.query<{ ms: number; reason: string }>(
      `SELECT extract(epoch FROM e.requested_at - c.finished_at)::float8 * 1000 AS ms, e.reason FROM engine.run e, engine.run c WHERE e.pipeline = 'echo' AND c.pipeline = 'chime'`,
    );
    return rows.length > 0 && rows;
  }, { what: 'the echo' });
  expect(run?.reason).toMatch(/^after run .* of chime succeeded$/);
  expect(run?.ms).toBeLessThan(LOOKS_AGAIN_MS / 3);
});

describe('what can not be is refused where it is asked for', () => {
  it.each<[string, () => Promise<unknown>, string]>([
    ['an unknown pipeline', () => desk.create({ pipeline: 'chimes', trigger: { kind: 'manual' } }), 'there is no pipeline "chimes" here; did you mean "chime"?'],
    ['no trigger', () => desk.create({ pipeline: 'chime' }), 'trigger: say when it rings'],
    ['a sensor that is not there', () => desk.create({ pipeline: 'chime', trigger: { kind: 'whenReady', sensor: 'x', from: { kind: 'every', everyMs: hours(1) }, deadlineMs: hours(1) } }), 'pipeline "chime" has no sensor "x"'],
    ['to follow nobody', () => desk.create({ pipeline: 'chime', trigger: { kind: 'after', pipeline: 'ecko' } }), 'there is no pipeline "ecko" here; did you mean "echo"?'],
    ['the past', () => desk.create({ pipeline: 'chime', trigger: { kind: 'once', at: '2020-01-01T00:00:00Z' } }), 'lies in the past, so it would never ring: run it now instead'],
    ['an unknown schedule', () => desk.pause({ name: 'ecko' }), 'there is no schedule "ecko"; did you mean "echo"?'],
    ['a range turned round', () => desk.backfill({ name: 'echo', from: '2026-02-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }), 'turn them round'],
    ['an instant without an offset', () => desk.backfill({ name: 'echo', from: '2026-02-01T00:00:00', to: '2026-03-01T00:00:00' }), 'write an instant with its offset'],
  ])('%s', async (_what, ask, message) => {
    await expect(ask()).rejects.toThrow(message);
  });

  it('and leaves nothing behind', async () => {
    const witness = await createDataSource({ url: house.database.url, service: 'spec', poolSize: 1 });
    await expect(desk.create({ pipeline: 'chime', trigger: { kind: 'cron', expression: '61 * * * *' } })).rejects.toThrow('can not be read');
    expect(await witness.query(`SELECT name FROM engine.schedule`)).toEqual([{ name: 'echo' }]);
    await witness.destroy();
  });
});
