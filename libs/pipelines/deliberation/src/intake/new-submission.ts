/** How a submission begins as rows: stored before it is read, or, with personal data in it, not stored at all. */
import { newId } from '@carillon/persistence';
import type { SubmissionSubmit } from '@carillon/shared';
import type { EntityManager } from 'typeorm';
import type { Submission } from '../entities-intake.js';
import { appendEvidence } from '../evidence/append-evidence.js';
import { recordBlockedAttempt, textHash } from '../store/submissions.js';

/** How long the batch leaves a fresh submission to the request that brought it. Only saves a second reading: the first to finish wins. */
const INLINE_GRACE_MS = 30_000;

/** The row of a checked submission. A held one waits for its release, any other for the request that brought it. */
export function newSubmission(submission: SubmissionSubmit, given: Pick<Submission, 'accountId' | 'language' | 'submittedAt' | 'quarantinedUntil'> & { now: Date; imported?: boolean }): Submission {
  const { now, imported = false, ...columns } = given;
  const held = columns.quarantinedUntil !== null;
  return {
    ...columns,
    id: newId(),
    externalId: submission.externalId ?? null,
    rawText: submission.text,
    textHash: textHash(submission.text),
    status: held ? 'quarantined' : 'pending',
    nextAttemptAt: held || imported ? null : new Date(now.getTime() + INLINE_GRACE_MS),
    ...{ reasonCode: null, rejectionReason: null, attempts: 0, imported, createdAt: now, processedAt: null },
  };
}

/** No row holds the text, and none of what was found in it. */
export async function blockPersonalData(manager: EntityManager, accountId: string, language: Submission['language'], now: Date): Promise<void> {
  const attemptId = await recordBlockedAttempt(manager, accountId, 'high_risk_pii', now);
  const payload = { status: 'rejected_high_risk_pii', reason_code: 'high_risk_pii', language };
  await appendEvidence(manager, { eventType: 'submission_received', entityType: 'intake_attempt', entityId: attemptId, payload, private: { user_id: accountId } });
}
