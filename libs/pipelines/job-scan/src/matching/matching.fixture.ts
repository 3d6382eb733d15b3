/** Profiles and postings for specs, with what does not matter filled in. */
import type { Filters, ProfileConfig, SearchCriteria } from '../config/config.js';
import { Matcher } from './matcher.js';
import type { ProfileMatch } from './matcher.js';
import type { MatchablePosting } from './posting.js';

export const NOW = new Date('2026-03-02T08:00:00Z');

/** The criteria of the reference fixture. */
export const BACKEND: Partial<SearchCriteria> = { requiredTerms: ['python', 'backend'], keywordGroups: [['remote', 'work-from-home'], ['senior', 'lead', 'staff']], excludeTerms: ['django', 'legacy'] };

export function profile(criteria: Partial<SearchCriteria>, filters: Partial<Filters> = {}, rest: Partial<ProfileConfig> = {}): ProfileConfig {
  return {
    ...{ name: 'spec', minimumScore: 0, recipients: ['me@example.org'], channels: ['email'], delivery: 'posting' },
    criteria: { match: 'token', requiredTerms: [], keywordGroups: [], excludeTerms: [], ...criteria },
    filters: { countries: [], cities: [], employmentTypes: [], departments: [], companies: [], ...filters },
    ...rest,
  };
}

export function posting(change: Partial<MatchablePosting> = {}): MatchablePosting {
  return { title: 'Engineer', description: 'You write software.', location: null, company: 'Acme', details: {}, postedAt: null, firstSeenAt: NOW, ...change };
}

/** What one profile makes of one posting. */
export function judged(criteria: Partial<SearchCriteria>, change: Partial<MatchablePosting>, filters: Partial<Filters> = {}): ProfileMatch {
  const [match] = new Matcher([profile(criteria, filters)]).explain(posting(change), NOW);
  if (!match) throw new Error('a matcher of one profile answers with one match');
  return match;
}
