import { describe, expect, it } from '@jest/globals';
import { cron, dailyAt, DefinitionError, done, every, hours, manual, PermanentError, pipeline, recordError, seconds, step, threshold, TransientError } from './index.js';
import type { PipelineOptions, Step, StepOptions, StepOutcome } from './index.js';

const ring = (name: string, options: Partial<StepOptions<unknown, StepOutcome, Record<string, Step<unknown>> | readonly Step<unknown>[]>> = {}): Step<unknown> => step(name, { does: name, run: async () => done(), ...options });
const bell = (name: string, ...steps: Step<unknown>[]): unknown => pipeline(name, { does: 'rings', trigger: manual(), steps });
const a = ring('a');
const peal = (options: Partial<PipelineOptions<unknown>>): unknown => pipeline('bell', { does: 'rings', trigger: manual(), steps: [ring('a')], ...options });
const count = { name: 'pending', read: async () => 0 };
const sill = (options: object): unknown => threshold({ count, atLeast: 10, orEvery: hours(6), poll: seconds(60), ...options });

describe('what can not run is refused where it is written', () => {
  it.each<[string, () => unknown]>([
    ['pipeline "bell" has no steps', () => bell('bell')],
    ['pipeline "bell" has two steps called "a"', () => bell('bell', ring('a'), ring('a'))],
    ['step "b" of "bell" refers to "a", which is not an earlier step of it', () => bell('bell', ring('b', { needs: [a] }), a)],
    ['step "b" of "bell" refers to "a", which is not an earlier step of it', () => bell('bell', ring('b', { inputs: { a } }))],
    ['step "b" of "bell" refers to another "a" than the one in its list; import that one', () => bell('bell', ring('a'), ring('b', { needs: { a } }))],
    ['step "b" names "a" in needs and in inputs: keep one', () => ring('b', { needs: { a }, inputs: { a } })],
    ['step "a": retryable ["no name"] must be error classes or their names', () => ring('a', { retry: { retryable: ['no name'] } })],
    ['pipeline name "two words": use letters, digits and "-", starting with a letter, at most 63', () => bell('two words', ring('a'))],
    ['pipeline name "": use letters', () => bell('', ring('a'))],
    ['step name "a.b": use letters', () => ring('a.b')],
    ['step name "*": use letters', () => ring('*')],
    ['step name "1st": use letters', () => ring('1st')],
    ['step "a": maxAttempts 0 must be a whole number of 1 or more', () => ring('a', { retry: { maxAttempts: 0 } })],
    ['step "a": retry waits (baseMs 1000, capMs Infinity) must be finite and not negative', () => ring('a', { retry: { capMs: Infinity } })],
    ['step "a": jitter 2 must be from 0 to 1', () => ring('a', { retry: { jitter: 2 } })],
    ['step "a": timeout 0 ms must be from 1 to 2073600000 (24 days)', () => ring('a', { timeout: 0 })],
    ['step "a": timeout Infinity ms must be from 1', () => ring('a', { timeout: Infinity })],
    ['step "a": rate.count 0 must be a whole number of 1 or more', () => ring('a', { rate: { count: 0, per: seconds(1) } })],
    ['step "a": rate.per Infinity ms must be from 1 to 86400000 (a day)', () => ring('a', { rate: { count: 1, per: Infinity } })],
    ['step "a": rate.burst 0.5 must be a whole number of 1 or more', () => ring('a', { rate: { count: 1, per: 1_000, burst: 0.5 } })],
    ['pipeline "bell": priority 1.5 must be a whole number from -1000 to 1000; the higher one goes first', () => peal({ priority: 1.5 })],
    ['pipeline "bell": limits.concurrency 0 must be a whole number of 1 or more; leave it out for no limit', () => peal({ limits: { concurrency: 0 } })],
    ['pipeline "bell": limits.perScope 3 can never be reached below limits.concurrency 2', () => peal({ limits: { concurrency: 2, perScope: 3 } })],
    ['every(999 ms) is too often: the shortest interval is 1000 ms', () => every(999)],
    ['every(NaN ms): must be a whole number of milliseconds', () => every(NaN)],
    ['every(Infinity ms): must be a whole number of milliseconds', () => every(Infinity)],
    ['dailyAt("24:00"): write a time from "00:00" to "23:59"', () => dailyAt('24:00')],
    ['dailyAt("2am"): write a time', () => dailyAt('2am')],
    ['cron("61 * * * *", "UTC") can not be read', () => cron('61 * * * *')],
    ['Write "minute hour day month weekday" and an IANA zone', () => cron('every tuesday')],
    ['cron("0 2 * * *", "Europe/Berlim") can not be read', () => dailyAt('02:00', 'Europe/Berlim')],
    ['threshold(atLeast: 0): must be a whole number of 1 or more', () => sill({ atLeast: 0 })],
    ['threshold(poll: 50 ms): polling faster than every 100 ms is not supported', () => sill({ poll: 50 })],
    ['threshold(orEvery: 1000 ms): must not be shorter than poll (60000 ms)', () => sill({ orEvery: 1_000 })],
    ['threshold(orEvery: Infinity): must be finite; for hardly ever write days(3650)', () => sill({ orEvery: Infinity })],
    ['threshold(minGap: -1 ms): must be 0 or more', () => sill({ minGap: -1 })],
  ])('%s', (text, write) => {
    expect(write).toThrow(DefinitionError);
    expect(write).toThrow(text);
  });

  it('what can run survives being stored as JSON unchanged', () => {
    const written = pipeline('bell', { does: 'rings', trigger: threshold({ count, atLeast: 1, orEvery: hours(1), poll: seconds(1), orWhen: { name: 'ended', holds: async () => true } }), steps: [ring('a', { rate: { count: 5, per: seconds(1) } })], limits: { perScope: 1 }, priority: 3 });
    const { trigger, misfire, overlap, priority, limits } = written;
    const plans = written.steps.map((one) => one.plan);
    expect(JSON.parse(JSON.stringify({ trigger, misfire, overlap, priority, limits, plans }))).toEqual({ trigger, misfire, overlap, priority, limits, plans });
    expect([plans[0]?.rate, limits, priority]).toEqual([{ count: 5, per: 1_000, burst: 5 }, { perScope: 1 }, 3]);
  });
});

describe('a recorded error', () => {
  it('names itself and its causes, and whether trying again can help', () => {
    const error = new TransientError('the model did not answer', { cause: new Error('socket hang up', { cause: new Error('ECONNRESET') }) });
    expect(recordError(error)).toEqual({ name: 'TransientError', message: 'the model did not answer: socket hang up: ECONNRESET', permanent: false });
    expect(recordError(new PermanentError('no'))).toMatchObject({ permanent: true });
    expect(recordError(new DefinitionError('no'))).toMatchObject({ name: 'DefinitionError', permanent: true });
  });

  it('bears anything that is thrown, and keeps it short', () => {
    expect(recordError('a string')).toEqual({ name: 'Error', message: 'a string', permanent: false });
    expect(recordError(undefined)).toMatchObject({ message: 'undefined' });
    expect(recordError(new Error('x'.repeat(9_000))).message).toHaveLength(2_000);
  });
});
