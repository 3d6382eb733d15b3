/** Workable's public account API. One answer has all jobs with their descriptions. */
import { htmlToText } from '../rules/html-text.js';
import { BadAnswer } from './errors.js';
import { booleanAt, fieldsOf, joined, neededText, objectsAt, present, textAt, timeOf } from './fields.js';
import { countryName } from './lever.js';
import type { BoardAdapter } from './raw-posting.js';
import { employmentOf, remoteOf } from './words.js';

const BASE = 'https://www.workable.com';

export const workable: BoardAdapter = {
  version: 1,
  format: 'json',
  redirectHosts: ['apply.workable.com', 'www.workable.com'],
  first: ({ baseUrl = BASE, identifier }) => `${baseUrl}/api/accounts/${encodeURIComponent(identifier)}?details=true`,
  page(answer) {
    const { jobs } = fieldsOf(answer, 'a Workable account');
    if (!Array.isArray(jobs)) throw new BadAnswer('a Workable account must have a list "jobs"');
    return { items: jobs };
  },
  posting(item) {
    const job = fieldsOf(item, 'a job');
    const shown = objectsAt(job, 'locations').filter((place) => booleanAt(place, 'hidden') !== true);
    const places = shown.length > 0 ? shown : [job];
    const remote = booleanAt(job, 'telecommuting');
    const department = textAt(job, 'department');
    const cities = present(places.map((place) => textAt(place, 'city')));
    const countries = present(places.flatMap((place) => [textAt(place, 'country'), textAt(place, 'countryCode'), textAt(place, 'countryCode') && countryName(neededText(place, 'countryCode'))]));
    const location = places.map((place) => joined([textAt(place, 'city'), textAt(place, 'region') ?? textAt(place, 'state'), textAt(place, 'country')], ', '));
    return {
      externalId: neededText(job, 'shortcode'),
      title: neededText(job, 'title'),
      location: joined([...location, remote === true ? 'Remote' : undefined], '; ') || null,
      description: ['description', 'requirements', 'benefits'].map((key) => htmlToText(textAt(job, key) ?? '')).filter((text) => text !== '').join('\n\n'),
      url: textAt(job, 'url') ?? neededText(job, 'shortlink'),
      postedAt: timeOf(textAt(job, 'published_on') ?? textAt(job, 'created_at')),
      updatedAt: null,
      details: {
        ...(remote !== undefined ? { remote } : remoteOf(textAt(job, 'workplace'))),
        ...employmentOf(textAt(job, 'employment_type')),
        ...(cities.length > 0 && { cities }),
        ...(countries.length > 0 && { countries }),
        ...(department !== undefined && { department }),
      },
    };
  },
};
