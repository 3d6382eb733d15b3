import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decideThreshold, hours, minutes, seconds, threshold } from './index.js';
import type { ThresholdState, ThresholdTrigger } from './index.js';

const now = new Date('2026-01-05T12:00:00Z');
const ago = (ms: number): Date => new Date(now.getTime() - ms);
const counter = { name: 'pending', read: async () => 0 };
const condition = { name: 'cycleEnded', holds: async () => false };
const trigger = threshold({ count: counter, atLeast: 10, orEvery: hours(6), poll: seconds(60), minGap: minutes(5), orWhen: condition }).trigger as ThresholdTrigger;
const quiet: ThresholdState = { now, count: 0, conditionHolds: false, active: false, lastSuccessStartedAt: ago(hours(1)), lastStartedAt: ago(hours(1)), failuresInRow: 0 };

describe('a threshold', () => {
  it.each<[string, Partial<ThresholdState>, string | Date]>([
    ['nothing piled up', {}, new Date(now.getTime() + seconds(60))],
    ['one short', { count: 9 }, new Date(now.getTime() + seconds(60))],
    ['enough', { count: 10 }, '10 pending (threshold 10)'],
    ['more than enough', { count: 11 }, '11 pending (threshold 10)'],
    ['enough, never started', { count: 10, lastStartedAt: null }, '10 pending (threshold 10)'],
    ['enough, but a run is active', { count: 10, active: true }, new Date(now.getTime() + seconds(60))],
    ['the condition, but a run is active', { conditionHolds: true, active: true }, new Date(now.getTime() + seconds(60))],
    ['enough, inside the gap', { count: 10, lastStartedAt: ago(minutes(5) - 20_000) }, new Date(now.getTime() + 20_000)],
    ['enough, deep inside the gap', { count: 10, lastStartedAt: ago(1_000) }, new Date(now.getTime() + seconds(60))],
    ['enough, the gap is just over', { count: 10, lastStartedAt: ago(minutes(5)) }, '10 pending (threshold 10)'],
    ['the condition, inside the gap', { conditionHolds: true, lastStartedAt: ago(1_000) }, 'cycleEnded holds'],
    ['the longest interval, to the millisecond', { lastSuccessStartedAt: ago(hours(6)) }, '21600 s since the last success'],
    ['a little before the longest interval', { lastSuccessStartedAt: ago(hours(6) - 5_000) }, new Date(now.getTime() + 5_000)],
    ['failed three times: waits eight polls', { count: 10, failuresInRow: 3, lastStartedAt: ago(minutes(8) - 1_000) }, new Date(now.getTime() + 1_000)],
    ['failed four times: sixteen polls', { count: 10, failuresInRow: 4, lastStartedAt: ago(minutes(16)) }, '10 pending (threshold 10)'],
    ['failed for long: the longest interval', { count: 10, failuresInRow: 500, lastStartedAt: ago(hours(6)) }, '10 pending (threshold 10)'],
    ['failed: the condition does not jump the wait', { conditionHolds: true, failuresInRow: 4, lastStartedAt: ago(minutes(15)) }, new Date(now.getTime() + 60_000)],
    ['failed: the condition after the wait', { conditionHolds: true, failuresInRow: 4, lastStartedAt: ago(minutes(16)) }, 'cycleEnded holds'],
    ['failed: the interval does not jump the wait either', { failuresInRow: 4, lastSuccessStartedAt: ago(hours(9)), lastStartedAt: ago(minutes(15)) }, new Date(now.getTime() + 60_000)],
  ])('%s', (_what, state, expected) => {
    const decision = decideThreshold(trigger, { ...quiet, ...state });
    if (typeof expected === 'string') expect(decision).toMatchObject({ ring: true, reason: expected });
    else expect(decision).toMatchObject({ ring: false, nextPollAt: expected });
  });

  it('says what it waits for', () => {
    expect(decideThreshold(trigger, { ...quiet, count: 3 })).toMatchObject({ reason: '3 of 10 pending' });
    expect(decideThreshold(trigger, { ...quiet, active: true })).toMatchObject({ reason: 'a run is active' });
    expect(decideThreshold(trigger, { ...quiet, count: 10, lastStartedAt: now })).toMatchObject({ reason: 'not before 2026-01-05T12:05:00.000Z' });
  });

  const states: fc.Arbitrary<ThresholdState> = fc.record({
    now: fc.constant(now),
    count: fc.nat(30),
    conditionHolds: fc.boolean(),
    active: fc.boolean(),
    lastSuccessStartedAt: fc.nat(hours(12)).map(ago),
    lastStartedAt: fc.option(fc.nat(hours(12)).map(ago)),
    failuresInRow: fc.nat(40),
  });

  it('that does not ring looks again within one poll, and later than now', () => {
    fc.assert(fc.property(states, (state) => {
      const decision = decideThreshold(trigger, state);
      if (decision.ring) return;
      expect(decision.nextPollAt.getTime()).toBeGreaterThan(now.getTime());
      expect(decision.nextPollAt.getTime()).toBeLessThanOrEqual(now.getTime() + trigger.pollMs);
    }));
  });

  it('never rings while a run is active, and never sooner than two polls after one that failed', () => {
    fc.assert(fc.property(states, (state) => {
      if (!decideThreshold(trigger, state).ring) return;
      expect(state.active).toBe(false);
      if (state.failuresInRow > 0 && state.lastStartedAt) expect(now.getTime() - state.lastStartedAt.getTime()).toBeGreaterThanOrEqual(2 * trigger.pollMs);
    }));
  });
});

describe('a counter that can tell when it will have something to count', () => {
  const timed = threshold({ count: counter, atLeast: 1, orEvery: hours(24), poll: seconds(30), backOff: seconds(1) }).trigger as ThresholdTrigger;
  const ahead = (ms: number): Date => new Date(now.getTime() + ms);
  it.each<[string, Partial<ThresholdState>, Date]>([
    ['is looked at when that is', { ripeAt: ahead(7_500) }, ahead(7_500)],
    ['is looked at after the poll all the same, when that is later', { ripeAt: ahead(90_000) }, ahead(30_000)],
    ['is looked at after the poll when time brings nothing', { ripeAt: null }, ahead(30_000)],
    ['is looked at soon while a run may be taking care of it', { ripeAt: ago(1), active: true }, ahead(250)],
    ['is not asked in a hot loop when it counts nothing though it said so', { ripeAt: ago(1) }, ahead(30_000)],
    ['waits as long as its back-off at most after failures, not for the interval', { count: 1, failuresInRow: 9, lastStartedAt: ago(400), ripeAt: ago(1) }, ahead(600)],
  ])('%s', (_what, state, nextPollAt) => {
    expect(decideThreshold(timed, { ...quiet, lastStartedAt: null, ...state })).toMatchObject({ ring: false, nextPollAt });
  });

  it('is looked at again soon after it rang, for what ripens meanwhile', () => {
    expect(decideThreshold(timed, { ...quiet, lastStartedAt: null, count: 1, ripeAt: ago(1) })).toEqual({ ring: true, reason: '1 pending (threshold 1)', nextPollAt: ahead(250) });
  });
});
