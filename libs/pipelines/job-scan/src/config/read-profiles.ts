/** The profiles of a configuration: `search_criteria` alone is one profile named "default", `profiles` may add more. */
import { ALERT_CHANNELS, DELIVERIES, EMPLOYMENT_TYPES, MATCH_MODES, PAY_PERIODS } from './config.js';
import type { Filters, ProfileConfig, SearchCriteria } from './config.js';
import { recipientProblem } from './environment.js';
import type { Section } from './section.js';

const MANY_TERMS = 50;

export function readProfiles(root: Section): ProfileConfig[] {
  const alone = root.has('search_criteria') ? [readAlone(root)] : [];
  const profiles = [...alone, ...root.sections('profiles').map(readProfile)];
  if (profiles.length === 0) root.problem('search_criteria', 'is missing: write what to look for, here or in "profiles"');
  const names = new Set<string>();
  for (const { name } of profiles) {
    if (names.has(name)) root.problem('profiles', `two profiles are called "${name}"`);
    names.add(name);
  }
  return profiles;
}

/** Its recipients, channels and delivery are said beside it, in `alerts`. */
function readAlone(root: Section): ProfileConfig {
  const criteria = readCriteria(root.section('search_criteria'));
  const filters = readFilters(root.section('filters'));
  return { name: 'default', criteria, filters, ...readTelling(root.section('alerts')) };
}

function readProfile(section: Section): ProfileConfig {
  const name = section.string('name');
  if (!section.has('search_criteria')) section.problem('search_criteria', 'is missing: write what to look for');
  const profile = { name, criteria: readCriteria(section.section('search_criteria')), filters: readFilters(section.section('filters')), ...readTelling(section) };
  section.close();
  return profile;
}

/** The keys about telling; `readAlerts` knows them too. */
export const TELLING_KEYS = ['minimum_score', 'recipients', 'channels', 'delivery'] as const;

function readTelling(section: Section): Pick<ProfileConfig, 'minimumScore' | 'recipients' | 'channels' | 'delivery'> {
  const recipients = section.strings('recipients');
  for (const recipient of recipients) {
    const problem = recipientProblem(recipient);
    if (problem !== undefined) section.problem('recipients', problem);
  }
  return {
    minimumScore: section.integer('minimum_score', 0, { min: 0, max: 100 }),
    recipients,
    channels: section.choices('channels', ALERT_CHANNELS, ['email']),
    delivery: section.choice('delivery', DELIVERIES, 'posting'),
  };
}

function readCriteria(section: Section): SearchCriteria {
  const match = section.choice('match', MATCH_MODES, 'token');
  const required = section.strings('required_terms').map(lower);
  const groups = section.groups('keyword_groups').map((group) => unique(group.map(lower)));
  const excluded = unique(section.strings('exclude_terms').map(lower));
  section.close();
  if (required.length + groups.length === 0) section.problem('required_terms', 'at least one required term or one keyword group is needed');
  for (const term of unique(required)) {
    if (excluded.includes(term)) section.problem('exclude_terms', `"${term}" is required and excluded: nothing could ever match`);
    if (required.filter((one) => one === term).length > 1) section.warn('required_terms', `"${term}" is there more than once`);
  }
  groups.forEach((group, index) => {
    for (const term of group) if (excluded.includes(term)) section.problem('exclude_terms', `"${term}" is in keyword group ${index + 1} and excluded`);
    if (group.length > MANY_TERMS) section.warn('keyword_groups', `group ${index + 1} has ${group.length} terms; more than ${MANY_TERMS} rarely tell anything apart`);
  });
  for (const term of [...required, ...groups.flat(), ...excluded]) if (!/[\p{L}\p{N}]/u.test(term)) section.problem('required_terms', `"${term}" has neither a letter nor a digit, so nothing can match it`);
  return { match, requiredTerms: unique(required), keywordGroups: groups, excludeTerms: excluded };
}

function readFilters(section: Section): Filters {
  const filters: Filters = {
    ...(section.has('remote') && { remote: section.boolean('remote', true) }),
    countries: section.strings('countries'),
    cities: section.strings('cities'),
    employmentTypes: section.choices('employment_types', EMPLOYMENT_TYPES),
    departments: section.strings('departments'),
    companies: section.strings('companies'),
    ...(section.has('posted_within') && { postedWithinSeconds: section.duration('posted_within', undefined, {}) }),
    ...(section.has('salary_at_least') && { salaryAtLeast: readSalary(section.section('salary_at_least')) }),
  };
  section.close();
  return filters;
}

function readSalary(section: Section): NonNullable<Filters['salaryAtLeast']> {
  const salary = {
    amount: section.number('amount', undefined, { min: 0 }),
    currency: section.string('currency', 'USD').toUpperCase(),
    per: section.choice('per', PAY_PERIODS, 'year'),
    unknown: section.choice('unknown', ['keep', 'drop'] as const, 'keep'),
  };
  if (!/^[A-Z]{3}$/.test(salary.currency)) section.problem('currency', `"${salary.currency}" must be a code of three letters, such as EUR`);
  section.close();
  return salary;
}

const lower = (text: string): string => text.toLowerCase();
const unique = (terms: readonly string[]): string[] => [...new Set(terms)];
