import { describe, expect, it } from '@jest/globals';
import { decideAlert, digestDay } from './alerting.js';

const profile = { minimumScore: 30, recipients: ['a@b.org'], delivery: 'posting' as const };
const matched = { score: 50, first: false, muted: false, cosmetic: false };

describe('a match', () => {
  it.each([
    ['is told as the profile wants it', {}, {}, 'posting'],
    ['is told in the digest of the day', { delivery: 'day' as const }, {}, 'day'],
    ['at first sight of the board is the baseline (defect 10)', {}, { first: true }, 'baseline'],
    ['that is muted is not told', {}, { muted: true }, 'muted'],
    ['that says what it said before is not told (defect 12)', {}, { cosmetic: true }, 'cosmetic'],
    ['that scores too little is not told', {}, { score: 29 }, 'below'],
    ['of a profile without recipients is told to nobody', { recipients: [] }, {}, 'nobody'],
  ])('%s', (_what, change, how, decision) => expect(decideAlert({ ...profile, ...change }, 'baseline', { ...matched, ...how })).toBe(decision));

  it('at first sight is told in one digest, or one by one, where that is wanted', () => {
    expect([decideAlert(profile, 'digest', { ...matched, first: true }), decideAlert(profile, 'alert', { ...matched, first: true })]).toEqual(['run', 'posting']);
  });
});

describe("a day's digest", () => {
  it.each([['2026-03-02T06:59:00Z', undefined], ['2026-03-02T07:00:00Z', '2026-03-02'], ['2026-03-02T22:59:00Z', '2026-03-02'], ['2026-03-02T23:30:00Z', undefined]])('at 08:00 in Berlin is, at %s, that of %s', (now, day) => {
    expect(digestDay(new Date(now), '08:00', 'Europe/Berlin')).toBe(day);
  });
});
