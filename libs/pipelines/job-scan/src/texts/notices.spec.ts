import { describe, expect, it } from '@jest/globals';
import { render } from '@carillon/texts';
import { jobScanNotices } from './notices.js';

const match = {
  title: 'Senior Engineer', company: 'Acme', location: 'Berlin', url: 'https://jobs.example.org/1?a=1&b=2', posted_at: '2026-03-01T08:00:00.000Z', score: 72, profile: 'backend', summary: ['Required terms: python', 'Keyword group 1: remote'], score_parts: [], terms: ['python'],
  source: 'Acme Careers', first_seen_at: '2026-03-02T08:00:00.000Z', seen_at: '2026-03-02T08:00:00.000Z', job_key: '78488f1eb9654d72dd7886b218972aac9ad94ec404bd51cfb10a0247772707d4', version: '04d2a486',
  snippets: [[{ text: '… we write ', marked: false }, { text: 'Python', marked: true }, { text: ' …', marked: false }]],
};
const told = (type: string, content: object) => render(jobScanNotices, type, { ...content });
const EVIL = '<script>alert("1")</script>\r\nBcc: all@example.org';

describe('a match', () => {
  it('is told with its place, why it matched, and where in its text', () => expect(told('job_match', match)).toMatchSnapshot());
  it('that changed is told with what changed', () => {
    const changes = { title: { from: 'Engineer', to: 'Senior Engineer' }, added: ['You know SQL.'], removed: ['You know Perl.'], more: 2 };
    expect(told('job_match', { ...match, changes })).toMatchSnapshot();
    expect(told('job_match', { ...match, changes: { added: [], removed: [], more: 0 } }).text).toContain('Only its layout changed.');
  });
  it('that was there before says so', () => expect(told('job_match', { ...match, again_since: '2026-01-05T08:00:00.000Z' }).text).toContain('\nPosted again: the same job was first seen 2026-01-05, and closed since\n'));
  it('without a location is not said to be remote', () => expect(told('job_match', { ...match, location: null }).text).toContain('Location: no location named'));

  it('can not put markup or headers into a mail (defect 18)', () => {
    const { text, subject } = told('job_match', {
      ...match, title: EVIL, company: EVIL, location: EVIL, url: 'https://x.org/"><script>', source: EVIL, profile: EVIL, summary: [EVIL], snippets: [[{ text: EVIL, marked: true }]], changes: { title: { from: EVIL, to: EVIL }, added: [EVIL], removed: [EVIL], more: 0 },
    });
    expect(text).not.toMatch(/<script|"><script/);
    expect(text.match(/&lt;script&gt;/g)?.length).toBeGreaterThan(8);
    expect(subject).not.toMatch(/[\r\n]/);
  });
});

describe('a digest', () => {
  it('has the best first, and says how many more there are', () => expect(told('job_digest', { profile: 'backend', of: 'day', count: 3, entries: [match, { ...match, title: 'Engineer', score: 50, snippets: [] }], at: '2026-03-02T08:00:00.000Z' })).toMatchSnapshot());
});

describe('a board', () => {
  it.each(['failing', 'gone', 'empty', 'recovered'])('that is %s is told', (state) => expect(told('job_board', { board: 'Acme <b>', type: 'lever', identifier: 'acme', state, failures: 3, ...(state === 'gone' && { error: 'answered 404' }) })).toMatchSnapshot());
});
