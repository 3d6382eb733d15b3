import { describe, expect, it } from '@jest/globals';
import { distinctTitle, templatedOptions, templatedQuestion } from './local-texts.js';

describe('texts without a model', () => {
  it('a question names the topic in English and Persian and takes no side', () => {
    const { en, fa } = templatedQuestion({ en: 'Bus schedules' });
    expect(en).toContain('“Bus schedules”');
    expect(fa).toContain('«Bus schedules»');
    expect(templatedQuestion({ en: 'x', fa: 'اتوبوس' }).fa).toContain('«اتوبوس»');
  });

  it('two options, one for each side, both languages complete', () => {
    const options = templatedOptions({ title: { en: 'Bus schedules' }, summary: { en: 'Buses are late.' } });
    expect(options).toHaveLength(2);
    for (const { label, description } of options) for (const text of [label.en, label.fa, description.en, description.fa]) expect(text).toMatch(/\S/);
  });

  it.each([
    ['a free title stays', 'Buses', ['late'], [], 'Buses'],
    ['a taken one gets a keyword', 'Buses', ['late'], ['buses'], 'Buses, late'],
    ['as many as it takes', 'Buses', ['late', 'full'], ['buses', 'buses, late'], 'Buses, late, full'],
    ['no keyword twice', 'Late buses', ['late', 'full'], ['late buses'], 'Late buses, full'],
    ['a number when there is no keyword', 'Buses', [], ['buses', 'buses (2)'], 'Buses (3)'],
  ])('titles tell groups apart: %s', (_name, title, keywords, taken, expected) => {
    expect(distinctTitle({ en: title }, keywords, new Set(taken)).en).toBe(expected);
  });
});
