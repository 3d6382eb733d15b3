import { describe, expect, it } from '@jest/globals';
import { DeliberationSettings } from '../settings.js';
import { burstStart, decideRelease, isEligible, nextReading, quarantineUntil } from './decisions.js';

const NOW = new Date('2026-01-05T12:00:00.000Z');
const settings = new DeliberationSettings();
const ago = (hours: number): Date => new Date(NOW.getTime() - hours * 3_600_000);

describe('the rules at the door', () => {
  it.each([
    [true, { emailVerified: true, messagingVerified: true, linkedAt: ago(48) }],
    [false, { emailVerified: true, messagingVerified: true, linkedAt: ago(47.99) }],
    [false, { emailVerified: false, messagingVerified: true, linkedAt: ago(100) }],
    [false, { emailVerified: true, messagingVerified: false, linkedAt: ago(100) }],
    [false, { emailVerified: true, messagingVerified: true, linkedAt: null }],
  ])('eligible: %s for %p', (expected, account) => {
    expect(isEligible(account, NOW, settings)).toBe(expected);
  });

  it('holds from the third submission within five minutes, for an hour', () => {
    expect(burstStart(NOW, settings)).toEqual(new Date('2026-01-05T11:55:00.000Z'));
    expect(quarantineUntil(2, NOW, settings)).toBeUndefined();
    expect(quarantineUntil(3, NOW, settings)).toEqual(new Date('2026-01-05T13:00:00.000Z'));
  });

  it.each([
    ['before its time', { until: ago(-1), recent: 0 }, { release: false, until: ago(-1) }],
    ['when its time is over', { until: ago(0), recent: 2 }, { release: true }],
    ['not while the burst goes on', { until: ago(1), recent: 3 }, { release: false, until: ago(-1) }],
  ])('releases %s', (_, held, expected) => {
    expect(decideRelease(held, NOW, settings)).toEqual(expected);
  });

  it('waits twice as long after each failed reading, at most a day', () => {
    const minutesTo = (failures: number): number => (nextReading(failures, NOW, settings, 0).getTime() - NOW.getTime()) / 60_000;
    expect([1, 2, 3, 20].map(minutesTo)).toEqual([5, 10, 20, 1440]);
  });
});
