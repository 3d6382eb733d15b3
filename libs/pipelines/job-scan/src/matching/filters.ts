/** Structured filters: what a posting must be, apart from its words. Each answers in words, so that "why not" can be told. */
import type { Filters, PayPeriod, SalaryFilter } from '../config/config.js';
import { durationInWords } from '../config/duration.js';
import type { MatchablePosting, Salary } from './posting.js';
import { standsAt } from './terms.js';
import { tokensOf } from './tokens.js';

export interface FilterVerdict {
  filter: string;
  passes: boolean;
  why: string;
}

type Check = (posting: MatchablePosting, now: Date) => FilterVerdict;

/** Hours, days, weeks and months of a year of work. */
const PER_YEAR: Readonly<Record<PayPeriod, number>> = { hour: 2_080, day: 260, week: 52, month: 12, year: 1 };

/** Only the filters that are set. */
export function compileFilters(filters: Filters): Check[] {
  const checks: Check[] = [];
  if (filters.remote !== undefined) checks.push(remote(filters.remote));
  if (filters.countries.length > 0) checks.push(place('country', filters.countries, ({ details }) => details.countries ?? []));
  if (filters.cities.length > 0) checks.push(place('city', filters.cities, ({ details }) => details.cities ?? []));
  if (filters.employmentTypes.length > 0) checks.push(employment(filters.employmentTypes));
  if (filters.departments.length > 0) checks.push(named('department', filters.departments, ({ details }) => [details.department, details.team]));
  if (filters.companies.length > 0) checks.push(named('company', filters.companies, ({ company }) => [company]));
  if (filters.salaryAtLeast) checks.push(salary(filters.salaryAtLeast));
  if (filters.postedWithinSeconds !== undefined) checks.push(postedWithin(filters.postedWithinSeconds));
  return checks;
}

/** A board that says nothing leaves the location's words to decide; "no remote work" is none. */
export function isRemote({ details, location }: Pick<MatchablePosting, 'details' | 'location'>): boolean {
  if (details.remote !== undefined) return details.remote;
  return /\bremote\b/i.test(location ?? '') && !/\b(?:no|not|non)[ -]+remote\b/i.test(location ?? '');
}

const remote = (wanted: boolean): Check => (posting) => {
  const found = isRemote(posting);
  const by = posting.details.remote === undefined ? 'going by its location' : 'as the board says';
  return { filter: 'remote', passes: found === wanted, why: `${found ? 'remote' : 'not remote'}, ${by}` };
};

/** What the board names as such, and else the words of the location. */
const place = (filter: string, wanted: readonly string[], known: (posting: MatchablePosting) => readonly string[]): Check => {
  const phrases = wanted.map(phrase);
  return (posting) => {
    const told = known(posting);
    const texts = [...told, posting.location ?? ''];
    const index = phrases.findIndex((one) => texts.some((text) => contains(text, one)));
    return index >= 0 ? { filter, passes: true, why: `in ${wanted[index]}` } : { filter, passes: false, why: texts.every((text) => text === '') ? 'no place is named' : `in ${told.join(', ') || posting.location}, not in ${wanted.join(' or ')}` };
  };
};

const named = (filter: string, wanted: readonly string[], known: (posting: MatchablePosting) => readonly (string | undefined)[]): Check => {
  const phrases = wanted.map(phrase);
  return (posting) => {
    const texts = known(posting).filter((text) => text !== undefined);
    const passes = phrases.some((one) => texts.some((text) => contains(text, one)));
    return { filter, passes, why: texts.length === 0 ? `no ${filter} is named` : texts.join(', ') };
  };
};

const employment = (wanted: readonly string[]): Check => ({ details }) => ({
  filter: 'employment type',
  passes: details.employmentType !== undefined && wanted.includes(details.employmentType),
  why: details.employmentType ?? 'no employment type is named',
});

/** The upper end of a range counts: who may pay enough is worth a look. Currencies are not converted. */
const salary = (wanted: SalaryFilter): Check => ({ details }) => {
  const told = details.salary;
  const top = told?.max ?? told?.min;
  if (told === undefined || top === undefined) return { filter: 'salary', passes: wanted.unknown === 'keep', why: 'no salary is named' };
  if (told.currency !== wanted.currency) return { filter: 'salary', passes: wanted.unknown === 'keep', why: `${salaryInWords(told)} is in another currency than ${wanted.currency}` };
  return { filter: 'salary', passes: top * PER_YEAR[told.per] >= wanted.amount * PER_YEAR[wanted.per], why: salaryInWords(told) };
};

const postedWithin = (seconds: number): Check => ({ postedAt, firstSeenAt }, now) => {
  const age = Math.max(0, Math.floor((now.getTime() - (postedAt ?? firstSeenAt).getTime()) / 1_000));
  return { filter: 'posted within', passes: age <= seconds, why: `${postedAt ? 'posted' : 'first seen'} ${durationInWords(age)} ago` };
};

export function salaryInWords({ min, max, currency, per }: Salary): string {
  const range = [min, max].filter((amount) => amount !== undefined).map((amount) => amount.toLocaleString('en'));
  return `${[...new Set(range)].join(' to ')} ${currency} a ${per}`;
}

const phrase = (text: string): string[] => tokensOf(text).map((token) => token.text);

function contains(text: string, words: readonly string[]): boolean {
  const tokens = tokensOf(text).map((token) => token.text);
  return words.length > 0 && tokens.some((_token, at) => standsAt({ words, prefix: false }, tokens, at));
}
