import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { waitBeforeNext } from './attempts.js';
import type { Remedy } from './errors.js';
import { ModelCallFailed } from './errors.js';

const policy = { attempts: 3, backoffMs: 100, maxRetryAfterMs: 5_000, retryUnreached: true, random: () => 1, sleep: () => Promise.resolve() };
const failure = (remedy: Remedy, reached = true, retryAfterMs?: number) => new ModelCallFailed('m', 'p', 'broken', remedy, reached, retryAfterMs);

describe('the wait before the next attempt', () => {
  it.each([
    ['the first backoff', 0, failure('retry_later'), 100],
    ['twice as long the second time', 1, failure('retry_later'), 200],
    ['none after the last attempt', 2, failure('retry_later'), undefined],
    ['none for what will not get better', 0, failure('give_up'), undefined],
    ['no time for an unusable answer', 0, failure('retry_now'), 0],
    ['what the server asks for', 1, failure('retry_later', true, 3_000), 3_000],
    ['none when the server asks for too much', 0, failure('retry_later', true, 6_000), undefined],
  ])('is %s', (_, attempt, failed, expected) => {
    expect(waitBeforeNext(policy, attempt, failed)).toBe(expected);
  });

  it('is none for an unreached server when the policy says so', () => {
    expect(waitBeforeNext({ ...policy, retryUnreached: false }, 0, failure('retry_later', false))).toBeUndefined();
  });

  it('stays between half and all of base × 2^attempt', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat({ max: 8 }), (chance, attempt) => {
        const wait = waitBeforeNext({ ...policy, attempts: 10, random: () => chance }, attempt, failure('retry_later')) ?? NaN;
        expect(wait).toBeGreaterThanOrEqual(50 * 2 ** attempt);
        expect(wait).toBeLessThanOrEqual(100 * 2 ** attempt);
      }),
    );
  });
});
