import { describe, expect, it } from '@jest/globals';
import { afterItem, DEFAULT_RETRY, DefinitionError, done, fail, forEach, PermanentError, retry, skip, snooze } from './index.js';
import type { ForEachOptions, StepOutcome } from './index.js';

const now = new Date('2026-03-08T02:30:00Z');
const in1s = new Date('2026-03-08T02:30:01Z');
const in4s = new Date('2026-03-08T02:30:04Z');
const busy = fail(new Error('busy'));
const hopeless = fail(new PermanentError('no such page'));

describe('after a try, an item', () => {
  it.each<[string, number, StepOutcome, object]>([
    ['is done', 1, done({ counts: { words: 3 }, output: { id: 'a' } }), { status: 'done', counts: { words: 3 }, output: { id: 'a' }, error: null, dueAt: null }],
    ['is done with a blemish', 1, done({ errors: ['no title', 'no date'] }), { status: 'done', error: { message: 'no title; no date' } }],
    ['is skipped by its own choice', 3, skip('not ours'), { status: 'skipped', reason: 'not ours' }],
    ['waits out a transient failure', 1, busy, { status: 'waiting', dueAt: in1s, error: { message: 'busy' } }],
    ['waits longer the more often it failed', 3, busy, { status: 'waiting', dueAt: in4s }],
    ['has failed when its tries are used up', 4, busy, { status: 'failed', dueAt: null, error: { message: 'busy' } }],
    ['has failed at once when trying again can not help', 1, hopeless, { status: 'failed', error: { message: 'no such page', permanent: true } }],
    ['waits as long as it asks', 1, retry(4_000, 'not yet'), { status: 'waiting', dueAt: in4s, reason: 'not yet' }],
    ['that asks too often has failed', 4, retry(4_000, 'not yet'), { status: 'failed', error: { name: 'RetriesExhausted', message: 'not yet' } }],
    ['may sleep as often as it likes', 9, snooze(in4s, 'at noon'), { status: 'waiting', dueAt: in4s, reason: 'at noon' }],
    ['never waits for the past', 1, snooze(new Date(0), 'now'), { status: 'waiting', dueAt: now }],
  ])('%s', (_what, tried, outcome, expected) => {
    expect(afterItem({ ...DEFAULT_RETRY, maxAttempts: 4 }, tried, outcome, now, 0)).toMatchObject(expected);
  });
});

describe('a fan-out that can not run', () => {
  const each = (options: Partial<ForEachOptions<unknown, string>>): unknown => forEach<unknown, 'fetch', string, StepOutcome>('fetch', { does: 'fetches', items: () => [], key: (item) => item, run: async () => done(), ...options });
  it.each<[string, Partial<ForEachOptions<unknown, string>>]>([
    ['step "fetch": concurrency 0 must be a whole number from 1 to 1000', { concurrency: 0 }],
    ['step "fetch": concurrency 2.5 must be a whole number', { concurrency: 2.5 }],
    ['step "fetch": itemTimeout 0 ms must be from 1', { itemTimeout: 0 }],
    ['step "fetch" (an item\'s retry): maxAttempts 0 must be a whole number of 1 or more', { retry: { maxAttempts: 0 } }],
    ['step "fetch": jitter 7 must be from 0 to 1', { stepRetry: { jitter: 7 } }],
  ])('is refused where it is written: %s', (text, options) => {
    expect(() => each(options)).toThrow(DefinitionError);
    expect(() => each(options)).toThrow(text);
  });
});
