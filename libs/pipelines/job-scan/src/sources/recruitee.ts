/** Recruitee's careers site API. The company is part of the host, so its name has to be one that can be. */
import { htmlToText } from '../rules/html-text.js';
import { BadAnswer, InvalidBoard } from './errors.js';
import { booleanAt, fieldsOf, inside, joined, neededText, numberAt, objectsAt, present, textAt, timeOf } from './fields.js';
import type { Fields } from './fields.js';
import type { BoardAdapter } from './raw-posting.js';
import { employmentOf, salaryOf } from './words.js';

export const recruitee: BoardAdapter = {
  version: 1,
  format: 'json',
  first({ baseUrl, identifier }) {
    if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(identifier)) throw new InvalidBoard(`"${identifier}" can not be a Recruitee company: write the part before .recruitee.com`);
    return `${baseUrl ?? `https://${identifier.toLowerCase()}.recruitee.com`}/api/offers/`;
  },
  page(answer) {
    const { offers } = fieldsOf(answer, 'a Recruitee site');
    if (!Array.isArray(offers)) throw new BadAnswer('a Recruitee site must have a list "offers"');
    return { items: offers };
  },
  posting(item) {
    const offer = fieldsOf(item, 'an offer');
    const status = textAt(offer, 'status');
    if (status !== undefined && status !== 'published') return undefined;
    const places = [offer, ...objectsAt(offer, 'locations')];
    const [company, department] = [textAt(offer, 'company_name'), textAt(offer, 'department')];
    const cities = present(places.map((place) => textAt(place, 'city')));
    const countries = present(places.flatMap((place) => [textAt(place, 'country'), textAt(place, 'country_code')]));
    const pay = inside(offer, 'salary');
    return {
      externalId: neededText(offer, 'id'),
      title: neededText(offer, 'title'),
      ...(company !== undefined && { company }),
      location: (textAt(offer, 'location') ?? joined([cities[0], countries[0]], ', ')) || null,
      description: ['description', 'requirements'].map((key) => htmlToText(textAt(offer, key) ?? '')).filter((text) => text !== '').join('\n\n'),
      url: neededText(offer, 'careers_url'),
      postedAt: timeOf(textAt(offer, 'published_at') ?? textAt(offer, 'created_at')),
      updatedAt: timeOf(textAt(offer, 'updated_at')),
      details: {
        ...workplace(offer),
        ...employmentOf(textAt(offer, 'employment_type_code')),
        ...salaryOf({ min: numberAt(pay, 'min'), max: numberAt(pay, 'max'), currency: textAt(pay, 'currency'), per: textAt(pay, 'period') }),
        ...(cities.length > 0 && { cities }),
        ...(countries.length > 0 && { countries }),
        ...(department !== undefined && { department }),
      },
    };
  },
};

/** Three switches; more than one may be on, and remote is then possible. */
function workplace(offer: Fields): { remote?: boolean } {
  const remote = booleanAt(offer, 'remote');
  return remote === undefined ? {} : { remote };
}
