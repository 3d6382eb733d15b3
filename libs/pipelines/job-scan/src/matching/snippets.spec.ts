import { describe, expect, it } from '@jest/globals';
import { highlight, plainSnippet, snippetsOf } from './snippets.js';

const long = `${'alpha '.repeat(60)}We use Python and C++ here. ${'beta '.repeat(60)}More Python. ${'gamma '.repeat(60)}`;

describe('snippets', () => {
  it('are cut at words, marked, in the order of the text, and always the same', () => {
    const once = snippetsOf(long, ['c++', 'python'], 'token').map(plainSnippet);
    expect(once).toEqual([
      expect.stringMatching(/^… (?:alpha )+We use \*\*Python\*\* and \*\*C\+\+\*\* here\. (?:beta )*beta …$/),
      expect.stringMatching(/^… (?:beta )+More \*\*Python\*\*\. (?:gamma )*gamma …$/),
    ]);
    expect(snippetsOf(long, ['python', 'c++'], 'token').map(plainSnippet)).toEqual(once);
  });

  it('of neighbours are one, and there are no more than asked for', () => {
    expect(snippetsOf('Python, Python and Python', ['python'], 'token').map(plainSnippet)).toEqual(['**Python**, **Python** and **Python**']);
    expect(snippetsOf(Array.from({ length: 9 }, () => `Python ${'x '.repeat(150)}`).join(''), ['python'], 'token')).toHaveLength(3);
  });

  it('keep what is not text as it is: escaping is for who shows it', () => {
    expect(highlight('<b>Python</b> & "co"', ['python'], 'token')).toEqual([{ text: '<b>', marked: false }, { text: 'Python', marked: true }, { text: '</b> & "co"', marked: false }]);
  });

  it('mark the longest of what overlaps', () => {
    expect(plainSnippet(highlight('a machine learning engineer', ['machine', 'machine learning', 'learn*'], 'token'))).toBe('a **machine learning** engineer');
  });

  it('mark substrings where the profile looks for them', () => expect(plainSnippet(highlight('JavaScript, Java', ['java'], 'substring'))).toBe('**Java**Script, **Java**'));
});
