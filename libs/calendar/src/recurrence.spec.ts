import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkRecurrence, missedBy, nextOccurrence } from './index.js';
import type { MissedPolicy, Recurrence } from './index.js';

const at = (iso: string): Date => new Date(`2026-03-01T${iso}Z`);
const hourly: Recurrence = { kind: 'minutes', minutes: 60 };
const GRACE = 300_000;

describe('occurrences that nobody rang', () => {
  it.each<[string, Recurrence | null, MissedPolicy, Date, [string, number, boolean, string | null]]>([
    ['once, on time', null, 'coalesce', at('01:00:00'), ['01:00', 1, true, null]],
    ['once, late, is told all the same', null, 'skip', at('23:00:00'), ['01:00', 1, true, null]],
    ['on time', hourly, 'coalesce', at('01:00:00'), ['01:00', 1, true, '02:00']],
    ['10.5 hours down: eleven in one', hourly, 'coalesce', at('11:15:00'), ['11:00', 11, true, '12:00']],
    ['the next falls due in this very moment', hourly, 'coalesce', at('02:00:00'), ['02:00', 2, true, '03:00']],
    ['all: the oldest first', hourly, 'all', at('11:15:00'), ['01:00', 1, true, '02:00']],
    ['skip: too late to be of use', hourly, 'skip', at('11:15:00'), ['11:00', 11, false, '12:00']],
    ['skip: just within the grace', hourly, 'skip', at('11:05:00'), ['11:00', 11, true, '12:00']],
  ])('%s', (_what, recurrence, policy, now, [latest, owed, tell, next]) => {
    const missed = missedBy(recurrence, at('01:00:00'), now, policy, GRACE);
    expect({ ...missed, latest: missed.latest.toISOString().slice(11, 16), next: missed.next?.toISOString().slice(11, 16) ?? null }).toEqual({ latest, owed, tell, next });
  });

  it('all: beyond a hundred the older ones are told together', () => {
    const minutely: Recurrence = { kind: 'minutes', minutes: 1 };
    expect(missedBy(minutely, at('01:00:00'), at('04:00:00'), 'all', GRACE)).toEqual({ latest: at('02:21:00'), owed: 82, tell: true, next: at('02:22:00') });
  });

  it('of a rule: the same, in the zone of the rule, to its last', () => {
    const rule: Recurrence = { kind: 'rule', rule: 'FREQ=DAILY;COUNT=3', start: '2026-03-28T09:00:00', timeZone: 'Europe/Berlin' };
    const due = new Date('2026-03-28T08:00:00Z');
    expect(missedBy(rule, due, new Date('2026-03-29T12:00:00Z'), 'coalesce', GRACE)).toEqual({ latest: new Date('2026-03-29T07:00:00Z'), owed: 2, tell: true, next: new Date('2026-03-30T07:00:00Z') });
    expect(missedBy(rule, due, new Date('2027-01-01'), 'coalesce', GRACE)).toMatchObject({ owed: 3, next: null });
  });

  it('whatever the outage: nothing owed is left behind, and what is next lies ahead or is still to be told', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 0, max: 40_000_000 }), fc.constantFrom<MissedPolicy>('coalesce', 'skip', 'all'), (minutes, late, policy) => {
        const recurrence: Recurrence = { kind: 'minutes', minutes };
        const now = new Date(at('01:00:00').getTime() + late);
        const { latest, owed, next } = missedBy(recurrence, at('01:00:00'), now, policy, GRACE);
        expect(latest.getTime()).toBe(at('01:00:00').getTime() + (owed - 1) * minutes * 60_000);
        expect(latest <= now).toBe(true);
        expect(next?.getTime()).toBe(nextOccurrence(recurrence, latest)?.getTime());
        if (policy !== 'all') expect((next?.getTime() ?? 0) > now.getTime()).toBe(true);
      }),
    );
  });

  it.each([0, -5, 1.5, 1e9, Number.NaN])('%p minutes are refused', (minutes) => {
    expect(() => checkRecurrence({ kind: 'minutes', minutes })).toThrow('whole number');
  });
});
