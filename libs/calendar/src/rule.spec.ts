import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CalendarError, localTime, occurrencesFrom, previewInWords, recurrenceInWords, ruleInstants } from './index.js';
import type { RuleRecurrence } from './index.js';

const BERLIN = 'Europe/Berlin';
const rule = (text: string, more: Partial<RuleRecurrence> = {}): RuleRecurrence => ({ kind: 'rule', rule: text, start: '2026-01-05T09:00:00', timeZone: BERLIN, ...more });
const first = (recurrence: RuleRecurrence, count: number, after = '2026-01-01T00:00:00Z'): string[] => occurrencesFrom(recurrence, new Date(after), count).map((at) => localTime(at, recurrence.timeZone).slice(0, 16));

describe('a rule', () => {
  it.each<[string, RuleRecurrence, string[]]>([
    ['every weekday', rule('FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR', { start: '2026-01-08T09:00:00' }), ['2026-01-08T09:00', '2026-01-09T09:00', '2026-01-12T09:00']],
    ['the last Friday of the month', rule('FREQ=MONTHLY;BYDAY=-1FR'), ['2026-01-30T09:00', '2026-02-27T09:00', '2026-03-27T09:00']],
    ['the 31st, in months that have one', rule('FREQ=MONTHLY;BYMONTHDAY=31'), ['2026-01-31T09:00', '2026-03-31T09:00', '2026-05-31T09:00']],
    ['every other week', rule('FREQ=WEEKLY;INTERVAL=2'), ['2026-01-05T09:00', '2026-01-19T09:00', '2026-02-02T09:00']],
    ['a leap day', rule('FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29'), ['2028-02-29T09:00', '2032-02-29T09:00']],
    ['twice a day', rule('FREQ=DAILY;BYHOUR=9,17;BYMINUTE=0'), ['2026-01-05T09:00', '2026-01-05T17:00', '2026-01-06T09:00']],
    ['the last working day of the month', rule('FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1'), ['2026-01-30T09:00', '2026-02-27T09:00', '2026-03-31T09:00']],
  ])('%s', (_what, recurrence, expected) => {
    expect(first(recurrence, expected.length)).toEqual(expected);
  });

  it('ends with its count, its last day, its last instant', () => {
    expect(first(rule('FREQ=DAILY;COUNT=3'), 10)).toEqual(['2026-01-05T09:00', '2026-01-06T09:00', '2026-01-07T09:00']);
    expect(first(rule('FREQ=DAILY;UNTIL=20260106'), 10)).toEqual(['2026-01-05T09:00', '2026-01-06T09:00']);
    expect(first(rule('FREQ=DAILY;UNTIL=20260106T080000Z'), 10)).toEqual(['2026-01-05T09:00', '2026-01-06T09:00']);
    expect(first(rule('FREQ=DAILY;UNTIL=20260106T075959Z'), 10)).toEqual(['2026-01-05T09:00']);
  });

  it('leaves out days and times that are excepted, and counts them', () => {
    expect(first(rule('FREQ=DAILY;COUNT=4', { exceptions: ['2026-01-06', '2026-01-07T09:00', '2026-01-08T10:00'] }), 10)).toEqual(['2026-01-05T09:00', '2026-01-08T09:00']);
  });

  it('stays at its time of the day when clocks change, as schedules do', () => {
    const daily = rule('FREQ=DAILY', { start: '2026-03-27T02:30:00' });
    expect(first(daily, 4, '2026-03-27T00:00:00Z')).toEqual(['2026-03-27T02:30', '2026-03-28T02:30', '2026-03-29T03:00', '2026-03-30T02:30']);
    expect(first({ ...daily, daylight: { gap: 'skip' } }, 3, '2026-03-27T00:00:00Z')).toEqual(['2026-03-27T02:30', '2026-03-28T02:30', '2026-03-30T02:30']);
    const autumn = occurrencesFrom({ ...daily, daylight: { overlap: 'both' } }, new Date('2026-10-24T12:00:00Z'), 2).map((at) => at.toISOString());
    expect(autumn).toEqual(['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z']);
    expect(occurrencesFrom(daily, new Date('2026-10-24T12:00:00Z'), 2).map((at) => at.toISOString())).toEqual(['2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z']);
  });

  it('as an interval rings in both passes of a repeated hour, and never in one that is jumped over', () => {
    const hourly = rule('FREQ=HOURLY', { start: '2026-01-05T00:00:00' });
    expect(occurrencesFrom(hourly, new Date('2026-10-24T23:30:00Z'), 4).map((at) => at.toISOString().slice(11, 16))).toEqual(['00:00', '01:00', '02:00', '03:00']);
    expect(occurrencesFrom(hourly, new Date('2026-03-29T00:30:00Z'), 2).map((at) => at.toISOString().slice(11, 16))).toEqual(['01:00', '02:00']);
  });

  it.each([
    ['FREQ=SECONDLY', 'FREQ is one of'], ['FREQ=DAILY;BYFOO=1', '"BYFOO" is not a part'], ['FREQ=DAILY;COUNT=3;UNTIL=20270101', 'keep one'], ['FREQ=DAILY;COUNT=0', 'COUNT is a whole number'], ['', 'is not a part'],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', 'no day of the next years'], ['FREQ=DAILY;INTERVAL=1.5', 'INTERVAL'], ['FREQ=DAILY;UNTIL=soon', 'UNTIL'], ['FREQ=DAILY;FREQ=WEEKLY', 'twice'],
  ])('"%s" is refused: %s', (text, why) => {
    expect(() => ruleInstants(rule(text))(new Date(0))).toThrow(CalendarError);
    expect(() => ruleInstants(rule(text))(new Date(0))).toThrow(why);
  });

  it('refuses a zone and a start that do not exist', () => {
    expect(() => ruleInstants(rule('FREQ=DAILY', { timeZone: 'Mars/Base' }))(new Date(0))).toThrow('"Mars/Base" is no time zone');
    expect(() => ruleInstants(rule('FREQ=DAILY', { start: '2026-02-30T09:00:00' }))(new Date(0))).toThrow('"2026-02-30T09:00:00" is no local time');
  });

  it('in every zone and for every start: times in order, each the one after the last, and as many as its count', () => {
    const zones = [BERLIN, 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Africa/Casablanca', 'UTC', 'America/Santiago'];
    const frequencies = ['FREQ=DAILY', 'FREQ=WEEKLY;BYDAY=SU,WE', 'FREQ=MONTHLY;BYDAY=1SU', 'FREQ=DAILY;INTERVAL=3', 'FREQ=HOURLY;INTERVAL=5', 'FREQ=MONTHLY;BYMONTHDAY=-1'];
    const start = fc.date({ min: new Date('2024-01-01'), max: new Date('2028-01-01'), noInvalidDate: true }).map((at) => `${at.toISOString().slice(0, 16)}:00`);
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.constantFrom(...frequencies), start, fc.integer({ min: 1, max: 40 }), (timeZone, text, from, count) => {
        const counted: RuleRecurrence = { kind: 'rule', rule: `${text};COUNT=${count}`, start: from, timeZone, daylight: { gap: 'nextValid' } };
        const times = occurrencesFrom(counted, new Date(0), count + 5).map((at) => at.getTime());
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(new Set(times).size).toBe(times.length);
        if (!text.startsWith('FREQ=HOURLY')) expect(times).toHaveLength(count);
        // Asking from anywhere in between finds the same row.
        const middle = times[Math.floor(times.length / 2)] ?? 0;
        expect(ruleInstants(counted)(new Date(middle - 1))?.getTime()).toBe(middle);
      }),
      { numRuns: 60 },
    );
  });
});

describe('in words', () => {
  it('tells what repeats it', () => {
    expect(recurrenceInWords(rule('FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR'))).toBe('every weekday at 9 AM (Europe/Berlin)');
    expect(recurrenceInWords(rule('FREQ=DAILY;UNTIL=20260301', { exceptions: ['2026-02-03'] }))).toMatch(/^every day at 9 AM until .*2026.* \(Europe\/Berlin\), except on 2026-02-03$/);
    expect(recurrenceInWords({ kind: 'minutes', minutes: 60 })).toBe('every 60 minutes');
  });
  it('previews the next times', () => {
    expect(previewInWords(rule('FREQ=MONTHLY;BYDAY=-1FR;COUNT=2'), new Date('2026-01-01'), BERLIN)).toEqual([expect.stringContaining('every month'), 'Fri 30 Jan 2026, 09:00', 'Fri 27 Feb 2026, 09:00']);
  });
});
