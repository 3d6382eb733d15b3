import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TextTooLong } from '../errors.js';
import { escapeHtml } from '@carillon/texts';
import { splitHtml } from './split.js';

/** What a reader sees, without regard to white space. */
const seen = (html: string): string => html.replace(/<\/?[a-z][^>]*>/gu, '').replace(/\s/gu, '');
const tagsOf = (html: string): string[] => html.match(/<\/?[a-z][^>]*>/gu) ?? [];
const loneSurrogate = /\p{Surrogate}/u;

describe('a long text', () => {
  it('stays one message when it fits, white space at its ends apart', () => {
    expect(splitHtml('  <b>Hello</b> you\n\n')).toEqual(['<b>Hello</b> you']);
    expect(splitHtml('x'.repeat(4_096))).toHaveLength(1);
    expect(splitHtml('x'.repeat(4_097)).map((part) => part.length)).toEqual([4_096, 1]);
  });

  it.each([
    ['a paragraph', 'one two\n\nthree\nfour', 17, ['one two', 'three\nfour']],
    ['a line where no paragraph ends', 'one two\nthree four', 13, ['one two', 'three four']],
    ['a word where no line ends', 'one two three four', 9, ['one two', 'three', 'four']],
    ['a word rather than a paragraph that would leave the part mostly empty', 'a\n\nbbb ccc ddd eee', 14, ['a\n\nbbb ccc ddd', 'eee']],
    ['a character where no word ends', 'abcdefgh', 5, ['abcde', 'fgh']],
    ['not inside an entity', 'abc&amp;d', 5, ['abc', '&amp;', 'd']],
    ['not inside a surrogate pair', 'ab😀😀', 5, ['ab😀', '😀']],
  ])('is cut at %s', (_where, text, limit, parts) => {
    expect(splitHtml(text, limit)).toEqual(parts);
  });

  it('closes at a cut what is open, and opens it again', () => {
    expect(splitHtml('<a href="u">one <b>two three</b></a> four', 34)).toEqual(['<a href="u">one <b>two</b></a>', '<a href="u"><b>three</b></a> four']);
  });

  it('has no part without anything to see', () => {
    expect(splitHtml(' \n <b> </b> ')).toEqual([]);
    expect(splitHtml('')).toEqual([]);
  });

  it('is refused when one tag alone is longer than a message', () => {
    expect(() => splitHtml(`<a href="${'u'.repeat(90)}">x</a>`, 50)).toThrow(TextTooLong);
  });

  it('loses nothing, breaks nothing and stays within the limit, whatever it says', () => {
    const word = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).map(escapeHtml),
      fc.constantFrom('<&>', '"""', '😀👨‍👩‍👧', 'سلام').map(escapeHtml),
    );
    const tagged = fc.tuple(fc.constantFrom('b', 'i', 'code', 'tg-spoiler'), fc.array(word, { maxLength: 12 })).map(([tag, words]) => `<${tag}>${words.join(' ')}</${tag}>`);
    const text = fc.array(fc.tuple(fc.oneof(word, tagged), fc.constantFrom('', ' ', '\n', '\n\n')), { maxLength: 30 }).map((pieces) => pieces.flat().join(''));
    fc.assert(
      fc.property(text, fc.integer({ min: 50, max: 300 }), (source, limit) => {
        const parts = splitHtml(source, limit);
        expect(parts.map(seen).join('')).toBe(seen(source));
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(limit);
          expect(part).not.toMatch(loneSurrogate);
          expect(part.replace(/&(amp|lt|gt|quot);/g, '')).not.toContain('&');
          expect(seen(part)).not.toBe('');
          expect(balanced(tagsOf(part))).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is cut in a time that grows with its length', () => {
    const long = '<b>word</b> '.repeat(40_000);
    expect(splitHtml(long).length).toBeGreaterThan(100);
  });
});

function balanced(tags: readonly string[]): boolean {
  const open: string[] = [];
  for (const tag of tags) {
    if (!tag.startsWith('</')) open.push(tag.slice(1, -1));
    else if (open.pop() !== tag.slice(2, -1)) return false;
  }
  return open.length === 0;
}
