import { describe, expect, it } from '@jest/globals';
import { inWords } from './duration.js';
import { cut, table } from './table.js';

describe('a table', () => {
  it('aligns its columns, numbers at the right and the last column unpadded', () => {
    expect(table(['size', 'title', 'why'], [[5, 'Trams', 'late'], [120, 'Rents', '']]).split('\n')).toEqual([
      'size  title  why',
      '   5  Trams  late',
      ' 120  Rents  ',
    ]);
  });

  it('counts characters, not code units', () => {
    expect(table(['a', 'b'], [['🚲🚲', 'x'], ['bike', 'y']]).split('\n')).toEqual(['a     b', '🚲🚲    x', 'bike  y']);
  });

  it('without rows is its head', () => {
    expect(table(['id', 'status'], [])).toBe('id  status');
  });
});

describe('a text that is cut', () => {
  it.each([
    ['stays when it fits', 'Trams', 5, 'Trams'],
    ['ends with a mark when it does not', 'Trams and buses', 6, 'Trams…'],
    ['is one line', 'one\r\n two\tthree', 20, 'one two three'],
    ['keeps characters whole', '🚲🚲🚲🚲', 3, '🚲🚲…'],
    ['can not move the cursor or colour the terminal', 'a\u001b[2Jb\u0007c', 20, 'a [2Jb c'],
  ])('%s', (_what, text, width, shown) => {
    expect(cut(text, width)).toBe(shown);
  });
});

describe('a length of time', () => {
  it.each([
    [null, ''],
    [0, '0 ms'],
    [999, '999 ms'],
    [1_000, '1.0 s'],
    [61_250, '61.3 s'],
    [119_900, '119.9 s'],
    [120_000, '2 min'],
    [5_400_000, '90 min'],
  ])('of %p milliseconds is %p', (ms, words) => {
    expect(inWords(ms)).toBe(words);
  });
});
