import { describe, expect, it } from '@jest/globals';
import { readMisfire, readOverlap, readTrigger } from '@carillon/engine';
import { definitionFrom, milliseconds } from './schedule-options.js';
import type { ScheduleOptions } from './schedule-options.js';

describe('a schedule on the command line', () => {
  it.each<[ScheduleOptions, object]>([
    [{ cron: '0 2 * * MON', zone: 'Europe/Oslo' }, { kind: 'cron', expression: '0 2 * * MON', timeZone: 'Europe/Oslo' }],
    [{ daily: '02:05' }, { kind: 'cron', expression: '5 2 * * *', timeZone: 'UTC' }],
    [{ every: '1h 30m' }, { kind: 'every', everyMs: 5_400_000 }],
    [{ once: '2026-12-24T18:00:00+01:00' }, { kind: 'once', at: '2026-12-24T18:00:00+01:00' }],
    [{ after: 'import', outcome: 'succeeded,partial', when: 'imported>=1, rejected<=0', eachScope: true }, { kind: 'after', pipeline: 'import', outcomes: ['succeeded', 'partial'], when: [{ count: 'imported', atLeast: 1 }, { count: 'rejected', atMost: 0 }], scope: 'each' }],
    [{ trigger: '{"kind":"manual"}' }, { kind: 'manual' }],
  ])('%j rings as it says', (options, trigger) => {
    expect(definitionFrom(options)).toEqual({ trigger });
    expect(readTrigger(trigger)).toBeDefined();
  });

  it('has its policies in few words', () => {
    expect(definitionFrom({ misfire: 'all:3', overlap: 'queue:4', gap: 'skip', clockOverlap: 'both', jitter: '30s', deadline: 'none', params: '{"a":1}', priority: '-2', scope: 'oslo' })).toEqual({
      ...{ misfire: { kind: 'fireAll', max: 3 }, overlap: { kind: 'queueAll', max: 4 }, daylight: { gap: 'skip', overlap: 'both' }, jitterMs: 30_000, deadlineMs: null, params: { a: 1 } },
      ...{ priority: -2, scope: 'oslo' },
    });
    for (const misfire of ['latest', 'earliest', 'skip:10m']) expect(readMisfire(definitionFrom({ misfire })['misfire'])).toBeDefined();
    for (const overlap of ['skip', 'queue', 'replace', 'allow']) expect(readOverlap(definitionFrom({ overlap })['overlap'])).toBeDefined();
    expect(definitionFrom({})).toEqual({});
  });

  it.each<[ScheduleOptions, string]>([
    [{ cron: '* * * * *', every: '1h' }, '--cron and --every: a schedule has one trigger'],
    [{ every: '5 parsecs' }, '--every 5 parsecs is no length of time: write for example 90s, 15m, 2h or 1d'],
    [{ every: '1h', zone: 'UTC' }, '--zone UTC belongs to --cron or --daily'],
    [{ daily: '24:00' }, '--daily 24:00 is no time of the day'],
    [{ after: 'import', when: 'imported>1' }, '--when imported>1 is no condition'],
    [{ misfire: 'all' }, '--misfire all: write latest, earliest, all:COUNT or skip:GRACE'],
    [{ overlap: 'wait' }, '--overlap wait: write skip, queue, queue:COUNT, replace or allow'],
    [{ params: '[1]' }, '--params [1] is not a JSON object'],
    [{ priority: 'high' }, '--priority high: write a whole number'],
  ])('%j is refused with what would be right', (options, message) => {
    expect(() => definitionFrom(options)).toThrow(message);
  });

  it('knows lengths of time', () => {
    expect(['250ms', '90s', '15m', '15min', '2h', '1d', '1d12h'].map((text) => milliseconds('--x', text))).toEqual([250, 90_000, 900_000, 900_000, 7_200_000, 86_400_000, 129_600_000]);
  });
});
