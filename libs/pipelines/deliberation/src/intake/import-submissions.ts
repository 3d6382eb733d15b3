/**
 * An operator's import: many submissions at once, from people who did not come through the front door. Everything is read first and then written
 * in one transaction, so that the batch threshold sees all or nothing, and a call that was cut off can simply be sent again.
 */
import { detectLanguage, findHighRiskPii } from '@carillon/language';
import { databaseNow, inTransaction } from '@carillon/persistence';
import type { SubmissionOutcome, SubmissionSubmit } from '@carillon/shared';
import type { EntityManager } from 'typeorm';
import type { Account, Language, Submission } from '../entities-intake.js';
import { ImportNotAllowed, InvalidSubmission } from '../errors.js';
import { appendEvidence } from '../evidence/append-evidence.js';
import type { DeliberationServices } from '../services.js';
import { accountsByRef, createMissingAccounts, creditContributions } from '../store/accounts.js';
import { insertCandidates } from '../store/candidates.js';
import { idsByExternalId, insertNewSubmissions } from '../store/submissions.js';
import { messagesIn } from '../texts/messages.js';
import { localeOf, receivedEvidence, rowsOfReading } from './apply-reading.js';
import type { AppliedReading } from './apply-reading.js';
import type { Caller } from './caller.js';
import { checkedSubmission } from './check-submission.js';
import { nextReading } from './decisions.js';
import { blockPersonalData, newSubmission } from './new-submission.js';
import { readTexts } from './read-submission.js';
import type { ReadText } from './read-submission.js';
import { acceptedMessage, pendingMessage, rejectedMessage } from './replies.js';

export const MAX_IMPORT_LINES = 500;

/** What became of one line. `failed`: it could not be stored at all, and `message` says why. */
export interface ImportResult {
  outcome: SubmissionOutcome | 'failed';
  submissionId?: string;
  message: string;
}

/** A line that is to be stored; without `read` it holds personal data and only the attempt is. */
interface Item {
  readonly index: number;
  readonly submission: SubmissionSubmit;
  readonly language: Language;
  readonly read: ReadText | undefined;
}

/** A row about to be written, with all that comes with it. */
interface NewRow {
  readonly item: Item;
  readonly row: Submission;
  readonly applied: AppliedReading;
  readonly result: ImportResult;
}

/**
 * Reads, embeds and stores up to 500 lines; one result for each, in order. Eligibility, daily limit and burst do not apply, `submittedAt` is kept,
 * and unknown authors get an account; personal data and the reading are judged as at the front door.
 * @throws ImportNotAllowed when the key may not; InvalidSubmission when there are too many lines
 */
export async function importSubmissions(services: DeliberationServices, caller: Caller, values: readonly unknown[], random: () => number): Promise<ImportResult[]> {
  if (!caller.rights.includes('import')) throw new ImportNotAllowed(`the key "${caller.name}" may not import: use one with the right "import"`);
  if (values.length > MAX_IMPORT_LINES) throw new InvalidSubmission('submissions', `holds ${values.length} lines: send at most ${MAX_IMPORT_LINES} a call`);
  const { dataSource } = services;
  const now = await databaseNow(dataSource.manager);
  const checked = values.map((value) => checkedOr(value, now));
  const known = await idsByExternalId(dataSource.manager, checked.flatMap((one) => ('outcome' in one ? [] : [one])));
  // Saves reading again what is stored already: an import that is resumed repeats its lines.
  const results = checked.map((one) => ('outcome' in one ? one : duplicateOf(one, known.get(keyOf(one)))));
  const items = await readItems(services, checked.flatMap((one, index) => ('outcome' in one || results[index] !== undefined ? [] : [{ index, submission: one }])));
  const stored = await inTransaction(dataSource, (manager) => storeItems(manager, services, items, random));
  return results.map((result, index) => result ?? stored.get(index) ?? { outcome: 'failed', message: 'the line got lost between reading and storing: send it again' });
}

function checkedOr(value: unknown, now: Date): SubmissionSubmit | ImportResult {
  try {
    return checkedSubmission(value, now);
  } catch (error) {
    if (!(error instanceof InvalidSubmission)) throw error;
    return { outcome: 'failed', message: error.message };
  }
}

