/** What can not be stored is refused at the door, by field and reason, before anything else happens. */
import { MAX_SUBMISSION_LENGTH, SubmissionSubmit } from '@carillon/shared';
import { validateSync } from 'class-validator';
import { InvalidSubmission } from '../errors.js';

const KNOWN_FIELDS: ReadonlySet<string> = new Set(['author', 'text', 'language', 'externalId', 'submittedAt']);

/**
 * A checked submission made of anything.
 * @throws InvalidSubmission naming the first field that is wrong: missing, unknown, too long, of the wrong type, or with characters that no database can keep
 */
export function checkedSubmission(value: unknown, now: Date): SubmissionSubmit {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new InvalidSubmission('submission', 'is not a JSON object: write {"author": …, "text": …}');
  const unknown = Object.keys(value).find((field) => !KNOWN_FIELDS.has(field));
  if (unknown !== undefined) throw new InvalidSubmission(unknown.slice(0, 64), `is no field of a submission: choose from ${[...KNOWN_FIELDS].join(', ')}`);
  const submission = Object.assign(new SubmissionSubmit(), value);
  for (const field of ['author', 'text', 'externalId'] as const) refuseUnstorable(field, submission[field]);
  const [broken] = validateSync(submission);
  if (broken) throw new InvalidSubmission(broken.property, problemOf(broken.property, broken.constraints ?? {}));
  if (submission.text.trim() === '') throw new InvalidSubmission('text', 'is blank: write what concerns you');
  if (submission.submittedAt !== undefined && submission.submittedAt > now.getTime() + 300_000) throw new InvalidSubmission('submittedAt', `${submission.submittedAt} lies in the future: write Unix milliseconds`);
  return submission;
}

function refuseUnstorable(field: string, text: unknown): void {
  if (typeof text !== 'string') return;
  if (text.includes('\0')) throw new InvalidSubmission(field, `holds a NUL character at position ${text.indexOf('\0')}: remove it`);
  const half = text.search(/\p{Surrogate}/u);
  if (half >= 0) throw new InvalidSubmission(field, `holds half of a surrogate pair at position ${half}: send well-formed Unicode`);
}

/** The rule that matters most; class-validator begins with the field's name, which the error already says. */
function problemOf(field: string, rules: Readonly<Record<string, string>>): string {
  const rule = rules['isString'] ?? rules['isInt'] ?? rules['isNotEmpty'] ?? Object.values(rules)[0] ?? 'is not valid';
  if (field === 'text' && rule === rules['maxLength']) return `is longer than ${MAX_SUBMISSION_LENGTH} characters: shorten it`;
  return rule.replace(new RegExp(`^${field} `), '');
}
