import { describe, expect, it } from '@jest/globals';
import { embeddingText } from './embedding-text.js';

describe('the text that becomes a vector', () => {
  it.each([
    ['Lower rents', 'The council must act on housing.', 'Lower rents\n\nThe council must act on housing.'],
    ['Lower rents…', 'Please: lower the rents now! ', 'Please: lower the rents now!'],
    ['اجاره', 'اجاره‌ها باید پایین بیاید', 'اجاره‌ها باید پایین بیاید'],
  ])('of "%s" does not say twice what the summary says', (title, summary, expected) => {
    expect(embeddingText({ title, summary })).toBe(expected);
  });
});
