import { describe, expect, it } from '@jest/globals';
import { after, dailyAt, decideWhenReady, hours, minutes, whenReady } from './index.js';
import type { Readiness, WhenReadyDecision, WhenReadyTrigger } from './index.js';

const sensor = { name: 'ledgers', ready: async (): Promise<Readiness> => ({ ready: true }) };
const trigger = whenReady({ sensor, from: dailyAt('06:00'), deadline: hours(3), poll: minutes(1) }).trigger as WhenReadyTrigger;
const due = new Date('2026-01-05T06:00:00Z');
const decided = (readiness: Readiness, waitedMs: number): WhenReadyDecision => decideWhenReady(trigger, due, readiness, new Date(due.getTime() + waitedMs));
const missing = (...waitingFor: string[]): Readiness => ({ ready: false, waitingFor });

describe('what is looked for', () => {
  it('rings as soon as it is there, also after its deadline when nobody could ask before', () => {
    expect(decided({ ready: true }, 0)).toEqual({ kind: 'ring', reason: 'ledgers is ready after 0 s' });
    expect(decided({ ready: true }, hours(5))).toEqual({ kind: 'ring', reason: 'ledgers is ready after 18000 s' });
  });

  it('is asked for again, the last time at the deadline itself', () => {
    expect(decided(missing('oslo', 'bergen'), 0)).toEqual({ kind: 'wait', nextLookAt: new Date('2026-01-05T06:01:00Z'), waitingFor: ['oslo', 'bergen'] });
    expect(decided(missing('oslo'), hours(3) - 500)).toEqual({ kind: 'wait', nextLookAt: new Date('2026-01-05T09:00:00Z'), waitingFor: ['oslo'] });
  });

  it('fails at the deadline with the list of what is missing', () => {
    expect(decided(missing('oslo', 'bergen'), hours(3))).toEqual({ kind: 'fail', reason: 'ledgers was not ready by 2026-01-05T09:00:00.000Z', errors: ['still waiting for oslo', 'still waiting for bergen'] });
    expect(decided(missing(), hours(3))).toMatchObject({ errors: ['still waiting for ledgers'] });
  });
});

it('what can not be looked for is refused where it is written', () => {
  expect(() => whenReady({ sensor, from: after('import'), deadline: hours(1) })).toThrow('whenReady(from: after): write every, cron, dailyAt or once');
  expect(() => whenReady({ sensor, from: dailyAt('06:00'), deadline: 1_000 })).toThrow('whenReady(deadline: 1000 ms): must not be shorter than poll (60000 ms)');
  expect(() => whenReady({ sensor, from: dailyAt('06:00'), deadline: hours(1), poll: 10 })).toThrow('asking "ledgers" faster than every 100 ms is not supported');
});
