import { describe, expect, it } from '@jest/globals';
import { parseOptions } from './options.mjs';

describe('the command line', () => {
  it('takes values beside their options or behind "="', () => expect(parseOptions(['--quick', '--seed', '7', '--only=the clock jumps'])).toMatchObject({ quick: true, seed: 7, only: 'the clock jumps', json: false }));
  it.each([
    [['--sed', '7'], 'did you mean --seed?'],
    [['--seed', 'x'], '--seed x is not a whole number of 1 or more'],
    [['--only'], '--only wants a value'],
    [['quick'], 'There is no option quick'],
  ])('refuses %j', (args, says) => expect(() => parseOptions(args)).toThrow(says));
});
