import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { durationInWords, parseDuration } from './duration.js';

describe('a duration', () => {
  it.each([
    ['15m', 900], ['PT15M', 900], ['15 m', 900], ['PT1H30M', 5_400], ['1h30m', 5_400], ['1h 30m', 5_400], ['PT15M30S', 930], ['P1D', 86_400], ['24h', 86_400], ['1d', 86_400],
    ['5m', 300], ['90s', 90], ['4m', 240], ['2d', 172_800], ['P1DT2H', 93_600], ['pt15m', 900], ['1H', 3_600], ['PT90.9S', 90],
  ])('%s is %d seconds', (text, seconds) => expect(parseDuration(text)).toBe(seconds));

  it.each(['PT', 'P', '0m', 'PT0.5S', '1.5h', '15', 'M15', '1w', '', 'P1W', 'P1M', 'P1Y', 'PT1.5H', '15 minutes'])('%j is none', (text) => {
    expect(() => parseDuration(text)).toThrow(/is no (?:duration|time at all)/);
  });

  it('is read back from its own words', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 10_000_000 }), (seconds) => parseDuration(durationInWords(seconds)) === seconds));
  });

  it('near a limit says every unit', () => expect(durationInWords(93_600)).toBe('1d 2h'));
});
