import { describe, expect, it } from '@jest/globals';
import { verdictOnArrivals } from './under-fire.mjs';

const MARKED = '🔁 <i>Possibly repeated</i>\none';
const verdict = (status, repeated, ...arrived) => verdictOnArrivals([{ id: 'n1', key: 'k1', status, repeated }], new Map([['k1', 'one']]), arrived);

describe('notices under fire', () => {
  it('are all right when each came once, or once more with the mark, or is shown as uncertain', () => {
    expect(verdict('sent', false, 'one')).toEqual({ lost: [], doubled: [], notices: 1, uncertain: 0, repeated: 0 });
    expect(verdict('sent', true, 'one', MARKED)).toEqual({ lost: [], doubled: [], notices: 1, uncertain: 0, repeated: 1 });
    expect(verdict('uncertain', true, 'one', MARKED)).toMatchObject({ lost: [], doubled: [], uncertain: 1 });
    expect(verdict('uncertain', true)).toMatchObject({ lost: [], doubled: [] });
  });

  it.each([
    ['came twice without a mark', ['sent', false, 'one', 'one']],
    ['came twice with it', ['sent', true, MARKED, MARKED]],
    ['came with a mark that the ledger knows nothing of', ['sent', false, 'one', MARKED]],
    ['came that nobody filed', ['sent', false, 'one', 'two']],
  ])('are doubled when one %s', (_what, given) => expect(verdict(...given).doubled).toHaveLength(1));

  it.each([
    ['says sent and was never seen', ['sent', false]],
    ['is still under way', ['queued', false, 'one']],
    ['was given up', ['dead', false]],
  ])('are lost when one %s', (_what, given) => expect(verdict(...given).lost).toHaveLength(1));

  it('are lost when one has no row, whatever came', () => expect(verdictOnArrivals([], new Map([['k1', 'one']]), ['one']).lost).toEqual(['notice  "k1" (no row, arrived 1 times and 0 times marked)']));

  it('are compared by what is told, the mark taken away', () => {
    const nameOf = (text) => /<b>(.*?)<\/b>/.exec(text)?.[1] ?? text;
    const rows = [{ id: 'n1', key: 'k1', status: 'sent', repeated: true }];
    expect(verdictOnArrivals(rows, new Map([['k1', 'one']]), ['⏰ <b>one</b>\nSun', '🔁 <i>Possibly repeated</i>\n⏰ <b>one</b>\nSun'], nameOf)).toMatchObject({ lost: [], doubled: [], repeated: 1 });
  });
});
