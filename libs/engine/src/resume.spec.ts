import { describe, expect, it } from '@jest/globals';
import { alike, done, resumeAt, ResumeRefused, step } from './index.js';
import type { OnFailure, StepEnd, StepPlan } from './index.js';

const PLAN: StepPlan[] = (['fetch', 'match', 'notify'] as const).map((name) => step(name, { does: name, onFailure: (name === 'match' ? 'continue' : 'stop') as OnFailure, run: async () => done() }).plan);
type End = StepEnd | 'done with item errors';
const at = (ends: Partial<Record<string, End>>, from?: string, status = 'failed'): string | undefined => {
  const steps = new Map(Object.entries(ends).map(([name, end]) => [name, end === 'done with item errors' ? { end: 'done' as const, itemErrors: 2 } : { end: end as StepEnd, itemErrors: 0 }]));
  return PLAN[resumeAt({ id: 'r1', status, plan: PLAN, steps }, from)]?.name;
};

describe('an ended run is gone on with', () => {
  it.each<[string, Partial<Record<string, End>>, string | undefined, string]>([
    ['at its first failed step', { fetch: 'done', match: 'failed', notify: 'failed' }, undefined, 'match'],
    ['at the step in which it was cancelled', { fetch: 'done', match: 'cancelled', notify: 'skipped' }, undefined, 'match'],
    ['at the step whose items failed', { fetch: 'done with item errors', match: 'done', notify: 'done' }, undefined, 'fetch'],
    ['from the beginning when it never began', {}, undefined, 'fetch'],
    ['at the named step', { fetch: 'done', match: 'done', notify: 'done' }, 'notify', 'notify'],
    ['at a step after one that may fail', { fetch: 'done', match: 'failed', notify: 'failed' }, 'notify', 'notify'],
    ['at its very first step', { fetch: 'failed', match: 'skipped', notify: 'skipped' }, 'fetch', 'fetch'],
  ])('%s', (_where, ends, from, expected) => expect(at(ends, from)).toBe(expected));
});

describe('going on is refused', () => {
  it.each<[string, () => unknown]>([
    ['run r1 is not over yet (running): wait for its end, or cancel it first', () => at({ fetch: 'done' }, undefined, 'running')],
    ['run r1 was skipped, so there is nothing to go on with: ask for a new run', () => at({}, undefined, 'skipped')],
    ['run r1 succeeded: no step of it failed. Name the step to start from: fetch, match, notify', () => at({ fetch: 'done', match: 'skipped', notify: 'done' }, undefined, 'succeeded')],
    ['run r1 has no step "fetsh": did you mean "fetch"? its steps are fetch, match, notify', () => at({ fetch: 'done' }, 'fetsh')],
    ['run r1 has no step "transmogrify": its steps are fetch, match, notify', () => at({ fetch: 'done' }, 'transmogrify')],
    ['run r1 can not go on from "notify": "fetch" comes before it and failed. Start there', () => at({ fetch: 'failed', match: 'skipped', notify: 'skipped' }, 'notify')],
    ['run r1 can not go on from "notify": "match" comes before it and was cancelled. Start there', () => at({ fetch: 'done', match: 'cancelled', notify: 'skipped' }, 'notify')],
    ['run r1 can not go on from "match": "fetch" comes before it and never ended. Start there', () => at({}, 'match')],
  ])('%s', (message, ask) => {
    expect(ask).toThrow(ResumeRefused);
    expect(ask).toThrow(message);
  });
});

describe('the closest name', () => {
  it.each([['fetsh', 'fetch'], ['Fetch', 'fetch'], ['mtach', 'match'], ['not', undefined], ['x', undefined], ['', undefined]])('to "%s" is %s', (name, expected) => expect(alike(name, ['fetch', 'match', 'notify'])).toBe(expected));
});
