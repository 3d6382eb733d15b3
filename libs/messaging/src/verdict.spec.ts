import { describe, expect, it } from '@jest/globals';
import { InvalidMessage, UndecodableMessage } from './errors.js';
import { DEFAULT_POLICY, RedeliverAfter, pauseAfter, verdictBefore, verdictOn } from './verdict.js';

const failure = new Error('database is away');
const invalid = new InvalidMessage('StepDue', ['stepId: must be a UUID']);
const undecodable = new UndecodableMessage('not JSON');

describe('the verdict on a delivery', () => {
  it.each([
    ['a handler that returned', { kind: 'returned', value: undefined }, 1, false, { kind: 'acknowledge' }],
    ['a handler that says "not now"', { kind: 'returned', value: new RedeliverAfter(700) }, 12, false, { kind: 'redeliver', afterMs: 700 }],
    ['a first failure', { kind: 'threw', error: failure }, 1, false, { kind: 'redeliver', afterMs: 1_000, error: failure }],
    ['a fourth failure', { kind: 'threw', error: failure }, 4, false, { kind: 'redeliver', afterMs: 8_000, error: failure }],
    ['the last allowed failure', { kind: 'threw', error: failure }, 10, false, { kind: 'giveUp', reason: 'exhausted', error: failure }],
    ['the last allowed failure while shutting down', { kind: 'threw', error: failure }, 10, true, { kind: 'redeliver', afterMs: 0, error: failure }],
    ['a broken contract', { kind: 'threw', error: invalid }, 1, false, { kind: 'giveUp', reason: 'invalid', error: invalid }],
    ['bytes that are no message', { kind: 'threw', error: undecodable }, 1, true, { kind: 'giveUp', reason: 'undecodable', error: undecodable }],
  ] as const)('%s', (_name, outcome, deliveries, stopping, verdict) => {
    // 1 is outside the range of Math.random, and gives the pause without jitter
    expect(verdictOn(outcome, deliveries, DEFAULT_POLICY, stopping, 1)).toEqual(verdict);
  });

  it('gives up a message that keeps coming without ever being settled', () => {
    expect(verdictBefore(30, DEFAULT_POLICY)).toBeUndefined();
    expect(verdictBefore(31, DEFAULT_POLICY)).toMatchObject({ kind: 'giveUp', reason: 'unsettled' });
  });
});

describe('the pause before the next delivery', () => {
  it('doubles up to the longest, with half of it by chance', () => {
    expect([1, 2, 3, 6, 7, 60].map((delivery) => pauseAfter(delivery, DEFAULT_POLICY, 0))).toEqual([500, 1_000, 2_000, 16_000, 30_000, 30_000]);
    expect(pauseAfter(3, DEFAULT_POLICY, 0.5)).toBe(3_000);
  });

  it('refuses a pause that is no time', () => {
    expect(() => new RedeliverAfter(-1)).toThrow(RangeError);
    expect(() => new RedeliverAfter(Number.NaN)).toThrow(RangeError);
  });
});
