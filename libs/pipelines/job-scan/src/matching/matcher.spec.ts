import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { SearchCriteria } from '../config/config.js';
import { Matcher } from './matcher.js';
import { BACKEND, judged, NOW, posting, profile } from './matching.fixture.js';
import { summaryOf } from './summary.js';

const matches = (criteria: Partial<SearchCriteria>, description: string): boolean => judged(criteria, { description }).isMatch;
const needs = (term: string): Partial<SearchCriteria> => ({ requiredTerms: [term] });

describe('the vectors of the reference', () => {
  const described = { title: 'Senior Backend Engineer', description: 'You know Python well.', location: 'Remote – US' };
  it('all required terms, one of each group and nothing excluded is a match', () => expect(judged(BACKEND, described)).toMatchObject({ isMatch: true, label: 'match', missingGroups: [] }));
  it('an excluded term excludes', () => expect(judged(BACKEND, { ...described, description: 'Python and Django.' })).toMatchObject({ isMatch: false, label: 'excluded', excluded: [{ term: 'django', fields: ['description'] }] }));
  it('without seniority the second group is missing', () => expect(judged(BACKEND, { ...described, title: 'Backend Engineer' })).toMatchObject({ isMatch: false, label: 'partial', missingGroups: [1] }));
  it('without "backend" anywhere it is missing', () => expect(judged(BACKEND, { ...described, title: 'Senior Python Engineer' })).toMatchObject({ isMatch: false, required: { missing: ['backend'] } }));
  it('a term in the location only is a match with a note', () => expect(summaryOf(judged(needs('berlin'), { location: 'Berlin' }))).toEqual(['Location matched: berlin', 'Required terms: berlin']));
});

describe('terms (defect 4)', () => {
  it.each([
    ['c++', 'Modern C++17, or C++.'], ['c#', 'C#/.NET shop'], ['.net', 'C#/.NET shop'], ['.net', 'ASP.NET Core'], ['node.js', 'Node.js, React'], ['node.js', 'node js'], ['r&d', 'our R&D team'], ['ci/cd', 'CI / CD pipelines'],
    ['front-end', 'Frontend or front end'], ['python', '(Python)'], ['c', 'C and assembler'], ['go', 'Go, Rust'], ['senior engineer', 'a senior\n engineer'], ['kube*', 'Kubernetes'], ['machine learn*', 'Machine Learning'],
    ['résumé', 'send your resume'], [`women's`, 'Women’s health'], ['数据', '数据 平台'],
  ])('%s is found in %j', (term, text) => expect(matches(needs(term), text)).toBe(true));

  it.each([
    ['java', 'JavaScript'], ['go', 'Google'], ['c', 'C++ and C#'], ['c++', 'C'], ['.net', 'the net result'], ['net', '.NET'], ['senior engineer', 'senior software engineer'], ['kube*', 'the cube'], ['intern', 'internal'], ['learn* machine', 'learning'],
  ])('%s is not found in %j', (term, text) => expect(matches(needs(term), text)).toBe(false));

  it('as substrings are found within words when the profile says so', () => {
    expect(matches({ ...needs('java'), match: 'substring' }, 'JavaScript')).toBe(true);
    expect(matches({ ...needs('c++'), match: 'substring' }, 'Modern C++')).toBe(true);
    expect(matches({ ...needs('data eng'), match: 'substring' }, 'Data Engineer')).toBe(true);
  });

  it('in a row do not span two fields', () => expect(judged(needs('engineer you'), { title: 'Engineer', description: 'You write.' }).isMatch).toBe(false));
  it('are told with the fields that they stand in', () => expect(judged(needs('engineer'), { location: 'Engineer Street' }).required.matched).toEqual([{ term: 'engineer', fields: ['title', 'location'] }]));
  it('an excluded word hits at a hyphen, and not within a word', () => {
    const criteria = { ...needs('software'), excludeTerms: ['intern'] };
    expect([matches(criteria, 'internal software'), matches(criteria, 'pre-intern software')]).toEqual([true, false]);
  });
});

