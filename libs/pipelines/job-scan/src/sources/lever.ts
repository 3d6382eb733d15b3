/** Lever's postings API, page by page, also of its European host. All sections of a posting are read: requirements stand in lists beside the text. */
import { htmlToText, tidied } from '../rules/html-text.js';
import { BadAnswer } from './errors.js';
import { epochOf, fieldsOf, inside, neededText, numberAt, objectsAt, present, textAt, listAt } from './fields.js';
import type { Fields } from './fields.js';
import type { BoardAdapter } from './raw-posting.js';
import { employmentOf, remoteOf, salaryOf } from './words.js';

const BASE = 'https://api.lever.co';
const PAGE = 100;

export const lever: BoardAdapter = {
  version: 1,
  format: 'json',
  first: ({ baseUrl = BASE, identifier }) => `${baseUrl}/v0/postings/${encodeURIComponent(identifier)}?mode=json&skip=0&limit=${PAGE}`,
  page(answer, _source, url) {
    // An object with the list in it is what some proxies make of it.
    const items = Array.isArray(answer) ? (answer as unknown[]) : fieldsOf(answer, 'a Lever site')['postings'];
    if (!Array.isArray(items)) throw new BadAnswer('a Lever site must answer with a list of postings');
    if (items.length < PAGE) return { items };
    const next = new URL(url);
    next.searchParams.set('skip', String(Number(next.searchParams.get('skip') ?? 0) + items.length));
    return { items, next: next.href };
  },
  posting(item) {
    const posting = fieldsOf(item, 'a posting');
    const categories = inside(posting, 'categories');
    const country = textAt(posting, 'country');
    const department = textAt(categories, 'department');
    const team = textAt(categories, 'team');
    const places = listAt(categories, 'allLocations').filter((one): one is string => typeof one === 'string');
    const range = inside(posting, 'salaryRange');
    return {
      externalId: neededText(posting, 'id'),
      title: neededText(posting, 'text'),
      location: textAt(categories, 'location') ?? places[0] ?? null,
      description: descriptionOf(posting),
      url: neededText(posting, 'hostedUrl'),
      postedAt: epochOf(numberAt(posting, 'createdAt')),
      updatedAt: epochOf(numberAt(posting, 'updatedAt')),
      details: {
        ...remoteOf(textAt(posting, 'workplaceType')),
        ...employmentOf(textAt(categories, 'commitment')),
        ...salaryOf({ min: numberAt(range, 'min'), max: numberAt(range, 'max'), currency: textAt(range, 'currency'), per: textAt(range, 'interval') }),
        ...(country !== undefined && { countries: [country, countryName(country)].filter((name, index, all) => all.indexOf(name) === index) }),
        ...(department !== undefined && { department }),
        ...(team !== undefined && { team }),
        ...(places.length > 0 && { cities: present(places) }),
      },
    };
  },
};

/** Opening, text, lists with their headings, and the closing. */
function descriptionOf(posting: Fields): string {
  const plainOr = (name: string): string => tidied(textAt(posting, `${name}Plain`) ?? '') || htmlToText(textAt(posting, name) ?? '');
  const opening = textAt(posting, 'descriptionPlain') === undefined && textAt(posting, 'description') === undefined ? [plainOr('opening'), plainOr('descriptionBody')] : [plainOr('description')];
  const lists = objectsAt(posting, 'lists').map((list) => [textAt(list, 'text') ?? '', htmlToText(`<ul>${textAt(list, 'content') ?? ''}</ul>`)].filter((part) => part !== '').join('\n'));
  return [...opening, ...lists, plainOr('additional'), plainOr('salaryDescription')].filter((part) => part !== '').join('\n\n');
}

/** Lever tells a code of two letters; profiles may say either. */
export function countryName(code: string): string {
  if (!/^[A-Za-z]{2}$/.test(code)) return code;
  try {
    return new Intl.DisplayNames(['en'], { type: 'region' }).of(code.toUpperCase()) ?? code;
  } catch {
    return code;
  }
}
