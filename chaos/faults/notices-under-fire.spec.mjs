import { describe, expect, it } from '@jest/globals';
import { verdictUnderFire } from './notices-under-fire.mjs';

const MARKED = '🔁 <i>Possibly repeated</i>\none';
const verdict = (status, repeated, ...arrived) => verdictUnderFire([{ id: 'n1', status, repeated }], new Map([['n1', 'one']]), arrived);

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
  ])('are doubled when one %s', (_what, given) => expect(verdict(...given).doubled).toHaveLength(1));

  it.each([
    ['says sent and was never seen', ['sent', false]],
    ['is still under way', ['queued', false, 'one']],
    ['was given up', ['dead', false]],
  ])('are lost when one %s', (_what, given) => expect(verdict(...given).lost).toHaveLength(1));
});
