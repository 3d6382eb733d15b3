/**
 * Finishes what intake could not: lets held submissions go when their time is over, and reads those that are still pending because a model was
 * down or a process died. Every submission is its own transaction, so a run that is killed anywhere has lost nothing and repeats nothing.
 */
import { done, minutes, recordError } from '@carillon/engine';
import type { StepContext, StepOutcome } from '@carillon/engine';
import { inTransaction, queueNotice } from '@carillon/persistence';
import { In } from 'typeorm';
import { accounted } from './accounted.js';
import type { Locale, Submission } from '../entities-intake.js';
import { Account } from '../entities-intake.js';
import { appendEvidence } from '../evidence/append-evidence.js';
import type { AppliedReading } from '../intake/apply-reading.js';
import { applyReading, localeOf } from '../intake/apply-reading.js';
import { burstStart, decideRelease, nextReading } from '../intake/decisions.js';
import type { ReadText } from '../intake/read-submission.js';
import { readTexts } from '../intake/read-submission.js';
import { rejectedMessage } from '../intake/replies.js';
import { step } from '../services.js';
import type { DeliberationServices } from '../services.js';
import { changeSubmission, duePending, dueQuarantined, recordFailedReading, storedSince } from '../store/submissions.js';

type Context = StepContext<DeliberationServices>;

/** Submissions read, and their vectors made, at a time: enough for a batch of vectors, little enough to show progress. */
const BATCH_SIZE = 32;

export const recoverPending = step('recoverPending', {
  does: 'Releases held submissions and reads those that intake could not.',
  owner: 'intake',
  onFailure: 'continue',
  timeout: minutes(60),
  run: (context) => accounted(context, run),
});

async function run(context: Context): Promise<StepOutcome> {
  const { services, now, signal, progress } = context;
  const { manager } = services.dataSource;
  const errors: string[] = [];
  const counts = { released: 0, recovered: 0, rejected: 0, stillPending: 0, candidatesCreated: 0, contributionsCredited: 0 };
  for (const held of await dueQuarantined(manager, now)) {
    const released = await settled(errors, held, () => release(context, held));
    if (released === true) counts.released += 1;
  }

  const pending = await duePending(manager, now);
  const locales = new Map((await manager.findBy(Account, { id: In([...new Set(pending.map(({ accountId }) => accountId))]) })).map(({ id, locale }) => [id, locale]));
  for (let start = 0; start < pending.length; start += BATCH_SIZE) {
    progress(start, pending.length);
    const batch = pending.slice(start, start + BATCH_SIZE);
    const reads = await readBatch(services, batch, context.run.id, signal);
    for (const [index, submission] of batch.entries()) {
      signal.throwIfAborted();
      const read = reads[index];
      if (read === undefined || 'failure' in read) {
        await settled(errors, submission, () => countFailure(context, submission, read?.failure, errors));
        counts.stillPending += 1;
        continue;
      }
      const applied = await settled(errors, submission, () => finish(context, submission, locales.get(submission.accountId) ?? 'en', read));
      if (applied === undefined) continue;
      counts.candidatesCreated += applied.candidates.length;
      counts[applied.change.status === 'rejected' ? 'rejected' : 'recovered'] += 1;
      counts.contributionsCredited += applied.candidates.length > 0 ? 1 : 0;
    }
  }
  progress(pending.length, pending.length);
  return done({ counts, errors });
}

/** After too many failed readings by a model the rules decide, or a text that no model can take would wait for ever. */
async function readBatch(services: DeliberationServices, batch: readonly Submission[], runId: string, signal: AbortSignal): Promise<(ReadText | undefined)[]> {
  const given = (locally: boolean): Submission[] => batch.filter(({ attempts }) => attempts >= services.settings.pendingMaxAttempts === locally);
  const reads = new Map<string, ReadText | undefined>();
  for (const locally of [false, true]) {
    const submissions = given(locally);
    const results = await readTexts(services, submissions.map(({ rawText }) => rawText), { meter: services.meter(runId), signal, locally });
    submissions.forEach(({ id }, index) => reads.set(id, results[index]));
  }
  return batch.map(({ id }) => reads.get(id));
}

/** With the reading goes, when it ends rejected, the notice that its author would have got at the door. */
async function finish({ services, run: { id: runId }, now }: Context, submission: Submission, accountLocale: Locale, read: Extract<ReadText, { reading: unknown }>): Promise<AppliedReading | undefined> {
  return inTransaction(services.dataSource, async (manager) => {
    const applied = await applyReading(manager, { submission, accountLocale, ...read }, now);
    if (applied?.change.status === 'rejected') {
      await queueNotice(manager, {
        ...{ channel: 'telegram', recipient: `account:${submission.accountId}`, messageType: 'submission_rejected', runId },
        dedupeKey: `deliberation.rejected.${submission.id}`,
        content: { submission_id: submission.id, reason_code: applied.change.reasonCode, reason: rejectedMessage(localeOf(submission.language, accountLocale), applied.change.rejectionReason) },
      });
    }
    return applied;
  });
}

async function countFailure({ services, now }: Context, submission: Submission, failure: unknown, errors: string[]): Promise<void> {
  errors.push(`submission ${submission.id}: ${recordError(failure).message}`);
  // Random only spreads the load; nothing that a resumed run would have to repeat hangs on it.
  await recordFailedReading(services.dataSource.manager, submission, nextReading(submission.attempts + 1, now, services.settings, Math.random()));
}

/** Lets a held submission go, or holds it longer while its author goes on; true when it was let go. */
async function release({ services: { dataSource, settings }, now }: Context, held: Submission): Promise<boolean> {
  return inTransaction(dataSource, async (manager) => {
    const recent = await storedSince(manager, held.accountId, burstStart(now, settings));
    const decision = decideRelease({ until: held.quarantinedUntil ?? now, recent }, now, settings);
    const change = decision.release ? ({ status: 'pending', quarantinedUntil: null, nextAttemptAt: null } as const) : { quarantinedUntil: decision.until };
    const changed = await changeSubmission(manager, held.id, 'quarantined', change);
    if (!changed) return false;
    const payload = { submission_id: held.id, ...(decision.release ? {} : { until: decision.until.toISOString() }) };
    await appendEvidence(manager, { eventType: decision.release ? 'submission_released' : 'submission_quarantined', entityType: 'submission', entityId: held.id, payload });
    return decision.release;
  });
}

/** One submission's trouble is that submission's. */
async function settled<T>(errors: string[], { id }: Submission, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    errors.push(`submission ${id}: ${recordError(error).message}`);
    return undefined;
  }
}
