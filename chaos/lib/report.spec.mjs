import { describe, expect, it } from '@jest/globals';
import { failureText, faultLine, percentile, recoveryOf } from './report.mjs';

describe('the report', () => {
  it('takes the nearest rank, so that every percentile is a time that was measured', () => {
    expect(percentile([30, 10, 20], 0.5)).toBe(20);
    expect(percentile([10, 20], 0.5)).toBe(10);
    expect(percentile([5], 1)).toBe(5);
    expect(percentile([], 0.5)).toBeNull();
  });

  it('counts attempts that left nothing to recover, and leaves them out of the times', () =>
    expect(recoveryOf([{ recoveredMs: 100 }, {}, { recoveredMs: 300 }])).toEqual({ attempts: 3, recoverP50Ms: 100, recoverMaxMs: 300 }));

  it('has one line a fault', () =>
    expect(faultLine({ name: 'backends terminated', attempts: 6, recoverP50Ms: 412, recoverMaxMs: 1_870, lost: 0, doubled: 0 })).toMatch(/^backends terminated +6 times +recovered p50 +0\.41 s, max +1\.87 s +lost 0, doubled 0$/));

  it('names seed, fault and ids of a failure', () => {
    const text = failureText({ name: 'a fault', lost: ['run 1'], doubled: Array.from({ length: 25 }, (_none, n) => `effect ${n}`), seed: 77, quick: true });
    expect(text).toContain("--quick --only 'a fault' --seed 77");
    expect(text).toContain('  lost: run 1');
    expect(text).toContain('  … and 5 more doubled');
  });
});
