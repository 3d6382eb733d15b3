import { expect, it } from '@jest/globals';
import { changesBetween, isCosmetic } from './changes.js';

const before = { title: 'Engineer', location: 'Berlin', description: 'We build things. You know Python.\n• Five years of Go' };

it('fields and lines that changed are told, the others are not (defect 12)', () => {
  expect(changesBetween(before, { title: 'Senior Engineer', location: 'Berlin', description: 'We build things. You know Python and SQL.\n• Five years of Go\n• A driving licence' })).toEqual({
    title: { from: 'Engineer', to: 'Senior Engineer' }, added: ['You know Python and SQL.', '• A driving licence'], removed: ['You know Python.'], more: 0,
  });
});

it('punctuation, case and order alone are nothing to tell', () => {
  expect(changesBetween(before, { ...before, description: '• five years of go!\nWe build things… You know Python' })).toEqual({ added: [], removed: [], more: 0 });
});

it.each([
  ['markup', 'We build things.\n\n• You know Python.\n• Five years of Go', true],
  ['blanks and dashes', 'We  build things – You know Python. \n\n Five years of Go', true],
  ['another word', 'We build things. You know Perl.\n• Five years of Go', false],
  ['another number', 'We build things. You know Python.\n• Six years of Go', false],
  ['a sign that says something', 'We build things. You know Python.\n• Five years of Go+', false],
])('another text with %s is cosmetic: %#', (_what, description, cosmetic) => expect(isCosmetic(changesBetween(before, { ...before, description }))).toBe(cosmetic));

it('another currency is another pay', () => expect(isCosmetic(changesBetween({ ...before, description: 'Pays $100' }, { ...before, description: 'Pays €100' }))).toBe(false));

it('of very many the first are told, and the others counted', () => {
  const description = Array.from({ length: 20 }, (_none, index) => `Line ${index}.`).join('\n');
  expect(changesBetween(before, { ...before, description }).added).toHaveLength(6);
  expect(changesBetween(before, { ...before, description }).more).toBe(14);
});
