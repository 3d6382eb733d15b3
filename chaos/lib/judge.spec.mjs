import { describe, expect, it } from '@jest/globals';
import { verdictOn } from './judge.mjs';

/** Two runs, one asked for by key and one by the clock, and everything that they owe. */
function wholeLedger() {
  const due = new Date('2026-01-05T08:00:01.000Z');
  const runs = [
    { id: 'r1', status: 'succeeded', key: 'key-1', schedule: null, scheduledFor: null, steps: ['first', 'second'] },
    { id: 'r2', status: 'succeeded', key: null, schedule: 's1', scheduledFor: due, steps: ['first'] },
  ];
  return {
    runs,
    // "second" has no last write: its record is all there is.
    effects: [{ run: 'r1', step: 'first' }, { run: 'r2', step: 'first' }],
    records: [{ run: 'r1', step: 'first' }, { run: 'r1', step: 'second' }, { run: 'r2', step: 'first' }],
    outside: ['r1 first', 'r1 first', 'r1 second', 'r2 first'],
    broken: [],
    schedules: [{ id: 's1', everyMs: 1_000, anchorAt: new Date('2026-01-05T08:00:00.000Z'), through: new Date('2026-01-05T08:00:01.400Z') }],
    occurrences: [{ schedule: 's1', scheduledFor: due, outcome: 'ran', run: 'r2', decidedAt: new Date('2026-01-05T08:00:01.003Z') }],
    requested: new Set(['key-1']),
    answered: new Map([['key-1', 'r1']]),
    contradictions: [],
  };
}
const verdictAfter = (damage) => {
  const ledger = wholeLedger();
  damage(ledger);
  return verdictOn(ledger);
};

describe('the verdict', () => {
  it('finds nothing where nothing is wrong, also when the outside world was touched twice', () => expect(verdictAfter(() => undefined)).toEqual({ lost: [], doubled: [] }));

  it.each([
    ['an effect that is missing', (ledger) => ledger.effects.pop(), { lost: ['effect of run and step r2 first'] }],
    ['an effect that happened twice', (ledger) => ledger.effects.push({ run: 'r1', step: 'first' }), { doubled: ['effect of run and step r1 first'] }],
    ['one missing and one twice, which a count would not see', (ledger) => (ledger.effects[1] = { run: 'r1', step: 'first' }), { lost: ['effect of run and step r2 first'], doubled: ['effect of run and step r1 first'] }],
    ['a step that ended well twice', (ledger) => ledger.records.push({ run: 'r1', step: 'second' }), { doubled: ['record of run and step r1 second'] }],
    ['a run that is not over', (ledger) => (ledger.runs[0].status = 'active: running first'), { lost: ['end of run r1 (active: running first)'] }],
    ['a run that failed', (ledger) => (ledger.runs[0].status = 'failed'), { lost: ['end of run r1 (failed)'] }],
    ['a key with two runs', (ledger) => ledger.runs.push({ ...ledger.runs[0] }), { doubled: expect.arrayContaining(['run for the key key-1']) }],
    ['a key that nobody answered', (ledger) => ledger.answered.clear(), { lost: ['answer to the key key-1'] }],
    ['an answer that names no run', (ledger) => ledger.answered.set('once-2', 'r9'), { lost: ['answered run r9'] }],
    ['an owed instant that nobody recorded', (ledger) => (ledger.schedules[0].through = new Date('2026-01-05T08:00:02.000Z')), { lost: ['occurrence of schedule s1 2026-01-05T08:00:02.000Z'] }],
    ['an instant that was not owed', (ledger) => (ledger.schedules[0].through = new Date('2026-01-05T08:00:00.500Z')), { doubled: ['occurrence of schedule s1 2026-01-05T08:00:01.000Z'] }],
    ['an occurrence that rang early', (ledger) => (ledger.occurrences[0].decidedAt = new Date('2026-01-05T08:00:00.900Z')), { doubled: ['occurrence that was early s1 2026-01-05T08:00:01.000Z'] }],
    ['an occurrence without its run', (ledger) => (ledger.occurrences[0].run = 'r7'), { lost: ['run of the occurrence s1 2026-01-05T08:00:01.000Z r7'], doubled: ['run of the occurrence s1 2026-01-05T08:00:01.000Z r2'] }],
    ['half a run', (ledger) => ledger.broken.push('key key-1'), { lost: ['whole of key key-1'] }],
    ['an effect outside that never happened', (ledger) => (ledger.outside = ['r1 first', 'r1 second']), { lost: ['effect outside of run and step r2 first'] }],
  ])('finds %s', (_what, damage, found) => expect(verdictAfter(damage)).toEqual({ lost: [], doubled: [], ...found }));
});
