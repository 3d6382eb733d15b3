import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cron, DEFAULT_DAYLIGHT, every, fireAll, fireOnce, hours, jitterOf, lookAt, minutes, nextLook, once, seconds, skipBeyond } from './index.js';
import type { TimedSchedule, TimeTrigger } from './index.js';

const anchor = new Date('2026-01-05T08:00:00Z');
const after = (ms: number): Date => new Date(anchor.getTime() + ms);
const id = '01a2039e-0000-7000-8000-000000000001';
const quarterly = (policies: Partial<TimedSchedule> = {}): TimedSchedule => ({
  ...{ id, trigger: every(minutes(15)).trigger as TimeTrigger, misfire: fireAll(500), daylight: DEFAULT_DAYLIGHT, jitterMs: 0, deadlineMs: null, anchor },
  ...policies,
});
const said = (schedule: TimedSchedule, now: Date): string[] =>
  lookAt(schedule, { through: anchor, ofBacklog: false }, now).decisions.map((one) => `${(one.scheduledFor.getTime() - anchor.getTime()) / minutes(1)} ${one.fire ? 'fires' : one.outcome}`);

describe('a deadline', () => {
  it('lets expire what would start later, and the rest is for the misfire policy', () => {
    expect(said(quarterly({ deadlineMs: minutes(20) }), after(minutes(60)))).toEqual(['15 expired', '30 expired', '45 fires', '60 fires']);
    expect(said(quarterly({ deadlineMs: minutes(20), misfire: fireOnce('earliest') }), after(minutes(60)))).toEqual(['15 expired', '30 expired', '45 fires', '60 coalesced']);
    expect(said(quarterly({ deadlineMs: minutes(20), misfire: fireOnce() }), after(minutes(70)))).toEqual(['15 expired', '30 expired', '45 expired', '60 fires']);
    expect(said(quarterly({ deadlineMs: minutes(5), misfire: skipBeyond(0) }), after(minutes(20)))).toEqual(['15 expired']);
  });

  it('is kept to the millisecond, and says what it was', () => {
    expect(said(quarterly({ deadlineMs: seconds(10) }), after(minutes(15) + seconds(10)))).toEqual(['15 fires']);
    expect(lookAt(quarterly({ deadlineMs: seconds(10) }), { through: anchor, ofBacklog: false }, after(minutes(15) + seconds(10) + 1)).decisions).toMatchObject([{ outcome: 'expired', reason: 'later than the deadline of 10000 ms' }]);
  });
});

describe('jitter', () => {
  it('moves the start by the same share always, and never the name of the instant', () => {
    const schedule = quarterly({ jitterMs: minutes(10) });
    const share = jitterOf(id, minutes(10));
    expect(share).toBeGreaterThan(0);
    expect(nextLook(schedule, anchor)).toEqual(after(minutes(15) + share));
    expect(said(schedule, after(minutes(15) + share - 1))).toEqual([]);
    expect(said(schedule, after(minutes(15) + share))).toEqual(['15 fires']);
    expect(said({ ...schedule, deadlineMs: 0 }, after(minutes(15) + share))).toEqual(['15 fires']);
  });

  it('is below its bound and spreads evenly, also over ids that follow each other', () => {
    const shares = Array.from({ length: 10_000 }, (_none, n) => jitterOf(`01a2039e-0000-7000-8000-${n.toString(16).padStart(12, '0')}`, 1_000));
    const buckets = shares.reduce((counts, share) => counts.with(Math.floor(share / 100), (counts[Math.floor(share / 100)] ?? 0) + 1), Array<number>(10).fill(0));
    expect(Math.min(...buckets)).toBeGreaterThan(850);
    expect(Math.max(...buckets)).toBeLessThan(1_150);
    fc.assert(fc.property(fc.uuid(), fc.nat(hours(24)), (uuid, bound) => {
      const share = jitterOf(uuid, bound);
      return share === jitterOf(uuid, bound) && share >= 0 && (bound === 0 ? share === 0 : share < bound);
    }));
  });
});

describe('once', () => {
  const single = quarterly({ trigger: once('2026-01-05T09:00:00+01:00').trigger as TimeTrigger, anchor: after(-hours(1)) });

  it('is owed at its instant, and never again', () => {
    expect(nextLook(single, after(-1))).toEqual(anchor);
    expect(nextLook(single, anchor)).toBeNull();
    expect(lookAt(single, { through: after(-1), ofBacklog: false }, after(hours(9))).decisions).toMatchObject([{ scheduledFor: anchor, fire: true }]);
  });

  it('needs an offset, so that no machine reads it its own way', () => {
    expect(() => once('2026-01-05T09:00:00')).toThrow('once("2026-01-05T09:00:00"): say in which offset, such as "2026-01-05T09:00:00Z"');
    expect(() => once('tomorrow')).toThrow('once("tomorrow"): write an instant such as "2026-12-24T18:00:00+01:00"');
  });
});

it('however a backlog is cut into looks, each owed instant is decided once and the same fire', () => {
  const policies = fc.oneof(fc.constant(fireOnce()), fc.constant(fireOnce('earliest')), fc.integer({ min: 1, max: 4 }).map(fireAll), fc.nat(hours(3)).map(skipBeyond));
  const triggers = fc.constantFrom(every(minutes(7)).trigger as TimeTrigger, cron('*/20 * * * *').trigger as TimeTrigger, cron('0 */2 * * *', 'Europe/Berlin').trigger as TimeTrigger);
  fc.assert(
    fc.property(policies, triggers, fc.option(fc.nat(hours(6)), { nil: null }), fc.nat(hours(12)), fc.integer({ min: 5, max: 30 }), (misfire, trigger, deadlineMs, late, limit) => {
      const schedule = quarterly({ misfire, trigger, deadlineMs });
      const whole = lookAt(schedule, { through: anchor, ofBacklog: false }, after(late)).decisions;
      const parts: typeof whole = [];
      let look = lookAt(schedule, { through: anchor, ofBacklog: false }, after(late), limit);
      for (parts.push(...look.decisions); look.more; parts.push(...look.decisions)) look = lookAt(schedule, look.cursor, after(late), limit);
      const outcome = (one: (typeof whole)[number]): string => `${one.scheduledFor.toISOString()} ${one.fire ? 'fires' : one.outcome}`;
      expect(parts.map(outcome)).toEqual(whole.map(outcome));
    }),
  );
});
