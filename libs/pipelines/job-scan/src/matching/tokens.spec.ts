import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { folded, tokensOf } from './tokens.js';

const words = (text: string): string[] => tokensOf(text).map((token) => token.text);

describe('words', () => {
  it.each([
    ['C++, C# and C', ['c++', 'c#', 'and', 'c']],
    ['C++17/F#', ['c++', '17', 'f#']],
    ['ASP.NET and .NET 8.', ['asp', '.net', 'and', '.net', '8']],
    ['See www.example.net, or example.net.', ['see', 'www', 'example', 'net', 'or', 'example', 'net']],
    ['Node.js', ['node', 'js']],
    ['R&D, CI/CD; front-end', ['r', 'd', 'ci', 'cd', 'front', 'end']],
    [`Bob's O’Reilly book`, [`bob's`, `o'reilly`, 'book']],
    ['Café Zürich', ['cafe', 'zurich']],
    ['İstanbul', ['istanbul']],
    ['Sr. Engineer—Front-end/UX  100%', ['sr', 'engineer', 'front', 'end', 'ux', '100']],
    ['数据 工程师', ['数据', '工程师']],
    ['𝒞 code', ['c', 'code']],
    ['', []],
  ])('of %j', (text, expected) => expect(words(text)).toEqual(expected));

  it('stand where they are in the text, whatever is in it', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const tokens = tokensOf(text);
      expect(tokens.every(({ start, end }, index) => start < end && end <= text.length && start >= (tokens[index - 1]?.end ?? 0))).toBe(true);
      expect(tokens.map(({ start, end, text: word }) => folded(text.slice(start, end)) === word || text.slice(start, end).length > 0)).not.toContain(false);
    }));
  });
});
