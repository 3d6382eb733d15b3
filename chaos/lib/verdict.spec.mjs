import { describe, expect, it } from '@jest/globals';
import { compare, together } from './verdict.mjs';

describe('two sets of ids', () => {
  it('agree when everything expected was seen once', () => expect(compare(['a', 'b'], ['b', 'a'])).toEqual({ lost: [], doubled: [] }));
  it('differ although their counts agree', () => expect(compare(['a', 'b'], ['a', 'a'])).toEqual({ lost: ['b'], doubled: ['a'] }));
  it('name what was never expected among the doubled', () => expect(compare(['a'], ['a', 'x'])).toEqual({ lost: [], doubled: ['x'] }));
  it('are put together under what they are about', () =>
    expect(together({ run: { lost: ['1'], doubled: [] }, key: { lost: [], doubled: ['k'] } })).toEqual({ lost: ['run 1'], doubled: ['key k'] }));
});