describe('one pass for many profiles', () => {
  const term = fc.constantFrom('python', 'go', 'c++', 'data eng*', 'machine learning', 'senior', 'remote');
  const words = fc.array(fc.constantFrom('Python', 'go', 'C++', 'data', 'engineer', 'engineering', 'machine', 'learning', 'Senior', 'remote', 'x', '.'), { maxLength: 12 }).map((list) => list.join(' '));

  it('tells of each what it would be told alone, whatever was read before', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.array(term, { maxLength: 2 }), fc.array(fc.array(term, { minLength: 1, maxLength: 3 }), { maxLength: 2 }), fc.array(term, { maxLength: 1 })), { minLength: 1, maxLength: 6 }), fc.array(words, { minLength: 1, maxLength: 4 }), (criteria, texts) => {
      const profiles = criteria.map(([requiredTerms, keywordGroups, excludeTerms], index) => profile({ requiredTerms, keywordGroups, excludeTerms }, {}, { name: `p${index}` }));
      const together = new Matcher(profiles);
      for (const description of texts) {
        const alone = profiles.map((one) => new Matcher([one]).explain(posting({ description }), NOW)[0]);
        expect(together.explain(posting({ description }), NOW)).toEqual(alone);
        expect(together.matches(posting({ description }), NOW)).toEqual(alone.filter((one) => one?.isMatch));
      }
    }));
  });
});

describe('the score', () => {
  it('is higher in the title than in the text, and says why', () => {
    const [inTitle, inText] = [judged(needs('python'), { title: 'Python Engineer' }), judged(needs('python'), { description: 'Python' })];
    expect([inTitle.score, inText.score]).toEqual([{ value: 100, parts: ['python in the title: 10 of 10'] }, { value: 50, parts: ['python in the description: 5 of 10'] }]);
  });

  it('grows with further terms of a group, and counts what is missing', () => {
    const criteria = { requiredTerms: ['python'], keywordGroups: [['go', 'rust', 'c++']] };
    expect(judged(criteria, { description: 'Rust, Go' }).score).toEqual({ value: 26, parts: ['python nowhere: 0 of 10', 'go, rust in the description: 6 of 13'] });
  });
});

describe('filters', () => {
  const software = { requiredTerms: ['software'] };
  it.each([
    ['remote, as the board says', { remote: true }, { details: { remote: true } }, true],
    ['remote, going by the location', { remote: true }, { location: 'Remote, Berlin' }, true],
    ['not "no remote work"', { remote: true }, { location: 'Berlin (no remote)' }, false],
    ['on-site only', { remote: false }, { details: { remote: true } }, false],
    ['a country', { countries: ['Germany'] }, { details: { countries: ['Germany'] } }, true],
    ['a country in the location', { countries: ['Germany'] }, { location: 'Munich, Germany' }, true],
    ['another country', { countries: ['Germany'] }, { location: 'Paris, France' }, false],
    ['a city with an accent', { cities: ['Zurich'] }, { location: 'Zürich' }, true],
    ['an employment type', { employmentTypes: ['contract' as const] }, { details: { employmentType: 'contract' as const } }, true],
    ['an employment type that is not told', { employmentTypes: ['contract' as const] }, {}, false],
    ['a department', { departments: ['engineering'] }, { details: { department: 'Platform Engineering' } }, true],
    ['a company', { companies: ['acme'] }, { company: 'Acme Corp' }, true],
    ['a salary, by its upper end', { salaryAtLeast: { amount: 100_000, currency: 'USD', per: 'year' as const, unknown: 'drop' as const } }, { details: { salary: { min: 45, max: 50, currency: 'USD', per: 'hour' as const } } }, true],
    ['too low a salary', { salaryAtLeast: { amount: 100_000, currency: 'USD', per: 'year' as const, unknown: 'keep' as const } }, { details: { salary: { max: 7_000, currency: 'USD', per: 'month' as const } } }, false],
    ['no salary, kept', { salaryAtLeast: { amount: 1, currency: 'USD', per: 'year' as const, unknown: 'keep' as const } }, {}, true],
    ['no salary, dropped', { salaryAtLeast: { amount: 1, currency: 'USD', per: 'year' as const, unknown: 'drop' as const } }, {}, false],
    ['posted within a week', { postedWithinSeconds: 604_800 }, { postedAt: new Date('2026-02-27T08:00:00Z') }, true],
    ['posted long ago', { postedWithinSeconds: 604_800 }, { postedAt: new Date('2026-01-27T08:00:00Z') }, false],
  ])('%s', (_what, filters, change, passes) => expect(judged(software, change, filters).isMatch).toBe(passes));

  it('say why not', () => {
    const match = judged(software, { location: 'Paris' }, { countries: ['Germany'], remote: true });
    expect(match.label).toBe('filtered');
    expect(summaryOf(match)).toEqual(['Required terms: software', 'Remote: no, not remote, going by its location', 'Country: no, in Paris, not in Germany']);
  });
});
