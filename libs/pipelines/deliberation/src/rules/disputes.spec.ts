import { describe, expect, it } from '@jest/globals';
import { judgeMisleadingTitle, judgeMisunderstood, judgeNotOneConcern, judgeWrongGroup } from './disputes.js';

describe('a dispute is judged by figures', () => {
  it.each([
    ['nearer to another group', { probability: 1, own: 0.6, nearestOther: 0.7 }, true],
    ['never held firmly', { probability: 0.5, own: 0.9, nearestOther: 0.2 }, true],
    ['held firmly, and near', { probability: 0.8, own: 0.9, nearestOther: 0.2 }, false],
    ['the only group that there is', { probability: 1, own: 0.1, nearestOther: null }, false],
  ])('a concern that is %s', (_what, figures, upheld) => {
    expect(judgeWrongGroup(figures, 0.75).upheld).toBe(upheld);
  });

  it.each([
    ['a third of its members are strangers', { strangers: 4, size: 12, stability: 1 }, true],
    ['it is unstable and has a stranger', { strangers: 1, size: 12, stability: 0.5 }, true],
    ['it is unstable and has none', { strangers: 0, size: 12, stability: 0.5 }, false],
    ['it has a stranger and is stable', { strangers: 1, size: 12, stability: 0.9 }, false],
  ])('a group is more than one concern when %s', (_what, figures, upheld) => {
    expect(judgeNotOneConcern({ ...figures, threshold: 0.7 }).upheld).toBe(upheld);
  });

  it('a title is written anew when it is of other members, a text is read anew when that says something else', () => {
    expect([judgeMisleadingTitle({ changedSinceSummary: true }).upheld, judgeMisleadingTitle({ changedSinceSummary: false }).upheld]).toEqual([true, false]);
    const before = [{ title: 'Buses', stance: 'support' }];
    expect([judgeMisunderstood(before, before), judgeMisunderstood(before, [{ title: 'Buses', stance: 'oppose' }]), judgeMisunderstood(before, undefined)].map(({ because }) => because)).toEqual(['read_the_same_again', 'read_differently', 'not_readable_as_a_concern']);
  });
});
