import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareClusterings } from './compare-clusterings.js';

const labelling = (text: string, prefix = 'c'): Map<string, number> => new Map([...text].map((character, index) => [`${prefix}${String(index).padStart(3, '0')}`, character === '.' ? -1 : Number(character)]));
const fates = (before: string, after: string): string[] => compareClusterings(labelling(before), labelling(after)).groups.map(({ before: from, after: to, fate, others }) => `${from ?? '-'}→${to ?? '-'} ${fate}${others.length > 0 ? ` ${others.join()}` : ''}`);

describe('two groupings', () => {
  it.each([
    ['that differ in names alone are identical', '00011122..', '22200011..', ['0→2 same', '1→0 same', '2→1 same']],
    ['show who joined a group', '000..111', '0000.111', ['0→0 changed', '1→1 same']],
    ['show a split', '000000111', '000222111', ['0→0 split 2', '1→1 same', '-→2 new 0']],
    ['show a merge', '000011222', '000000222', ['0→0 merged 1', '1→- gone 0', '2→2 same']],
    ['show what is gone and what is new', '000....', '....111', ['0→- gone', '-→1 new']],
  ])('%s', (_what, before, after, expected) => {
    expect(fates(before, after)).toEqual(expected);
  });

  it('count who moved, and in which direction', () => {
    expect(compareClusterings(labelling('00001111.'), labelling('0001111.0'))).toMatchObject({ common: 9, moved: 1, becameNoise: 1, leftNoise: 1, identical: false });
  });

  it('are compared over what both saw', () => {
    const comparison = compareClusterings(labelling('0001'), new Map([...labelling('000'), ['later', 0]]));
    expect(comparison).toMatchObject({ common: 3, onlyBefore: 1, onlyAfter: 1, agreement: 1, identical: false });
  });

  it('are identical with themselves, and agree wholly, whatever they are', () => {
    const label = fc.integer({ min: -1, max: 4 });
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 40 }), (labels) => {
        const one = new Map(labels.map((value, index) => [`c${index}`, value]));
        const renamed = new Map([...one].map(([id, value]) => [id, value < 0 ? -1 : 9 - value]));
        expect(compareClusterings(one, renamed)).toMatchObject({ identical: true, agreement: 1, moved: 0, leftNoise: 0, becameNoise: 0 });
      }),
    );
  });
});
