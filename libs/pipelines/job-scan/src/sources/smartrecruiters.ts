/** SmartRecruiters' posting API: a list page by page, and the text of each posting only when it is asked for. */
import { htmlToText } from '../rules/html-text.js';
import { BadAnswer } from './errors.js';
import { booleanAt, fieldsOf, inside, joined, neededText, numberAt, textAt, timeOf } from './fields.js';
import type { Fields } from './fields.js';
import { countryName } from './lever.js';
import type { BoardAdapter } from './raw-posting.js';
import { employmentOf } from './words.js';

const BASE = 'https://api.smartrecruiters.com';
const PAGE = 100;
const SECTIONS = ['companyDescription', 'jobDescription', 'qualifications', 'additionalInformation'];

export const smartrecruiters: BoardAdapter = {
  version: 1,
  format: 'json',
  first: ({ baseUrl = BASE, identifier }) => `${baseUrl}/v1/companies/${encodeURIComponent(identifier)}/postings?limit=${PAGE}&offset=0`,
  page(answer, _source, url) {
    const fields = fieldsOf(answer, 'a SmartRecruiters company');
    const { content } = fields;
    if (!Array.isArray(content)) throw new BadAnswer('a SmartRecruiters company must have a list "content"');
    const total = numberAt(fields, 'totalFound');
    const next = new URL(url);
    const offset = Number(next.searchParams.get('offset') ?? 0) + content.length;
    next.searchParams.set('offset', String(offset));
    const more = content.length > 0 && (total === undefined ? content.length === PAGE : offset < total);
    return { items: content, ...(total !== undefined && { total }), ...(more && { next: next.href }) };
  },
  detail: {
    url: (item, { baseUrl = BASE, identifier }) => `${baseUrl}/v1/companies/${encodeURIComponent(identifier)}/postings/${encodeURIComponent(neededText(fieldsOf(item, 'a posting'), 'id'))}`,
    join: (item, answer) => ({ ...fieldsOf(item, 'a posting'), ...fieldsOf(answer, 'a posting') }),
  },
  posting(item, { identifier }) {
    const posting = fieldsOf(item, 'a posting');
    const id = neededText(posting, 'id');
    const place = inside(posting, 'location');
    const [city, country] = [textAt(place, 'city'), textAt(place, 'country')];
    const remote = booleanAt(place, 'remote');
    const department = textAt(inside(posting, 'department'), 'label');
    const company = textAt(inside(posting, 'company'), 'name');
    return {
      externalId: id,
      title: neededText(posting, 'name'),
      ...(company !== undefined && { company }),
      location: textAt(place, 'fullLocation') ?? (joined([city, textAt(place, 'region'), country && countryName(country), remote === true ? 'Remote' : undefined], ', ') || null),
      description: descriptionOf(inside(posting, 'jobAd', 'sections')),
      url: textAt(posting, 'postingUrl') ?? `https://jobs.smartrecruiters.com/${encodeURIComponent(identifier)}/${encodeURIComponent(id)}`,
      postedAt: timeOf(textAt(posting, 'releasedDate')),
      updatedAt: null,
      details: {
        ...(remote !== undefined && { remote }),
        ...employmentOf(textAt(inside(posting, 'typeOfEmployment'), 'label') ?? textAt(inside(posting, 'typeOfEmployment'), 'id')),
        ...(city !== undefined && { cities: [city] }),
        ...(country !== undefined && { countries: [...new Set([country, countryName(country)])] }),
        ...(department !== undefined && { department }),
      },
    };
  },
};

function descriptionOf(sections: Fields): string {
  return SECTIONS.map((name) => {
    const section = inside(sections, name);
    const text = htmlToText(textAt(section, 'text') ?? '');
    return text === '' ? '' : [textAt(section, 'title'), text].filter((part) => part !== undefined).join('\n');
  }).filter((text) => text !== '').join('\n\n');
}
