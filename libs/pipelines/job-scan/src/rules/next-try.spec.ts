import { expect, it } from '@jest/globals';
import { BoardBusy, BoardGone, BoardSlow } from '../sources/errors.js';
import { pauseBeforeNextTry } from './next-try.js';

it.each([
  ['a slow board, at first', new BoardSlow('slow'), 1, 2_000],
  ['a slow board, for the second time', new BoardSlow('slow'), 2, 4_000],
  ['a slow board, for the third time', new BoardSlow('slow'), 3, undefined],
  ['a busy board that says when', new BoardBusy('busy', 7_000), 1, 7_000],
  ['a busy board that asks for an hour', new BoardBusy('busy', 3_600_000), 1, undefined],
  ['a board that is gone', new BoardGone('gone'), 1, undefined],
  ['a mistake of ours', new TypeError('x is not a function'), 1, undefined],
])('%s', (_what, error, tried, pause) => expect(pauseBeforeNextTry(error, tried)).toBe(pause));
