import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decideMisfires, fireAll, fireOnce, hours, skipBeyond } from './index.js';
import type { MisfirePolicy } from './index.js';

const now = new Date('2026-01-05T12:00:30Z');
const owed = ['09:00', '10:00', '11:00', '12:00'].map((hour) => new Date(`2026-01-05T${hour}:00Z`));
const said = (policy: MisfirePolicy, which = owed): string[] => decideMisfires(policy, which, now).map((one) => (one.fire ? 'fire' : one.outcome));

describe('missed instants', () => {
  it.each<[string, MisfirePolicy, string[]]>([
    ['fireOnce', fireOnce(), ['coalesced', 'coalesced', 'coalesced', 'fire']],
    ['fireOnce earliest', fireOnce('earliest'), ['fire', 'coalesced', 'coalesced', 'coalesced']],
    ['fireAll(1)', fireAll(1), ['coalesced', 'coalesced', 'coalesced', 'fire']],
    ['fireAll(3)', fireAll(3), ['coalesced', 'fire', 'fire', 'fire']],
    ['fireAll(9)', fireAll(9), ['fire', 'fire', 'fire', 'fire']],
    ['skipBeyond(0)', skipBeyond(0), ['expired', 'expired', 'expired', 'expired']],
    ['skipBeyond(30 s), to the millisecond', skipBeyond(30_000), ['expired', 'expired', 'expired', 'fire']],
    ['skipBeyond(2 h)', skipBeyond(hours(2)), ['expired', 'expired', 'fire', 'fire']],
  ])('%s', (_name, policy, expected) => {
    expect(said(policy)).toEqual(expected);
  });

  it('say into what they were coalesced, or how late they were', () => {
    expect(decideMisfires(fireOnce(), owed, now)[0]).toMatchObject({ reason: 'missed; coalesced into 2026-01-05T12:00:00.000Z' });
    expect(decideMisfires(fireOnce('earliest'), owed, now)[1]).toMatchObject({ reason: 'missed; coalesced into 2026-01-05T09:00:00.000Z' });
    expect(decideMisfires(skipBeyond(1_000), owed, now)[0]).toMatchObject({ reason: 'later than the grace of 1000 ms' });
  });

  it('are decided one by one in order, and never for nothing', () => {
    const policies = fc.oneof(fc.constant(fireOnce()), fc.constant(fireOnce('earliest')), fc.integer({ min: 1, max: 500 }).map(fireAll), fc.nat(1e6).map(skipBeyond));
    fc.assert(
      fc.property(policies, fc.uniqueArray(fc.nat(1e6), { maxLength: 50 }), (policy, ages) => {
        const instants = [...ages].sort((a, b) => b - a).map((age) => new Date(now.getTime() - age));
        const decisions = decideMisfires(policy, instants, now);
        expect(decisions.map((one) => one.scheduledFor)).toEqual(instants);
        const fired = decisions.filter((one) => one.fire).length;
        if (policy.kind === 'fireOnce') expect(fired).toBe(Math.min(1, instants.length));
        if (policy.kind === 'fireAll') expect(fired).toBe(Math.min(policy.max, instants.length));
      }),
    );
  });

  it.each([0, -1, 1.5, 501, NaN])('fireAll(%s) is refused', (max) => {
    expect(() => fireAll(max)).toThrow(`fireAll(${max}): must be a whole number from 1 to 500`);
  });

  it.each([-1, NaN, Infinity])('skipBeyond(%s) is refused', (grace) => {
    expect(() => skipBeyond(grace)).toThrow('must be 0 or more');
  });
});
