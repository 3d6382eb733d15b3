import { describe, expect, it } from '@jest/globals';
import type { WorkSettle } from '@carillon/shared';
import { BadOutcome, outcomeOf } from './work-outcome.js';

const words = (some: Partial<WorkSettle>): WorkSettle => ({ stepId: 's', runId: 'r', fence: '1', outcome: 'done', ...some });

describe('what another program says of its step', () => {
  it.each<[Partial<WorkSettle>, object]>([
    [{}, { kind: 'done', counts: {}, errors: [] }],
    [{ counts: { rows: 2 }, errors: ['row 3: empty'], output: { id: 'x' } }, { kind: 'done', counts: { rows: 2 }, errors: ['row 3: empty'], output: { id: 'x' } }],
    [{ outcome: 'retry', afterSeconds: 1.5, reason: 'not yet' }, { kind: 'retry', afterMs: 1_500, reason: 'not yet' }],
    [{ outcome: 'snooze', until: '2026-03-08T02:30:00Z', reason: 'at noon' }, { kind: 'snooze', until: new Date('2026-03-08T02:30:00Z'), reason: 'at noon' }],
    [{ outcome: 'skip', reason: 'nothing new' }, { kind: 'skip', reason: 'nothing new' }],
    [{ outcome: 'cancelled', reason: 'told to' }, { kind: 'cancelled', reason: 'told to' }],
    [{ outcome: 'fail', error: { message: 'broken' } }, { kind: 'fail', error: { name: 'Error', message: 'broken', permanent: false } }],
    [{ outcome: 'fail', error: { name: 'BadInput', message: 'x'.repeat(3_000), permanent: true } }, { kind: 'fail', error: { name: 'BadInput', message: 'x'.repeat(2_000), permanent: true } }],
  ])('%j is an outcome', (said, outcome) => expect(outcomeOf(words(said))).toEqual(outcome));

  it.each<[Partial<WorkSettle>, string]>([
    [{ counts: { rows: Number.NaN } }, 'counts.rows is null: counts are numbers'],
    [{ outcome: 'retry', reason: 'not yet' }, 'needs "afterSeconds"'],
    [{ outcome: 'retry', afterSeconds: 1 }, 'outcome "retry" needs "reason"'],
    [{ outcome: 'snooze', reason: 'at noon' }, 'needs "until"'],
    [{ outcome: 'snooze', until: '2026-W10-7', reason: 'on Sunday' }, 'needs "until"'],
    [{ outcome: 'skip' }, 'outcome "skip" needs "reason": why, in words'],
    [{ outcome: 'fail' }, 'outcome "fail" needs "error"'],
    [{ outcome: 'fail', error: { message: 'broken', permanent: 'yes' } }, 'outcome "fail" needs "error"'],
  ])('%j is none', (said, message) => {
    expect(() => outcomeOf(words(said))).toThrow(BadOutcome);
    expect(() => outcomeOf(words(said))).toThrow(message);
  });
});
