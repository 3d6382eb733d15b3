/**
 * Fires what is due: the reminder, the occurrence that follows it, its notice and its audit are one transaction, many reminders at once. So each occurrence is told exactly once, whatever dies
 * when. When a batch fails, its reminders are fired one by one, and only the broken one waits.
 */
import { done, minutes, recordError } from '@carillon/engine';
import type { StepContext, StepOutcome } from '@carillon/engine';
import { databaseNow, inTransaction, isConnectionLost } from '@carillon/persistence';
import type { EntityManager } from 'typeorm';
import { fire, needsToken, nextTry } from '../rules/firing.js';
import type { DueReminder, Firing } from '../rules/firing.js';
import { step } from '../services.js';
import type { MemoryServices } from '../services.js';
import { claimDueReminders, newTokens, recordFirings, setReminderAside } from '../store/due-reminders.js';
import { firePlain } from '../store/fire-plain.js';

type Context = StepContext<MemoryServices>;

/** While one batch is decided here, the database writes the other. */
const LANES = 2;

export const fireDueReminders = step('fireDueReminders', {
  does: 'Fires due reminders: one notice for each occurrence, and the occurrence that follows.',
  onFailure: 'continue',
  // Whatever is still due is found by the next look, a second later.
  retry: { maxAttempts: 1 },
  timeout: minutes(10),
  run: async (context): Promise<StepOutcome> => {
    const counts = { remindersFired: 0, remindersSkipped: 0, remindersMissed: 0, remindersFailed: 0 };
    const errors: string[] = [];
    await Promise.all(Array.from({ length: LANES }, () => lane(context, counts, errors)));
    return done({ counts, errors });
  },
});

interface Counts {
  remindersFired: number;
  remindersSkipped: number;
  remindersMissed: number;
  remindersFailed: number;
}

async function lane(context: Context, counts: Counts, errors: string[]): Promise<void> {
  const { memoryFireBatch } = context.services.settings;
  for (;;) {
    context.signal.throwIfAborted();
    const taken = await fireBatch(context, counts, errors);
    if (taken < memoryFireBatch) return;
  }
}

/** @returns how many were taken */
async function fireBatch(context: Context, counts: Counts, errors: string[]): Promise<number> {
  const { services, run } = context;
  const { memoryFireBatch, memorySkipGraceSeconds } = services.settings;
  try {
    const batch = await inTransaction(services.dataSource, async (manager) => {
      const now = await databaseNow(manager);
      const { fired, rest } = await firePlain(manager, run.id, now, memoryFireBatch, memorySkipGraceSeconds * 1_000);
      return { fired, firings: await fireAll(manager, run.id, now, rest, memorySkipGraceSeconds * 1_000) };
    });
    counts.remindersFired += batch.fired;
    count(counts, batch.firings);
    return batch.fired + batch.firings.length;
  } catch (error) {
    // Without a database no reminder is to blame.
    if (isConnectionLost(error)) throw error;
    const due = await inTransaction(services.dataSource, async (manager) => claimDueReminders(manager, await databaseNow(manager), memoryFireBatch));
    if (due.length === 0) throw error;
    context.log.warn({ err: error, reminders: due.length }, 'reminders could not be fired together, each is fired alone');
    for (const { id } of due) await fireAlone(context, id, counts, errors);
    return due.length;
  }
}

async function fireAlone({ services, run, log }: Context, id: string, counts: Counts, errors: string[]): Promise<void> {
  let failures = 0;
  try {
    const firings = await inTransaction(services.dataSource, async (manager) => {
      const now = await databaseNow(manager);
      const claimed = await claimDueReminders(manager, now, 1, id);
      failures = claimed[0]?.failures ?? 0;
      return fireAll(manager, run.id, now, claimed, services.settings.memorySkipGraceSeconds * 1_000);
    });
    count(counts, firings);
  } catch (error) {
    if (isConnectionLost(error)) throw error;
    const { message } = recordError(error);
    counts.remindersFailed += 1;
    errors.push(`reminder ${id}: ${message}`);
    log.warn({ reminder: id, err: error }, 'a reminder could not be fired and is set aside for a while');
    await inTransaction(services.dataSource, async (manager) => setReminderAside(manager, id, nextTry(failures, await databaseNow(manager)), message.slice(0, 2_000)));
  }
}

/** Decides each here, and records them together. */
export async function fireAll(manager: EntityManager, runId: string, now: Date, claimed: readonly DueReminder[], graceMs: number): Promise<Firing[]> {
  if (claimed.length === 0) return [];
  const tokens = newTokens(claimed.filter(needsToken).length);
  const firings = claimed.map((reminder) => {
    const newToken = needsToken(reminder) ? (tokens.pop() as string) : null;
    return { ...fire(reminder, now, newToken ?? (reminder.token as string), graceMs), newToken };
  });
  await recordFirings(manager, runId, now, firings);
  return firings;
}

function count(counts: Counts, firings: readonly Firing[]): void {
  for (const { missed, notice } of firings) {
    if (notice) counts.remindersFired += 1;
    else counts.remindersSkipped += 1;
    counts.remindersMissed += missed;
  }
}
