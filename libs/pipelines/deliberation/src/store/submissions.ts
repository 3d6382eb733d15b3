/** Submissions as rows: how many, which ones wait, and every change of status as a compare-and-set, so that a second attempt changes nothing. */
import { createHash } from 'node:crypto';
import { newId } from '@carillon/persistence';
import type { EntityManager } from 'typeorm';
import { IntakeAttempt, Submission } from '../entities-intake.js';
import type { SubmissionStatus } from '../entities-intake.js';

/** SHA-256 of the UTF-8 text, 64 hexadecimal digits. */
export const textHash = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** What counts to the daily limit: every submission of the account since then, whatever became of it, and every blocked attempt. Imports do not. */
export async function submissionsSince(manager: EntityManager, accountId: string, since: Date): Promise<number> {
  const [row] = await manager.query<{ count: number }[]>(
    `SELECT ((SELECT count(*) FROM deliberation.submission WHERE account_id = $1 AND created_at > $2 AND NOT imported)
           + (SELECT count(*) FROM deliberation.intake_attempt WHERE account_id = $1 AND at > $2))::int AS count`,
    [accountId, since],
  );
  return row?.count ?? 0;
}

/** The account's submissions that were stored since then, imports left out. */
export async function storedSince(manager: EntityManager, accountId: string, since: Date): Promise<number> {
  const [row] = await manager.query<{ count: number }[]>('SELECT count(*)::int AS count FROM deliberation.submission WHERE account_id = $1 AND created_at > $2 AND NOT imported', [accountId, since]);
  return row?.count ?? 0;
}

/** The ids of what is stored already, by the JSON text of `[author, externalId]`. */
export async function idsByExternalId(manager: EntityManager, wanted: readonly { author: string; externalId?: string }[]): Promise<Map<string, string>> {
  const named = wanted.filter(({ externalId }) => externalId !== undefined);
  const rows = await manager.query<{ author: string; externalId: string; id: string }[]>(
    `SELECT account.ref AS author, submission.external_id AS "externalId", submission.id
     FROM unnest($1::text[], $2::text[]) AS wanted (author, external_id)
     JOIN deliberation.account ON account.ref = wanted.author
     JOIN deliberation.submission ON submission.account_id = account.id AND submission.external_id = wanted.external_id`,
    [named.map(({ author }) => author), named.map(({ externalId }) => externalId)],
  );
  return new Map(rows.map(({ author, externalId, id }) => [JSON.stringify([author, externalId]), id]));
}

/** Inserts those whose external id is new, also among themselves; answers the ids of the rows that are there now. */
export async function insertNewSubmissions(manager: EntityManager, rows: readonly Submission[]): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const { raw } = await manager.createQueryBuilder().insert().into(Submission).values([...rows]).orIgnore().returning('id').execute();
  return new Set((raw as { id: string }[]).map(({ id }) => id));
}

/** Pending submissions whose next attempt is due, oldest first. */
export async function duePending(manager: EntityManager, now: Date): Promise<Submission[]> {
  return manager
    .createQueryBuilder(Submission, 'submission')
    .where("submission.status = 'pending' AND (submission.nextAttemptAt IS NULL OR submission.nextAttemptAt <= :now)", { now })
    .orderBy('submission.submittedAt')
    .addOrderBy('submission.id')
    .getMany();
}

/** Held submissions whose time is over, oldest first. */
export async function dueQuarantined(manager: EntityManager, now: Date): Promise<Submission[]> {
  return manager
    .createQueryBuilder(Submission, 'submission')
    .where("submission.status = 'quarantined' AND submission.quarantinedUntil <= :now", { now })
    .orderBy('submission.submittedAt')
    .addOrderBy('submission.id')
    .getMany();
}

/** Changes a submission if it still is what the caller saw; false when someone else was first. */
export async function changeSubmission(manager: EntityManager, id: string, from: SubmissionStatus, change: Partial<Omit<Submission, 'id'>>): Promise<boolean> {
  const { affected } = await manager.update(Submission, { id, status: from }, change);
  return affected === 1;
}

/** Counts a failed reading and says when the next is due; nothing happens when the submission is not pending any more. */
export async function recordFailedReading(manager: EntityManager, submission: Pick<Submission, 'id' | 'attempts'>, nextAttemptAt: Date): Promise<boolean> {
  const { affected } = await manager.update(Submission, { id: submission.id, status: 'pending', attempts: submission.attempts }, { attempts: submission.attempts + 1, nextAttemptAt });
  return affected === 1;
}

/** An attempt that left no submission. It counts to the daily limit and holds no text. */
export async function recordBlockedAttempt(manager: EntityManager, accountId: string, reason: string, at: Date): Promise<string> {
  const id = newId();
  await manager.insert(IntakeAttempt, { id, accountId, reason, at });
  return id;
}
