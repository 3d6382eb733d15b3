/** Taking back what one has submitted. The evidence that it was there stays, as was said before it was sent; it counts and groups no more. */
import { databaseNow, inTransaction } from '@carillon/persistence';
import type { DataSource } from 'typeorm';
import type { SubmissionStatus } from '../entities-intake.js';
import { appendEvidence } from '../evidence/append-evidence.js';
import { HELD } from '../store/clusters.js';
import { takeOut } from '../store/membership.js';

export type WithdrawResult = 'withdrawn' | 'already_withdrawn' | 'no_such_submission';

/** Of another person's submission it says that there is none. A concern that people are voting on stays on their ballot until it is counted. */
export async function withdrawSubmission(dataSource: DataSource, { accountId, submissionId }: { accountId: string; submissionId: string }): Promise<WithdrawResult> {
  return inTransaction(dataSource, async (manager) => {
    const [submission] = await manager.query<{ status: SubmissionStatus }[]>('SELECT status FROM deliberation.submission WHERE id = $1 AND account_id = $2 FOR UPDATE', [submissionId, accountId]);
    if (!submission) return 'no_such_submission';
    if (submission.status === 'withdrawn') return 'already_withdrawn';
    const now = await databaseNow(manager);
    await manager.query(`UPDATE deliberation.submission SET status = 'withdrawn', quarantined_until = NULL, next_attempt_at = NULL WHERE id = $1`, [submissionId]);
    const [archived] = await manager.query<[{ id: string }[], number]>('UPDATE deliberation.candidate SET archived_at = coalesce(archived_at, $2) WHERE submission_id = $1 RETURNING id', [submissionId, now]);
    const free = await manager.query<{ id: string }[]>(
      `SELECT m.candidate_id AS id FROM deliberation.cluster_member m JOIN deliberation.cluster c ON c.id = m.cluster_id WHERE m.candidate_id = ANY($1) AND c.status = 'open' AND NOT ${HELD}`,
      [archived.map(({ id }) => id)],
    );
    const clusters = await takeOut(manager, free.map(({ id }) => id), 'withdrawn', now);
    // The credit goes with what it was given for, or a vote could be had for a submission of one minute.
    if (archived.length > 0) await manager.query('UPDATE deliberation.account SET contribution_count = greatest(0, contribution_count - 1) WHERE id = $1', [accountId]);
    await appendEvidence(manager, { eventType: 'submission_withdrawn', entityType: 'submission', entityId: submissionId, payload: { submission_id: submissionId, cluster_ids: clusters }, private: { user_id: accountId } });
    return 'withdrawn';
  });
}
