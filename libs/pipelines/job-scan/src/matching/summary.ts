/** Why a posting matches, or not, in lines for people. */
import type { ProfileMatch, TermHit } from './matcher.js';

/** In the order: location only, required terms, groups, excluded terms, filters. */
export function summaryOf(match: Pick<ProfileMatch, 'required' | 'groups' | 'excluded' | 'filters'>): string[] {
  const { required, groups, excluded, filters } = match;
  const hits = [...required.matched, ...groups.flat()];
  const onlyLocation = hits.length > 0 && hits.every(({ fields }) => fields.every((field) => field === 'location'));
  const lines = [
    ...(onlyLocation ? [`Location matched: ${termsOf(hits)}`] : []),
    ...(required.matched.length > 0 ? [`Required terms: ${termsOf(required.matched)}`] : []),
    ...(required.missing.length > 0 ? [`Missing required terms: ${[...required.missing].sort().join(', ')}`] : []),
    ...groups.map((group, index) => `Keyword group ${index + 1}: ${group.length > 0 ? termsOf(group) : 'nothing of it'}`),
    ...(excluded.length > 0 ? [`Excluded terms found: ${termsOf(excluded)}`] : []),
    ...filters.map(({ filter, passes, why }) => `${filter[0]?.toUpperCase()}${filter.slice(1)}: ${passes ? '' : 'no, '}${why}`),
  ];
  return lines.length > 0 ? lines : ['Nothing of the profile is in it'];
}

const termsOf = (hits: readonly TermHit[]): string => hits.map(({ term }) => term).sort().join(', ');
