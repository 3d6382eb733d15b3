import { describe, expect, it } from '@jest/globals';
import { MOST_SUGGESTED, readTags, tagsIn } from './suggest-tags.js';

describe('tags that a text suggests', () => {
  it.each<[string, string[], string[]]>([
    ['buy #Milk and #oat-milk', [], ['milk', 'oat-milk']],
    ['the bikes are in the cellar', ['cellar', 'bike', 'garden'], ['cellar', 'bike']],
    ['we sail to Rome #rome', ['rome', 'sail'], ['rome', 'sail']],
    ['the summer house needs paint', ['summer house', 'summer', 'use'], ['summer house', 'summer']],
    ['housework', ['house', 'work'], []],
    ['see http://example.org/#top and issue #12, a&#39;b', [], []],
    ['#', ['#'], []],
    ['خرید #شیر', [], ['شیر']],
  ])('%s', (text, own, expected) => expect(tagsIn(text, own)).toEqual(expected));

  it('are few, and none is long', () => {
    expect(tagsIn(Array.from({ length: 20 }, (_, index) => `#tag${index}`).join(' '), [])).toHaveLength(MOST_SUGGESTED);
    expect(tagsIn(`#${'x'.repeat(31)}`, [])).toEqual([]);
  });
});

describe('tags of a model', () => {
  it('are cleaned, and what is none is left out', () => {
    expect(readTags([' #Milk', 'milk', 7, null, 'a,b', '<b>bold</b>', 'x'.repeat(40), 'two words', '', { tag: 'x' }])).toEqual(['milk', 'two words']);
    expect(readTags(Array.from({ length: 30 }, (_, index) => `tag ${index}`))).toHaveLength(MOST_SUGGESTED);
  });
  it.each([['milk'], [undefined], [{ 0: 'milk' }]])('that are no list are refused: %j', (tags) => expect(() => readTags(tags)).toThrow());
});
