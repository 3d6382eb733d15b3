import { describe, expect, it } from '@jest/globals';
import { endOfQuiet, instantOfLocal, localTime, readSpokenTime, startOfLocalDay } from './index.js';

const BERLIN = 'Europe/Berlin';
/** A Monday evening, 21:15 in Berlin. */
const now = new Date('2026-01-05T20:15:00Z');
const heard = (text: string, zone = BERLIN, at = now): string | undefined => {
  const spoken = readSpokenTime(text, at, zone);
  return spoken && localTime(spoken.at, zone).slice(0, 16);
};

describe('a time as people say it', () => {
  it.each([
    ['tomorrow 9am', '2026-01-06T09:00'], ['next Friday', '2026-01-16T09:00'], ['friday at 8', '2026-01-09T08:00'], ['in 2 hours', '2026-01-05T23:15'], ['9am', '2026-01-06T09:00'], ['at 23:00', '2026-01-05T23:00'],
    ['tomorrow', '2026-01-06T09:00'], ['in 3 days', '2026-01-08T09:00'], ['2026-02-03 10:00', '2026-02-03T10:00'], ['2026-02-03', '2026-02-03T09:00'], ['03/02/2026 10:00', '2026-02-03T10:00'], ['03/02/2026', '2026-02-03T09:00'],
    ['remind me to call mum on 5 March at 14:30', '2026-03-05T14:30'], ['tonight', '2026-01-05T22:00'], ['at noon', '2026-01-06T12:00'], ['half an hour from now', '2026-01-05T21:45'], ['next week', '2026-01-12T09:00'], ['last Friday', '2026-01-02T09:00'], ['last Friday at 8', '2026-01-02T08:00'],
  ])('"%s" is %s', (text, local) => {
    expect(heard(text)).toBe(local);
  });

  it('is the one of the zone, not of the machine', () => {
    expect(readSpokenTime('tomorrow 9am', now, 'America/New_York')?.at.toISOString()).toBe('2026-01-06T14:00:00.000Z');
    expect(readSpokenTime('tomorrow 9am', now, 'Asia/Tokyo')?.at.toISOString()).toBe('2026-01-07T00:00:00.000Z');
    expect(readSpokenTime('2026-02-03T10:00:00+08:00', now, BERLIN)?.at.toISOString()).toBe('2026-02-03T02:00:00.000Z');
  });

  it('a duration is as long as it says, whatever the clocks do meanwhile', () => {
    const beforeChange = new Date('2026-03-29T00:30:00Z');
    expect(readSpokenTime('in 2 hours', beforeChange, BERLIN)?.at.toISOString()).toBe('2026-03-29T02:30:00.000Z');
    expect(readSpokenTime('tomorrow 9am', new Date('2026-03-28T12:00:00Z'), BERLIN)?.at.toISOString()).toBe('2026-03-29T07:00:00.000Z');
  });

  it('leaves the other words', () => {
    expect(readSpokenTime('call mum tomorrow 9am about the party', now, BERLIN)).toMatchObject({ words: 'tomorrow 9am', rest: 'call mum about the party', saidTime: true });
    expect(readSpokenTime('buy milk', now, BERLIN)).toBeUndefined();
  });
});

describe('quiet hours', () => {
  const night = { from: '22:00', to: '07:00' };
  it.each([
    ['2026-01-05T21:59', undefined], ['2026-01-05T22:00', '2026-01-06T07:00'], ['2026-01-06T03:00', '2026-01-06T07:00'], ['2026-01-06T06:59', '2026-01-06T07:00'], ['2026-01-06T07:00', undefined],
  ])('at %s over midnight: until %s', (local, until) => {
    const end = endOfQuiet(instantOfLocal(local, BERLIN), BERLIN, night);
    expect(end && localTime(end, BERLIN).slice(0, 16)).toBe(until);
  });
  it('end by the clock in the night when clocks change', () => {
    expect(endOfQuiet(new Date('2026-03-28T22:30:00Z'), BERLIN, night)?.toISOString()).toBe('2026-03-29T05:00:00.000Z');
  });
  it('within a day, and none when both are the same', () => {
    expect(endOfQuiet(instantOfLocal('2026-01-05T13:30', BERLIN), BERLIN, { from: '13:00', to: '14:00' })?.toISOString()).toBe('2026-01-05T13:00:00.000Z');
    expect(endOfQuiet(now, BERLIN, { from: '08:00', to: '08:00' })).toBeUndefined();
  });
});

it('a day begins at midnight of the zone, or where clocks jump over it at the jump', () => {
  expect(startOfLocalDay(now, BERLIN, 1).toISOString()).toBe('2026-01-05T23:00:00.000Z');
  expect(startOfLocalDay(new Date('2026-09-06T12:00:00Z'), 'America/Santiago').toISOString()).toBe('2026-09-06T04:00:00.000Z');
});
