import { describe, expect, it } from '@jest/globals';
import { verdictOnReminders } from './judge-reminders.mjs';

const AT = new Date('2026-03-01T08:00:00.000Z');
const NEXT_DAY = new Date('2026-03-02T08:00:00.000Z');
const TOLD = '⏰ <b>one</b>\nSun 1 March, 08:00\nevery day; next Mon 2 March, 08:00';
const MARKED = `🔁 <i>Possibly repeated</i>\n${TOLD}`;
const OTHER = '⏰ <b>two</b>\nSun 1 March, 08:00';
const notice = (id, more) => ({ id: `n-${id}`, key: `memory:reminder:${id}:0`, status: 'sent', repeated: false, ...more });

/** Two reminders, one of them repeats; both fired in one run, and arrived. */
const right = () => ({
  filed: [{ id: 'r1', text: 'one', fireAt: AT, repeats: true }, { id: 'r2', text: 'two', fireAt: AT, repeats: false }],
  reminders: [{ id: 'r1', series: 'r1', fireAt: AT, fired: true }, { id: 'r2', series: 'r2', fireAt: AT, fired: true }, { id: 'r3', series: 'r1', fireAt: NEXT_DAY, fired: false }],
  due: [{ id: 'r3', at: NEXT_DAY }],
  firings: ['r1', 'r2'],
  notices: [notice('r1'), notice('r2')],
  arrived: [TOLD, OTHER],
  occurrences: [{ schedule: 's', scheduledFor: AT, outcome: 'ran', run: 'run', decidedAt: AT }],
  runs: [{ id: 'run', status: 'succeeded', scheduledFor: AT }],
});

const verdict = (change) => {
  const found = right();
  return verdictOnReminders({ ...found, ...change(found) });
};

describe('reminders under fire', () => {
  it('are all right when each fired once, goes on once and arrived once', () => {
    expect(verdict(() => ({}))).toEqual({ lost: [], doubled: [], reminders: 2, uncertain: 0, repeated: 0, runs: 1, partial: 0 });
  });

  it('may arrive once more with the mark, where the ledger knows of it', () => {
    expect(verdict(() => ({ arrived: [TOLD, OTHER, MARKED], notices: [notice('r1', { repeated: true }), notice('r2')] }))).toMatchObject({ lost: [], doubled: [], repeated: 1 });
  });

  it.each([
    ['never fired', ({ reminders: [first, ...others] }) => ({ reminders: [{ ...first, fired: false }, ...others] }), 'reminder that fired: r1'],
    ['was deleted', ({ reminders: [, ...others] }) => ({ reminders: others }), 'reminder that fired: r1'],
    ['fired without an audit', () => ({ firings: ['r2'] }), 'firing of reminder r1'],
    ['does not go on', ({ reminders }) => ({ reminders: reminders.slice(0, 2), due: [] }), 'what follows reminder r1 at 2026-03-02T08:00:00.000Z'],
    ['goes on at another time', ({ reminders: [r1, r2, r3] }) => ({ reminders: [r1, r2, { ...r3, fireAt: AT }], due: [{ id: 'r3', at: AT }] }), 'what follows reminder r1 at 2026-03-02T08:00:00.000Z'],
    ['goes on where nobody looks', () => ({ due: [] }), 'place among what is due of reminder r3 at 2026-03-02T08:00:00.000Z'],
    ['has no notice', () => ({ notices: [notice('r2')] }), 'notice memory:reminder:r1:0'],
    ['has a notice that did not arrive', () => ({ arrived: [OTHER] }), 'notice n-r1 "memory:reminder:r1:0" (sent, arrived 0 times and 0 times marked)'],
    ['has a notice that is still under way', () => ({ notices: [notice('r1', { status: 'failed' }), notice('r2')] }), 'notice n-r1 "memory:reminder:r1:0" (failed, arrived 1 times and 0 times marked)'],
    ['is in a run that does not end', () => ({ runs: [{ id: 'run', status: 'active: running fireDueReminders', scheduledFor: AT }] }), 'end of run run (active: running fireDueReminders)'],
    ['is owed by a run that does not exist', () => ({ runs: [] }), 'run of the occurrence run at 2026-03-01T08:00:00.000Z'],
  ])('are lost when one %s', (_what, change, named) => expect(verdict(change).lost).toContain(named));

  it.each([
    ['fired twice', () => ({ firings: ['r1', 'r2', 'r1'] }), 'firing of reminder r1'],
    ['goes on twice', ({ reminders, due }) => ({ reminders: [...reminders, { ...reminders[2], id: 'r4' }], due: [...due, { id: 'r4', at: NEXT_DAY }] }), 'what follows reminder r1 at 2026-03-02T08:00:00.000Z'],
    ['goes on although it does not repeat', ({ reminders, due }) => ({ reminders: [...reminders, { id: 'r4', series: 'r2', fireAt: NEXT_DAY, fired: false }], due: [...due, { id: 'r4', at: NEXT_DAY }] }), 'what follows reminder r2 at 2026-03-02T08:00:00.000Z'],
    ['that fired is still due', ({ due }) => ({ due: [...due, { id: 'r1', at: AT }] }), 'place among what is due of reminder r1 at 2026-03-01T08:00:00.000Z'],
    ['fired before its time came', ({ reminders }) => ({ reminders: reminders.map((one) => ({ ...one, fired: true })), due: [], firings: ['r1', 'r2', 'r3'] }), 'firing of reminder r3'],
    ['has a second notice', ({ notices }) => ({ notices: [...notices, notice('r3')] }), 'notice memory:reminder:r3:0'],
    ['arrived twice', () => ({ arrived: [TOLD, OTHER, TOLD] }), 'notice n-r1 "memory:reminder:r1:0" arrived 2 times and 0 times marked'],
    ['arrived with a mark that the ledger knows nothing of', () => ({ arrived: [TOLD, OTHER, MARKED] }), 'notice n-r1 "memory:reminder:r1:0" arrived 1 times and 1 times marked'],
    ['arrived that nobody stored', () => ({ arrived: [TOLD, OTHER, '⏰ <b>three</b>'] }), 'text that nobody filed: three'],
    ['was fired by a run too many', ({ runs }) => ({ runs: [...runs, { id: 'another', status: 'succeeded', scheduledFor: AT }] }), 'run of the occurrence another at 2026-03-01T08:00:00.000Z'],
  ])('are doubled when one %s', (_what, change, named) => expect(verdict(change).doubled).toContain(named));
});
