import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { itWithReference, referenceData } from '@carillon/testing';
import fc from 'fast-check';
import { describeGroups } from './describe-groups.js';

const traffic = ['The traffic lights on Main Road are badly timed.', 'Please fix the traffic lights downtown.', 'Traffic light timing makes me late.'];
const parking = ['Downtown parking is far too expensive.', 'We need more downtown parking.', 'Parking downtown should be free in the evening.'];
const persian = ['مالیات برای کارگران زیاد است', 'مالیات را کم کنید', 'مالیات عادلانه برای همه کارگران'];

describe('describing groups of texts', () => {
  it('names each by what it talks about, in readable words', () => {
    const titles = describeGroups([traffic, parking, persian]).map(({ title }) => title);
    expect(titles[0]).toMatch(/^Traffic lights/);
    expect(titles[1]).toMatch(/parking/i);
    expect(titles[2]).toMatch(/^مالیات/);
  });

  it('keeps the capitals of names', () => {
    const [group] = describeGroups([['Parking at WKU is scarce', 'The rent near WKU is high', 'Let WKU build'], traffic]);
    expect(group?.title).toContain('WKU');
  });

  it('takes the summary from the most central text', () => {
    expect(describeGroups([traffic], { centrality: [[0.1, 0.2, 0.9]] })[0]?.summary).toBe(traffic[2]);
    expect(traffic).toContain(describeGroups([traffic])[0]?.summary);
  });

  it('gives empty and wordless groups a title too', () => {
    expect(describeGroups([[], ['😊'], []])).toEqual([
      { keywords: [], title: 'Group (1)', summary: '' },
      { keywords: [], title: 'Group (2)', summary: '😊' },
      { keywords: [], title: 'Group (3)', summary: '' },
    ]);
  });

  it('never gives two groups the same title, and gives the same titles again', () => {
    const texts = fc.array(fc.array(fc.constantFrom('tax', 'road', 'school bus', 'tax road', 'the'), { maxLength: 4 }), { maxLength: 8 });
    fc.assert(
      fc.property(texts, (groups) => {
        const titles = describeGroups(groups).map(({ title }) => title);
        expect(new Set(titles.map((title) => title.toLowerCase())).size).toBe(groups.length);
        expect(describeGroups(groups).map(({ title }) => title)).toEqual(titles);
      }),
    );
  });

  itWithReference('polis/bowling-green.jsonl')('is quick and distinct on 896 real comments', () => {
    const lines = readFileSync(referenceData('polis/bowling-green.jsonl') ?? '', 'utf8').trim().split('\n');
    const texts = lines.map((line) => (JSON.parse(line) as { text: string }).text);
    const groups = Array.from({ length: 40 }, (_, group) => texts.filter((__, index) => index % 40 === group));
    const started = performance.now();
    const titles = describeGroups(groups).map(({ title }) => title);
    // Ten times what it takes on a busy laptop: guards against a quadratic mistake and not against a slow machine.
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(new Set(titles).size).toBe(40);
  });
});
