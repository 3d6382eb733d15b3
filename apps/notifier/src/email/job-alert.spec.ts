/** A job alert as it arrives: both bodies of the letter, whole. What is in it is decided by the job scan, how it looks by this app; only here the two meet. */
import { expect, it } from '@jest/globals';
import { jobScanNotices } from '@carillon/job-scan';
import { render } from '@carillon/texts';
import { letterOf } from './letter.js';

const CONTENT = {
  title: 'Senior Backend Engineer (C++ & <Go>)', company: 'Acme "Labs"', location: 'Remote, Berlin', url: 'https://jobs.example.org/1?a=1&b=2', posted_at: '2026-03-01T08:00:00.000Z', score: 72, profile: 'backend',
  summary: ['Required terms: python, backend', 'Keyword group 1: remote'], score_parts: ['python in the description: 5 of 10'], terms: ['python', 'backend', 'remote'], source: 'Acme Careers', first_seen_at: '2026-03-02T08:00:00.000Z',
  seen_at: '2026-03-02T08:00:00.000Z', job_key: '78488f1eb9654d72dd7886b218972aac9ad94ec404bd51cfb10a0247772707d4', version: '04d2a486',
  snippets: [[{ text: '… we write ', marked: false }, { text: 'Python', marked: true }, { text: ' & <b>more</b> …', marked: false }]],
};
const letter = (content: object) => letterOf(render(jobScanNotices, 'job_match', { ...content }));

it('a job alert as a letter', () => expect(letter(CONTENT)).toMatchSnapshot());

it('a job alert of a posting that changed, as a letter', () => {
  expect(letter({ ...CONTENT, again_since: '2026-01-05T08:00:00.000Z', changes: { title: { from: 'Backend Engineer', to: CONTENT.title }, added: ['You know <SQL>.'], removed: ['You know Perl.'], more: 2 } })).toMatchSnapshot();
});

it('a digest of jobs as a letter', () => {
  expect(letterOf(render(jobScanNotices, 'job_digest', { profile: 'backend', of: 'day', count: 3, entries: [CONTENT, { ...CONTENT, title: 'Engineer', score: 50, snippets: [] }], at: '2026-03-02T08:00:00.000Z' }))).toMatchSnapshot();
});
