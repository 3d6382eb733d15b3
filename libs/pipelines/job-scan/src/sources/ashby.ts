/** Ashby's documented public posting API. One answer has all postings; those that are not listed are left out. */
import { htmlToText, tidied } from '../rules/html-text.js';
import { BadAnswer } from './errors.js';
import { booleanAt, fieldsOf, inside, joined, neededText, numberAt, objectsAt, present, textAt, timeOf } from './fields.js';
import type { Fields } from './fields.js';
import type { BoardAdapter } from './raw-posting.js';
import { employmentOf, remoteOf, salaryOf } from './words.js';

const BASE = 'https://api.ashbyhq.com';

export const ashby: BoardAdapter = {
  version: 1,
  format: 'json',
  first: ({ baseUrl = BASE, identifier }) => `${baseUrl}/posting-api/job-board/${encodeURIComponent(identifier)}?includeCompensation=true`,
  page(answer) {
    const { jobs } = fieldsOf(answer, 'an Ashby board');
    if (!Array.isArray(jobs)) throw new BadAnswer('an Ashby board must have a list "jobs"');
    return { items: jobs };
  },
  posting(item) {
    const job = fieldsOf(item, 'a job');
    if (booleanAt(job, 'isListed') === false) return undefined;
    const url = neededText(job, 'jobUrl');
    const others = objectsAt(job, 'secondaryLocations');
    const addresses = [job, ...others].map((one) => inside(one, 'address', 'postalAddress'));
    const department = textAt(job, 'department');
    const team = textAt(job, 'team');
    const remote = booleanAt(job, 'isRemote');
    return {
      externalId: textAt(job, 'id') ?? lastSegment(url),
      title: neededText(job, 'title'),
      location: joined([textAt(job, 'location'), ...others.map((one) => textAt(one, 'location'))], '; ') || null,
      description: tidied(textAt(job, 'descriptionPlain') ?? '') || htmlToText(textAt(job, 'descriptionHtml') ?? ''),
      url,
      postedAt: timeOf(textAt(job, 'publishedAt')),
      updatedAt: timeOf(textAt(job, 'updatedAt')),
      details: {
        ...(remote !== undefined ? { remote } : remoteOf(textAt(job, 'workplaceType'))),
        ...employmentOf(textAt(job, 'employmentType')),
        ...compensation(inside(job, 'compensation')),
        ...listed('countries', addresses.map((one) => textAt(one, 'addressCountry'))),
        ...listed('cities', addresses.map((one) => textAt(one, 'addressLocality'))),
        ...(department !== undefined && { department }),
        ...(team !== undefined && { team }),
      },
    };
  },
};

/** The salary among the components of what is paid; equity and bonuses are something else. */
function compensation(told: Fields): ReturnType<typeof salaryOf> {
  const components = [...objectsAt(told, 'summaryComponents'), ...objectsAt(told, 'compensationTiers').flatMap((tier) => objectsAt(tier, 'components'))];
  const salary = components.find((one) => textAt(one, 'compensationType') === 'Salary');
  return salary ? salaryOf({ min: numberAt(salary, 'minValue'), max: numberAt(salary, 'maxValue'), currency: textAt(salary, 'currencyCode'), per: textAt(salary, 'interval') }) : {};
}

function lastSegment(url: string): string {
  const segment = URL.canParse(url) ? new URL(url).pathname.split('/').filter((part) => part !== '').at(-1) : undefined;
  if (segment === undefined) throw new BadAnswer('a job has neither an id nor an address that ends with one');
  return decodeURIComponent(segment);
}

function listed<Key extends string>(key: Key, values: readonly (string | undefined)[]): { [K in Key]?: string[] } {
  const found = present(values);
  return (found.length > 0 ? { [key]: found } : {}) as { [K in Key]?: string[] };
}