async function readItems(services: DeliberationServices, lines: readonly Pick<Item, 'index' | 'submission'>[]): Promise<Item[]> {
  const clean = lines.filter(({ submission }) => findHighRiskPii(submission.text).length === 0);
  const reads = await readTexts(services, clean.map(({ submission }) => submission.text), { meter: services.meter() });
  const readOf = new Map(clean.map(({ index }, place) => [index, reads[place]]));
  return lines.map(({ index, submission }) => ({ index, submission, language: submission.language ?? detectLanguage(submission.text), read: readOf.get(index) }));
}

/** Everything in the caller's transaction; results by the line's index. Nothing outside is changed, so that the transaction can be run again. */
async function storeItems(manager: EntityManager, services: DeliberationServices, items: readonly Item[], random: () => number): Promise<Map<number, ImportResult>> {
  const now = await databaseNow(manager);
  await createMissingAccounts(manager, items.map(({ submission, language }) => ({ ref: submission.author, locale: localeOf(language, 'en') })));
  const accounts = await accountsByRef(manager, items.map(({ submission }) => submission.author));
  const results = new Map<number, ImportResult>();
  const rows: NewRow[] = [];
  for (const item of items) {
    const account = accounts.get(item.submission.author);
    if (account === undefined) continue;
    if (item.read !== undefined) rows.push(newRow(services, item, item.read, account, now, random));
    else {
      await blockPersonalData(manager, account.id, item.language, now);
      results.set(item.index, { outcome: 'pii_redact_and_resend', message: messagesIn(localeOf(item.language, account.locale)).redactAndResend });
    }
  }

  const inserted = await insertNewSubmissions(manager, rows.map(({ row, applied }) => ({ ...row, ...applied.change })));
  const fresh = rows.filter(({ row }) => inserted.has(row.id));
  await insertCandidates(manager, fresh.flatMap(({ applied }) => applied.candidates));
  await appendEvidence(manager, ...fresh.flatMap(({ row, applied }) => [receivedEvidence(row), ...applied.evidence]));
  await creditContributions(manager, fresh.filter(({ applied }) => applied.candidates.length > 0).map(({ row }) => row.accountId), now);
  const late = await idsByExternalId(manager, rows.filter(({ row }) => !inserted.has(row.id)).map(({ item }) => item.submission));
  for (const { item, row, result } of rows) results.set(item.index, inserted.has(row.id) ? result : (duplicateOf(item.submission, late.get(keyOf(item.submission))) ?? result));
  return results;
}

function newRow({ settings }: DeliberationServices, item: Item, read: ReadText, account: Account, now: Date, random: () => number): NewRow {
  const { submission, language } = item;
  const submittedAt = submission.submittedAt === undefined ? now : new Date(submission.submittedAt);
  const row = newSubmission(submission, { accountId: account.id, language, submittedAt, now, imported: true, quarantinedUntil: null });
  const locale = localeOf(language, account.locale);
  if ('failure' in read) {
    const waiting = { ...row, attempts: 1, nextAttemptAt: nextReading(1, now, settings, random()) };
    const change = { status: 'pending', reasonCode: null, rejectionReason: null, nextAttemptAt: waiting.nextAttemptAt } as const;
    return { item, row: waiting, applied: { change, candidates: [], evidence: [] }, result: { outcome: 'pending', submissionId: row.id, message: pendingMessage(settings, locale) } };
  }
  const applied = rowsOfReading({ submission: row, accountLocale: account.locale, ...read }, now);
  const [candidate] = applied.candidates;
  const result: ImportResult = candidate
    ? { outcome: 'accepted', submissionId: row.id, message: acceptedMessage(settings, locale, candidate) }
    : { outcome: 'rejected', submissionId: row.id, message: rejectedMessage(locale, applied.change.rejectionReason) };
  return { item, row, applied, result };
}

/** One author's own id of a submission; undefined ids are never equal to another's. */
const keyOf = ({ author, externalId }: SubmissionSubmit): string => JSON.stringify([author, externalId]);

function duplicateOf({ text, language }: SubmissionSubmit, submissionId: string | undefined): ImportResult | undefined {
  if (submissionId === undefined) return undefined;
  return { outcome: 'duplicate', submissionId, message: messagesIn(localeOf(language ?? detectLanguage(text), 'en')).duplicate };
}
