import { describe, expect, it } from '@jest/globals';
import { likenessOf, sameJob, textAgreement } from './similarity.js';

describe('the same job at two boards (defect 13)', () => {
  it.each([['Acme Inc.', 'ACME', 'Senior Engineer (m/f/d)', 'senior engineer'], ['Acme GmbH & Co. KG', 'Acme', 'Engineer, Backend', 'Engineer - Backend']])('%s and %s may have it', (one, other, title, otherTitle) => {
    expect(likenessOf({ company: one, title })).toBe(likenessOf({ company: other, title: otherTitle }));
  });

  it.each([['Acme', 'Initech', 'Engineer', 'Engineer'], ['Acme', 'Acme', 'Engineer', 'Senior Engineer'], ['Acme', 'Acme', 'C++ Engineer', 'C Engineer']])('%s and %s do not, when company or title differ: %s, %s', (one, other, title, otherTitle) => {
    expect(likenessOf({ company: one, title })).not.toBe(likenessOf({ company: other, title: otherTitle }));
  });

  const text = 'We build payment systems in Go and Rust for banks all over Europe, and we are looking for you to join the team in Berlin.';
  it('has a text that agrees, also when one board has more of it, or none', () => {
    expect(sameJob({ description: text }, { description: `${text} Benefits: a bicycle, a garden and many other things that others do not tell.` })).toBe(true);
    expect(sameJob({ description: text }, { description: '' })).toBe(true);
  });
  it('is another one when the texts speak of different things', () => {
    const other = 'Our hospital looks for somebody who keeps the machines of the laboratory running at night and on weekends.';
    expect(textAgreement(text, other)).toBe(0);
    expect(sameJob({ description: text }, { description: other })).toBe(false);
  });
});
