import { describe, expect, it } from '@jest/globals';
import { decideFailing, decideLevel, isStorm, judgeOccurrence, silenceOf } from './index.js';
import type { AlertDecision, AlertPolicy, DecidedOccurrence, EngineSigns } from './index.js';

const policy: AlertPolicy = { afterFailures: 3, everyFurther: 0, lateAfterMs: 300_000 };

describe('a schedule whose runs fail', () => {
  it.each<[string, Partial<AlertPolicy>, number, number | undefined, AlertDecision]>([
    ['once', {}, 1, undefined, 'nothing'],
    ['twice', {}, 2, undefined, 'nothing'],
    ['three times', {}, 3, undefined, 'open'],
    ['seven times before anybody looked', {}, 7, undefined, 'open'],
    ['a fourth time, told at three', {}, 4, 3, 'nothing'],
    ['a hundredth time, told at three', {}, 100, 3, 'nothing'],
    ['no more', {}, 0, 3, 'close'],
    ['not at all', {}, 0, undefined, 'nothing'],
    ['at once, where the first counts', { afterFailures: 1 }, 1, undefined, 'open'],
    ['forever, where nobody wants to know', { afterFailures: 0 }, 99, undefined, 'nothing'],
    ['no more, though nobody wants to know any longer', { afterFailures: 0 }, 0, 3, 'close'],
    ['a fifth time, told at three and every second', { everyFurther: 2 }, 5, 3, 'tell-again'],
    ['a fourth time, told at three and every second', { everyFurther: 2 }, 4, 3, 'nothing'],
    ['a sixth time, told at five and every second', { everyFurther: 2 }, 6, 5, 'nothing'],
    ['a ninth time, told at five and every second', { everyFurther: 2 }, 9, 5, 'tell-again'],
  ])('%s', (_what, own, failures, told, expected) => expect(decideFailing({ ...policy, ...own }, failures, told)).toBe(expected));
});

describe('an occurrence', () => {
  it.each<[DecidedOccurrence['outcome'], number, ReturnType<typeof judgeOccurrence>]>([
    ['ran', 0, 'fine'],
    ['ran', 300_000, 'fine'],
    ['ran', 300_001, 'late'],
    ['coalesced', 5_000, 'fine'],
    ['coalesced', 300_001, 'missed'],
    ['expired', 0, 'missed'],
    ['expired', 999_999, 'missed'],
    ['skipped', 999_999, 'fine'],
    ['paused', 999_999, 'fine'],
  ])('that %s %d ms after it was due is %s', (outcome, lateByMs, expected) => expect(judgeOccurrence(policy, { outcome, lateByMs })).toBe(expected));
});

describe('what has a height', () => {
  it.each<[number, number, boolean, AlertDecision]>([
    [0, 10, false, 'nothing'],
    [9, 10, false, 'nothing'],
    [10, 10, false, 'open'],
    [10, 10, true, 'nothing'],
    [9, 10, true, 'nothing'],
    [5, 10, true, 'nothing'],
    [4, 10, true, 'close'],
    [0, 10, true, 'close'],
    [1_000, 0, false, 'nothing'],
    [1_000, 0, true, 'close'],
  ])('%d with limit %d, open: %p → %s', (level, limit, isOpen, expected) => expect(decideLevel(level, limit, isOpen)).toBe(expected));
});

describe('the engine', () => {
  const [fresh, old] = [1_000, 61_000];
  it.each<[string, EngineSigns, string | undefined]>([
    ['that beats and looks', { beatAgeMs: fresh, lookAgeMs: fresh, watchingMs: old }, undefined],
    ['whose scheduler fell silent', { beatAgeMs: old, lookAgeMs: old, watchingMs: old }, 'no scheduler gives a sign of life'],
    ['whose scheduler beats and looks at nothing', { beatAgeMs: fresh, lookAgeMs: old, watchingMs: old }, 'a scheduler lives, but none looks at the schedules'],
    ['whose scheduler beats and has not looked yet', { beatAgeMs: fresh, lookAgeMs: null, watchingMs: old }, undefined],
    ['that slept as long as its watcher', { beatAgeMs: 9 * 3_600_000, lookAgeMs: old, watchingMs: fresh }, undefined],
    ['that never was', { beatAgeMs: null, lookAgeMs: null, watchingMs: old }, undefined],
  ])('%s', (_what, signs, why) => expect(silenceOf(signs, 60_000)?.why).toBe(why));

  it('is not watched where the limit is 0', () => expect(silenceOf({ beatAgeMs: old, lookAgeMs: old, watchingMs: old }, 0)).toBeUndefined());
});

it('a few episodes at once are told one by one, many as one', () => {
  expect([1, 3, 4, 10_000].map(isStorm)).toEqual([false, false, true, true]);
});
