/** What boards call things, in our words. What we do not know is left out rather than guessed. */
import type { EmploymentType, PayPeriod } from '../config/config.js';
import type { Salary } from '../matching/posting.js';

const EMPLOYMENT: readonly (readonly [RegExp, EmploymentType])[] = [
  [/intern|trainee|werkstudent|working.?student/i, 'internship'],
  [/part.?time/i, 'part-time'],
  [/contract|freelance|consultant/i, 'contract'],
  [/temp|seasonal|fixed.?term/i, 'temporary'],
  [/full.?time|permanent|regular/i, 'full-time'],
];

export function employmentOf(text: string | undefined): { employmentType?: EmploymentType } {
  const found = text === undefined ? undefined : EMPLOYMENT.find(([pattern]) => pattern.test(text));
  return found ? { employmentType: found[1] } : {};
}

/** `remote`, `hybrid`, `on-site`, `unspecified` and their spellings; hybrid is not remote. */
export function remoteOf(workplace: string | undefined): { remote?: boolean } {
  if (workplace === undefined || /unspecified/i.test(workplace)) return {};
  if (/hybrid|on.?site|in.?office/i.test(workplace)) return { remote: false };
  return /remote/i.test(workplace) ? { remote: true } : {};
}

const PERIODS: readonly (readonly [RegExp, PayPeriod])[] = [[/hour/i, 'hour'], [/day|daily/i, 'day'], [/week/i, 'week'], [/month/i, 'month'], [/year|annual|annum/i, 'year']];

export function salaryOf(told: { min?: number | undefined; max?: number | undefined; currency?: string | undefined; per?: string | undefined }): { salary?: Salary } {
  const { min, max, currency, per = 'year' } = told;
  const period = PERIODS.find(([pattern]) => pattern.test(per))?.[1];
  if ((min === undefined && max === undefined) || currency === undefined || period === undefined) return {};
  return { salary: { ...(min !== undefined && { min }), ...(max !== undefined && { max }), currency: currency.toUpperCase(), per: period } };
}
