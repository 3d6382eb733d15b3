import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backoff, DEFAULT_RETRY } from './index.js';

const policies = fc.record({ maxAttempts: fc.integer({ min: 1, max: 100 }), baseMs: fc.integer({ min: 0, max: 60_000 }), capMs: fc.integer({ min: 0, max: 86_400_000 }), jitter: fc.double({ min: 0, max: 1, noNaN: true }) });
const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('backoff', () => {
  it.each([[1, 1_000], [2, 2_000], [3, 4_000], [9, 256_000], [10, 300_000], [5_000, 300_000]])('after %d failures waits %d ms at most, by default', (failures, expected) => {
    expect(backoff(DEFAULT_RETRY, failures, 0)).toBe(expected);
    expect(backoff(DEFAULT_RETRY, failures, 0.999_999)).toBeGreaterThanOrEqual(expected * 0.8 - 1);
  });

  it('stays between the jittered share and the cap', () => {
    fc.assert(
      fc.property(policies, fc.integer({ min: 1, max: 10_000 }), randoms, (policy, failures, random) => {
        const full = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(failures - 1, 30));
        const wait = backoff(policy, failures, random);
        expect(wait).toBeLessThanOrEqual(full);
        expect(wait).toBeGreaterThanOrEqual(Math.floor(full * (1 - policy.jitter)));
      }),
    );
  });

  it('never shortens with more failures', () => {
    fc.assert(fc.property(policies, fc.integer({ min: 1, max: 200 }), randoms, (policy, failures, random) => {
      expect(backoff(policy, failures + 1, random)).toBeGreaterThanOrEqual(backoff(policy, failures, random));
    }));
  });
});
