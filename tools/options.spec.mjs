import { expect, it } from '@jest/globals';
import { didYouMean, parseFlags } from './options.mjs';

const known = { once: '', fresh: '', help: '' };

it('reads what it knows', () => expect(parseFlags(['--fresh', '--once'], known)).toEqual({ once: true, fresh: true, help: false }));
it.each([
  ['--onec', 'There is no option --onec; did you mean --once?'],
  ['--fersh', 'There is no option --fersh; did you mean --fresh?'],
  ['once', 'There is no option once; did you mean --once?'],
  ['--everything', 'There is no option --everything; there is --once, --fresh, --help'],
])('answers %s', (arg, message) => expect(() => parseFlags([arg], known)).toThrow(message));
it('says nothing when there is nothing to mean', () => expect(didYouMean('first-run', [])).toBe(''));
