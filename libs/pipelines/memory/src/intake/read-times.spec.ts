import { describe, expect, it } from '@jest/globals';
import { readTime } from './read-times.js';

const now = new Date('2026-03-01T12:00:00Z');
const read = (text: string, zone: string): string => readTime('fire_at', text, now, zone).toISOString();

describe('S12: a time without an offset', () => {
  it.each([
    ['2026-07-01T09:00', 'UTC', '2026-07-01T09:00:00.000Z'],
    ['2026-07-01T09:00', 'Europe/Berlin', '2026-07-01T07:00:00.000Z'],
    ['2026-12-01T09:00:30', 'Europe/Berlin', '2026-12-01T08:00:30.000Z'],
    ['2026-07-01 09:00', 'America/Los_Angeles', '2026-07-01T16:00:00.000Z'],
    ['2026-07-01T01:00', 'Asia/Singapore', '2026-06-30T17:00:00.000Z'],
    ['01/07/2026 09:00', 'Asia/Singapore', '2026-07-01T01:00:00.000Z'],
  ])('%s is the local time of %s', (text, zone, instant) => {
    expect(read(text, zone)).toBe(instant);
  });

  it.each(['Z', '+00:00', '+0000'])('and one with the offset %s is that instant, wherever the person is', (offset) => {
    expect(read(`2026-07-01T09:00:00${offset}`, 'Europe/Berlin')).toBe('2026-07-01T09:00:00.000Z');
  });
});

it('what is no time is refused with the field, the words and examples', () => {
  expect(() => readTime('fire_at', 'whenever', now, 'UTC')).toThrow(/"whenever" is no time that is understood.*tomorrow 9am/);
});
