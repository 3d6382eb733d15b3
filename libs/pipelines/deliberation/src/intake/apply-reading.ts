/**
 * What a reading means for a submission, wherever it was read: at the door, in an import, or by the batch. Decided once as rows, so that the three
 * can not drift apart.
 */
import type { Embedding } from '@carillon/language';
import type { EntityManager } from 'typeorm';
import type { Reading } from '../canonicalize/reading.js';
import type { Candidate, Locale, Submission } from '../entities-intake.js';
import { appendEvidence } from '../evidence/append-evidence.js';
import type { NewEvidence } from '../evidence/append-evidence.js';
import { creditContributions } from '../store/accounts.js';
import { candidateRow, insertCandidates } from '../store/candidates.js';
import { changeSubmission } from '../store/submissions.js';
import { reasonText } from '../texts/messages.js';

/** A submission as it was read. `embeddings` has one entry for each candidate; a missing one is made up for later. */
export interface ReadSubmission {
  readonly submission: Submission;
  /** For a text in neither of our languages. */
  readonly accountLocale: Locale;
  readonly reading: Reading;
  readonly embeddings: readonly (Embedding | undefined)[];
}

export interface AppliedReading {
  readonly change: Pick<Submission, 'status' | 'reasonCode' | 'rejectionReason' | 'nextAttemptAt'>;
  readonly candidates: readonly Candidate[];
  readonly evidence: readonly NewEvidence[];
}

/** The rows that a reading leads to. */
export function rowsOfReading({ submission, accountLocale, reading, embeddings }: ReadSubmission, now: Date): AppliedReading {
  if (!reading.usable) {
    const rejectionReason = reading.reason ?? reasonText(localeOf(submission.language, accountLocale), reading.reasonCode);
    return {
      change: { status: 'rejected', reasonCode: reading.reasonCode, rejectionReason, nextAttemptAt: null },
      candidates: [],
      evidence: [rejectionEvidence(submission, reading)],
    };
  }
  const candidates = reading.candidates.map((draft, position) => candidateRow(submission.id, position, draft, reading, embeddings[position], now));
  return {
    change: { status: 'canonicalized', reasonCode: null, rejectionReason: null, nextAttemptAt: null },
    candidates,
    evidence: candidates.map((candidate) => candidateEvidence(submission, candidate)),
  };
}

/**
 * Applies a reading to a pending submission, in the caller's transaction: status, candidates, evidence and the contribution's credit, all or nothing.
 * @returns undefined when the submission is not pending any more: someone else was first, and nothing was changed
 */
export async function applyReading(manager: EntityManager, read: ReadSubmission, now: Date): Promise<AppliedReading | undefined> {
  const applied = rowsOfReading(read, now);
  const { submission } = read;
  if (!(await changeSubmission(manager, submission.id, 'pending', applied.change))) return undefined;
  if (applied.candidates.length > 0) {
    await insertCandidates(manager, applied.candidates);
    await creditContributions(manager, [submission.accountId], now);
  }
  await appendEvidence(manager, ...applied.evidence);
  return applied;
}

/** The language to answer in: that of the text where we write it, else the person's own. */
export function localeOf(language: Submission['language'], accountLocale: Locale): Locale {
  return language === 'other' ? accountLocale : language;
}

/** The text itself stays private until it is accepted; its hash shows later that it was not exchanged. */
export function receivedEvidence(submission: Submission): NewEvidence {
  const { id, language, status, textHash, imported, accountId } = submission;
  return { eventType: 'submission_received', entityType: 'submission', entityId: id, payload: { submission_id: id, language, status, text_hash: textHash, imported }, private: { user_id: accountId } };
}

/** Not the model's own reason either: it may quote the text. */
function rejectionEvidence({ id, textHash }: Submission, { reasonCode, reader }: Extract<Reading, { usable: false }>): NewEvidence {
  const { provider, modelVersion, promptVersion } = reader;
  const payload = { submission_id: id, text_hash: textHash, reason_code: reasonCode, provider, model_version: modelVersion, prompt_version: promptVersion };
  return { eventType: 'submission_rejected_not_policy', entityType: 'submission', entityId: id, payload };
}

/** An accepted text is public, once, with its first candidate. */
function candidateEvidence(submission: Submission, candidate: Candidate): NewEvidence {
  const { id, position, title, summary, stance, confidence, provider, modelVersion, promptVersion } = candidate;
  const payload = {
    ...{ submission_id: submission.id, candidate_id: id, position, title, summary, stance, confidence },
    ...{ provider, model_version: modelVersion, prompt_version: promptVersion },
    ...(position === 0 && { raw_text: submission.rawText, text_hash: submission.textHash }),
  };
  return { eventType: 'candidate_created', entityType: 'submission', entityId: submission.id, payload };
}
