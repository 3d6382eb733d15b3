/** What our documented answers are where others disagree: the instants that cron libraries miss, double or move at clock changes. */
import { describe, expect, it } from '@jest/globals';
import { cron, dailyAt, daylightSaving, DEFAULT_DAYLIGHT, nextDue, owedSince } from './index.js';
import type { DaylightPolicy, TimeTrigger, TriggerDefinition } from './index.js';

const owed = (definition: TriggerDefinition<unknown>, from: string, to: string, policy: Partial<DaylightPolicy> = {}): string[] =>
  owedSince(definition.trigger as TimeTrigger, new Date(from), new Date(to), new Date(from), daylightSaving(policy)).owed.map((at) => at.toISOString().slice(0, 16));
const nyGap = (expression: string, policy?: Partial<DaylightPolicy>): string[] => owed(cron(expression, 'America/New_York'), '2026-03-08T05:00:00Z', '2026-03-08T10:00:00Z', policy);
const nyOverlap = (expression: string, policy?: Partial<DaylightPolicy>): string[] => owed(cron(expression, 'America/New_York'), '2026-11-01T04:00:00Z', '2026-11-01T08:00:00Z', policy);

// Others: croner and cron at 07:00Z, cron-parser at 07:30Z (temporal#8205, apache/airflow#38098, cron-parser#378, node-cron#492).
describe('a time that clocks jump over', () => {
  it.each<[string, string[], string[]]>([
    ['New York, 02:30 on 8 March 2026 rings when clocks jump: 03:00 there', nyGap('30 2 * * *'), ['2026-03-08T07:00']],
    ['… or not at all', nyGap('30 2 * * *', { gap: 'skip' }), []],
    ['several jumped times are one occurrence', nyGap('*/10 2 * * *'), ['2026-03-08T07:00']],
    ['… also together with a real one at that instant', nyGap('0,30 2,3 * * *'), ['2026-03-08T07:00', '2026-03-08T07:30']],
    ['an expression that leaves the hour open has no jumped times', nyGap('30 * * * *'), ['2026-03-08T05:30', '2026-03-08T06:30', '2026-03-08T07:30', '2026-03-08T08:30', '2026-03-08T09:30']],
    ['Lord Howe jumps half an hour: 02:15 on 4 October 2026 rings at 02:30 there', owed(cron('15 2 * * *', 'Australia/Lord_Howe'), '2026-10-03T12:00:00Z', '2026-10-04T12:00:00Z'), ['2026-10-03T15:30']],
    ['… or is left out that day', owed(cron('15 2 * * *', 'Australia/Lord_Howe'), '2026-10-03T12:00:00Z', '2026-10-05T12:00:00Z', { gap: 'skip' }), ['2026-10-04T15:15']],
    ['midnight can be jumped over as well: Beirut, 29 March 2026', owed(dailyAt('00:00', 'Asia/Beirut'), '2026-03-28T12:00:00Z', '2026-03-29T12:00:00Z'), ['2026-03-28T22:00']],
  ])('%s', (_what, rings, expected) => {
    expect(rings).toEqual(expected);
  });
});

// Others: Havana 00:30 at 04:30Z in croner, 05:30Z in cron-parser; node-cron loops for ever at fall-back (node-cron#509).
describe('a time that clocks show twice', () => {
  it.each<[string, string[], string[]]>([
    ['New York, 01:30 on 1 November 2026 rings the first time', nyOverlap('30 1 * * *'), ['2026-11-01T05:30']],
    ['… or the second', nyOverlap('30 1 * * *', { overlap: 'second' }), ['2026-11-01T06:30']],
    ['… or both', nyOverlap('30 1 * * *', { overlap: 'both' }), ['2026-11-01T05:30', '2026-11-01T06:30']],
    ['the second time keeps its order among others', nyOverlap('0,30 0-2 * * *', { overlap: 'second' }), ['2026-11-01T04:30', '2026-11-01T06:00', '2026-11-01T06:30', '2026-11-01T07:00', '2026-11-01T07:30']],
    ['an expression that leaves the hour open rings in both passes', nyOverlap('*/30 * * * *'), ['2026-11-01T04:30', '2026-11-01T05:00', '2026-11-01T05:30', '2026-11-01T06:00', '2026-11-01T06:30', '2026-11-01T07:00', '2026-11-01T07:30', '2026-11-01T08:00']],
    ['Havana repeats its first hour: 00:30 on 1 November 2026', owed(cron('30 0 * * *', 'America/Havana'), '2026-11-01T02:00:00Z', '2026-11-01T12:00:00Z'), ['2026-11-01T04:30']],
    ['… the second time', owed(cron('30 0 * * *', 'America/Havana'), '2026-11-01T02:00:00Z', '2026-11-01T12:00:00Z', { overlap: 'second' }), ['2026-11-01T05:30']],
    ['Lord Howe repeats half an hour: 01:45 on 5 April 2026', owed(cron('45 1 * * *', 'Australia/Lord_Howe'), '2026-04-04T12:00:00Z', '2026-04-05T12:00:00Z', { overlap: 'both' }), ['2026-04-04T14:45', '2026-04-04T15:15']],
  ])('%s', (_what, rings, expected) => {
    expect(rings).toEqual(expected);
  });

  it('is not asked for for ever, however fine the expression', () => {
    const secondly = cron('* * 1 * * *', 'America/New_York').trigger as TimeTrigger;
    const inSecondPass = new Date('2026-11-01T06:10:00.500Z');
    expect(nextDue(secondly, inSecondPass, inSecondPass)).toEqual(new Date('2026-11-02T06:00:00Z'));
    expect(nextDue(secondly, inSecondPass, inSecondPass, { gap: 'skip', overlap: 'both' })).toEqual(new Date('2026-11-01T06:10:01Z'));
  });
});

// Others: cron 4.4 throws for a leap day that is more than eight years ahead; the one after 2096 is.
it('a leap day is found also across a century that has none', () => {
  const leapDay = cron('0 12 29 2 *', 'America/New_York').trigger as TimeTrigger;
  const next = (after: string): Date | null => nextDue(leapDay, new Date(after), new Date(after));
  expect(next('2026-01-01T00:00:00Z')).toEqual(new Date('2028-02-29T17:00:00Z'));
  expect(next('2096-03-01T00:00:00Z')).toEqual(new Date('2104-02-29T17:00:00Z'));
});

it('what is no policy is refused with those there are', () => {
  expect(daylightSaving()).toEqual(DEFAULT_DAYLIGHT);
  expect(() => daylightSaving({ gap: 'before' as never })).toThrow('daylight.gap "before": write nextValid or skip');
  expect(() => daylightSaving({ overlap: 'none' as never })).toThrow('daylight.overlap "none": write first, second, both');
});
