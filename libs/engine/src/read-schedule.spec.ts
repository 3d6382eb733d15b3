import { describe, expect, it } from '@jest/globals';
import { after, cron, DefinitionError, days, durationInWords, every, fireAll, fireOnce, hours, manual, minutes, misfireInWords, once, overlapInWords, queueAll, readMisfire, readOverlap, readTrigger, seconds, skipBeyond, threshold, triggerInWords, whenReady } from './index.js';
import type { Trigger } from './index.js';

const count = { name: 'pending', read: async () => 0 };
const sensor = { name: 'ledgers', ready: async () => ({ ready: true }) as const };
const triggers: [string, Trigger][] = [
  ['every 15 min', every(minutes(15)).trigger],
  ['daily at 02:05 in Europe/Oslo', cron('5 2 * * *', 'Europe/Oslo').trigger],
  ['cron "*/20 9-17 * * MON-FRI" in UTC', cron('*/20 9-17 * * MON-FRI').trigger],
  ['once at 2026-12-24T17:00:00.000Z', once('2026-12-24T18:00:00+01:00').trigger],
  ['at 10 pending, or 6 h after the last success; at most every 5 min; looked at every 1 min', threshold({ count, atLeast: 10, orEvery: hours(6), poll: minutes(1), minGap: minutes(5) }).trigger],
  ['when ledgers is ready, looked for from daily at 06:00 in UTC for at most 3 h, every 1 min', whenReady({ sensor, from: cron('0 6 * * *'), deadline: hours(3) }).trigger],
  ['after a run of import ended succeeded or partial with imported ≥ 1', after('import', { outcome: ['succeeded', 'partial'], when: { imported: { atLeast: 1 } } }).trigger],
  ['by hand', manual().trigger],
];

describe('a trigger', () => {
  it.each(triggers)('%s: is the same when it was stored and read again', (_words, trigger) => {
    expect(readTrigger(JSON.parse(JSON.stringify(trigger)))).toEqual(trigger);
  });

  it.each(triggers)('is said in words: %s', (words, trigger) => {
    expect(triggerInWords(trigger)).toBe(words);
  });

  it.each<[string, unknown]>([
    ['trigger: must be an object', 'daily'],
    ['trigger.kind "daily": write one of every, cron', { kind: 'daily' }],
    ['trigger.kind is missing', {}],
    ['trigger.everyMs: must be a number', { kind: 'every', everyMs: '15' }],
    ['trigger.every is not a field of it: there is kind, everyMs, runAtOnce', { kind: 'every', every: 15 }],
    ['every(5 ms) is too often', { kind: 'every', everyMs: 5 }],
    ['cron("0 25 * * *", "UTC") can not be read', { kind: 'cron', expression: '0 25 * * *' }],
    ['trigger.from.kind "manual": write one of every, cron, once', { kind: 'whenReady', sensor: 'ledgers', from: { kind: 'manual' }, deadlineMs: hours(1) }],
    ['trigger.when[0].atLeast: must be a number', { kind: 'after', pipeline: 'import', when: [{ count: 'imported', atLeast: 'one' }] }],
    ['after("import", scope "all"): write same or each', { kind: 'after', pipeline: 'import', scope: 'all' }],
    ['threshold(atLeast: 0): must be a whole number', { kind: 'threshold', counter: 'pending', atLeast: 0, orEveryMs: hours(1), pollMs: seconds(1) }],
  ])('that can not run is refused: %s', (text, written) => {
    expect(() => readTrigger(written)).toThrow(DefinitionError);
    expect(() => readTrigger(written)).toThrow(text);
  });
});

describe('policies', () => {
  it('are the same when they were stored and read again', () => {
    for (const policy of [fireOnce(), fireOnce('earliest'), fireAll(3), skipBeyond(hours(1))]) expect(readMisfire(JSON.parse(JSON.stringify(policy)))).toEqual(policy);
    for (const policy of ['skip', 'queueOne', 'replace', 'allow']) expect(readOverlap({ kind: policy })).toEqual({ kind: policy });
    expect(readOverlap({ kind: 'queueAll', max: 4 })).toEqual(queueAll(4));
  });

  it('that can not hold are refused', () => {
    expect(() => readMisfire({ kind: 'fireAll' })).toThrow('misfire.max: must be a number');
    expect(() => readMisfire({ kind: 'ignore' })).toThrow('misfire.kind "ignore": write one of fireOnce, fireAll, skip');
    expect(() => readOverlap({ kind: 'queueAll', max: 0 })).toThrow('queueAll(0): must be a whole number of 1 or more');
  });

  it('are said in words', () => {
    expect(misfireInWords(skipBeyond(minutes(90)))).toBe('what is more than 1 h 30 min late does not fire');
    expect(overlapInWords(queueAll(3))).toBe('up to 3 wait while a run is at work');
    expect([0, 1_500, days(2)].map(durationInWords)).toEqual(['0 s', '1 s 500 ms', '2 d']);
  });
});
