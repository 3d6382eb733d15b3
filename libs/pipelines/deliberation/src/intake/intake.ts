/**
 * The front door. A submission is stored before it is read, so that nothing is lost when a model or this process dies in between: it stays pending,
 * and the batch takes over.
 */
import { hours } from '@carillon/engine';
import { detectLanguage, findHighRiskPii } from '@carillon/language';
import { databaseNow, inTransaction } from '@carillon/persistence';
import { SubmissionReply } from '@carillon/shared';
import type { SubmissionOutcome, SubmissionSubmit } from '@carillon/shared';
import type { EntityManager } from 'typeorm';
import type { Account } from '../entities-intake.js';
import { Submission } from '../entities-intake.js';
import { appendEvidence } from '../evidence/append-evidence.js';
import type { DeliberationServices } from '../services.js';
import { lockedAccount } from '../store/accounts.js';
import { recordFailedReading, storedSince, submissionsSince } from '../store/submissions.js';
import { messagesIn } from '../texts/messages.js';
import { applyReading, localeOf, receivedEvidence } from './apply-reading.js';
import type { Caller } from './caller.js';
import { checkedSubmission } from './check-submission.js';
import { burstStart, isEligible, nextReading, quarantineUntil } from './decisions.js';
import { importSubmissions } from './import-submissions.js';
import type { ImportResult } from './import-submissions.js';
import { blockPersonalData, newSubmission } from './new-submission.js';
import { readTexts } from './read-submission.js';
import { acceptedMessage, pendingMessage, rejectedMessage } from './replies.js';

export class Intake {
  constructor(
    private readonly services: DeliberationServices,
    private readonly random: () => number = Math.random,
  ) {}

  /**
   * Takes one submission: eligibility, daily limit, personal data, storing, burst, reading, answer, in this order. Never throws for what a model or
   * a vector does.
   * @throws InvalidSubmission for what can not be stored at all
   */
  async submit(caller: Caller, value: unknown): Promise<SubmissionReply> {
    const { dataSource } = this.services;
    const submission = checkedSubmission(value, await databaseNow(dataSource.manager));
    const admitted = await inTransaction(dataSource, (manager) => this.#admit(manager, caller, submission));
    if ('reply' in admitted) return admitted.reply;
    return this.#read(admitted.stored, admitted.account);
  }

  /** Takes an operator's lines, up to 500 a call: see `importSubmissions`. */
  import(caller: Caller, lines: readonly unknown[]): Promise<ImportResult[]> {
    return importSubmissions(this.services, caller, lines, this.random);
  }

  async #admit(manager: EntityManager, caller: Caller, submission: SubmissionSubmit): Promise<{ reply: SubmissionReply } | { stored: Submission; account: Account }> {
    const { settings } = this.services;
    const language = submission.language ?? detectLanguage(submission.text);
    const account = await lockedAccount(manager, submission.author);
    const messages = messagesIn(localeOf(language, account?.locale ?? 'en'));
    if (account === undefined) return { reply: replyOf('not_eligible', messages.notEligible) };
    // Before the gates: sending again what was stored must answer the same, also on a day whose limit it used up.
    const before = submission.externalId === undefined ? null : await manager.findOneBy(Submission, { accountId: account.id, externalId: submission.externalId });
    if (before !== null) return { reply: replyOf('duplicate', messages.duplicate, before.id) };

    const now = await databaseNow(manager);
    if (!isEligible(account, now, settings)) return { reply: replyOf('not_eligible', messages.notEligible) };
    const today = await submissionsSince(manager, account.id, new Date(now.getTime() - hours(24)));
    if (today >= settings.maxSubmissionsPerDay) return { reply: replyOf('daily_limit', messages.dailyLimit(settings.maxSubmissionsPerDay)) };
    if (findHighRiskPii(submission.text).length > 0) {
      await blockPersonalData(manager, account.id, language, now);
      return { reply: replyOf('pii_redact_and_resend', messages.redactAndResend) };
    }

    const recent = 1 + (await storedSince(manager, account.id, burstStart(now, settings)));
    const quarantinedUntil = quarantineUntil(recent, now, settings) ?? null;
    const submittedAt = submission.submittedAt !== undefined && caller.rights.includes('import') ? new Date(submission.submittedAt) : now;
    const stored = newSubmission(submission, { accountId: account.id, language, submittedAt, now, quarantinedUntil });
    await manager.insert(Submission, stored);
    await appendEvidence(manager, receivedEvidence(stored));
    if (quarantinedUntil === null) return { stored, account };
    await appendEvidence(manager, { eventType: 'submission_quarantined', entityType: 'submission', entityId: stored.id, payload: { submission_id: stored.id, until: quarantinedUntil.toISOString() } });
    return { reply: replyOf('quarantined', messages.quarantined, stored.id) };
  }

  /** From here on the submission is safe, and whatever goes wrong is the batch's to repair. */
  async #read(stored: Submission, account: Account): Promise<SubmissionReply> {
    const { dataSource, settings, log } = this.services;
    const locale = localeOf(stored.language, account.locale);
    try {
      const [read] = await readTexts(this.services, [stored.rawText], { meter: this.services.meter() });
      if (read === undefined || 'failure' in read) throw read?.failure;
      const applied = await inTransaction(dataSource, async (manager) => applyReading(manager, { submission: stored, accountLocale: account.locale, ...read }, await databaseNow(manager)));
      if (applied?.change.status === 'rejected') return replyOf('rejected', rejectedMessage(locale, applied.change.rejectionReason), stored.id);
      const [candidate] = applied?.candidates ?? [];
      if (candidate) return replyOf('accepted', acceptedMessage(settings, locale, candidate), stored.id);
    } catch (error) {
      log.warn({ submissionId: stored.id, error: (error as Error | undefined)?.message }, 'not read now: the submission stays pending');
      await this.#recordFailure(stored);
    }
    return replyOf('pending', pendingMessage(settings, locale), stored.id);
  }

  /** The row says pending already, so a failure to count the failure loses nothing. */
  async #recordFailure(stored: Submission): Promise<void> {
    const { dataSource, settings, log } = this.services;
    try {
      const now = await databaseNow(dataSource.manager);
      await recordFailedReading(dataSource.manager, stored, nextReading(stored.attempts + 1, now, settings, this.random()));
    } catch (error) {
      log.warn({ submissionId: stored.id, error: (error as Error).message }, 'the failed reading could not be counted');
    }
  }
}

function replyOf(outcome: SubmissionOutcome, message: string, submissionId?: string): SubmissionReply {
  return Object.assign(new SubmissionReply(), { outcome, message, ...(submissionId !== undefined && { submissionId }) });
}
