/** Greenhouse's job board API. One answer has all postings; their HTML is escaped once more than usual. */
import { escapedHtmlToText } from '../rules/html-text.js';
import { fieldsOf, inside, joined, neededText, numberAt, objectsAt, present, textAt, timeOf } from './fields.js';
import type { Fields } from './fields.js';
import { BadAnswer } from './errors.js';
import type { BoardAdapter } from './raw-posting.js';
import { employmentOf } from './words.js';

const BASE = 'https://boards-api.greenhouse.io';
/** Metadata that say something to the matcher, and how they are called below the text. */
const TOLD: Readonly<Record<string, string>> = { 'Career Site Department': 'Department', Department: 'Department', 'Cost Center': 'Cost Center', 'Employment Type': 'Employment Type' };

export const greenhouse: BoardAdapter = {
  version: 1,
  format: 'json',
  first: ({ baseUrl = BASE, identifier }) => `${baseUrl}/v1/boards/${encodeURIComponent(identifier)}/jobs?content=true`,
  page(answer) {
    const fields = fieldsOf(answer, 'a Greenhouse board');
    if (!Array.isArray(fields['jobs'])) throw new BadAnswer('a Greenhouse board must have a list "jobs"');
    const total = numberAt(inside(fields, 'meta'), 'total');
    return { items: fields['jobs'], ...(total !== undefined && { total }) };
  },
  posting(item) {
    const job = fieldsOf(item, 'a job');
    const metadata = objectsAt(job, 'metadata').map((one) => ({ name: textAt(one, 'name') ?? '', value: valueOf(one) }));
    const named = (name: string): string | undefined => metadata.find((one) => one.name === name)?.value;
    const lines = metadata.flatMap(({ name, value }) => (Object.hasOwn(TOLD, name) && value !== undefined ? [`${TOLD[name]}: ${value}`] : []));
    const [top, meta] = [textAt(inside(job, 'location'), 'name'), named('Job Posting Location')];
    const department = joined(objectsAt(job, 'departments').map((one) => textAt(one, 'name')), ', ') || named('Career Site Department') || named('Department');
    return {
      externalId: neededText(job, 'id'),
      title: neededText(job, 'title'),
      ...(textAt(job, 'company_name') !== undefined && { company: neededText(job, 'company_name') }),
      location: top !== undefined && meta !== undefined && top !== meta ? `${top} (${meta})` : (top ?? meta ?? null),
      description: [escapedHtmlToText(textAt(job, 'content') ?? textAt(job, 'description') ?? ''), lines.join('\n')].filter((part) => part !== '').join('\n\n'),
      url: neededText(job, 'absolute_url'),
      postedAt: timeOf(textAt(job, 'first_published')),
      updatedAt: timeOf(textAt(job, 'updated_at')),
      details: { ...employmentOf(named('Employment Type')), ...(department && { department }), ...places(job) },
    };
  },
};

function places(job: Fields): { cities?: string[] } {
  const offices = present(objectsAt(job, 'offices').map((office) => textAt(inside(office, 'location'), 'name') ?? textAt(office, 'location') ?? textAt(office, 'name')));
  return offices.length > 0 ? { cities: offices } : {};
}

/** A text, or a list of them. */
function valueOf(metadata: Fields): string | undefined {
  const { value } = metadata;
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'string').join(', ') || undefined;
  return textAt(metadata, 'value');
}
