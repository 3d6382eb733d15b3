/** The rules at the door as pure decisions of (state, now): who may submit, how often, what is held, and when it is let go. */
import { backoff, hours, minutes } from '@carillon/engine';
import type { Account } from '../entities-intake.js';
import type { DeliberationSettings } from '../settings.js';

/** E-mail and messaging verified, and messaging linked long enough ago. */
export function isEligible(account: Pick<Account, 'emailVerified' | 'messagingVerified' | 'linkedAt'>, now: Date, { minAccountAgeHours }: Pick<DeliberationSettings, 'minAccountAgeHours'>): boolean {
  if (!account.emailVerified || !account.messagingVerified || account.linkedAt === null) return false;
  return now.getTime() - account.linkedAt.getTime() >= hours(minAccountAgeHours);
}

/** When a burst of submissions starts to count: those after this instant, with the present one, are the burst. */
export function burstStart(now: Date, { burstQuarantineWindowMinutes }: Pick<DeliberationSettings, 'burstQuarantineWindowMinutes'>): Date {
  return new Date(now.getTime() - minutes(burstQuarantineWindowMinutes));
}

/** Until when a submission is held, or undefined when it is not. `recent` counts the account's submissions of the window, including this one. */
export function quarantineUntil(recent: number, now: Date, settings: Pick<DeliberationSettings, 'burstQuarantineThresholdCount' | 'quarantineReleaseMinutes'>): Date | undefined {
  if (recent < settings.burstQuarantineThresholdCount) return undefined;
  return new Date(now.getTime() + minutes(settings.quarantineReleaseMinutes));
}

/** A held submission goes free when its time is over and the account has not gone on bursting; otherwise it is held again from now. */
export function decideRelease(held: { until: Date; recent: number }, now: Date, settings: Pick<DeliberationSettings, 'burstQuarantineThresholdCount' | 'quarantineReleaseMinutes'>): { release: true } | { release: false; until: Date } {
  if (held.until > now) return { release: false, until: held.until };
  const again = quarantineUntil(held.recent, now, settings);
  return again === undefined || settings.quarantineReleaseMinutes === 0 ? { release: true } : { release: false, until: again };
}

/** When a reading that failed is tried again. `failures` includes the one just now. Doubled each time, at most a day, with half of it random. */
export function nextReading(failures: number, now: Date, { pendingRetryMinutes }: Pick<DeliberationSettings, 'pendingRetryMinutes'>, random: number): Date {
  return new Date(now.getTime() + backoff({ maxAttempts: Infinity, baseMs: minutes(pendingRetryMinutes), capMs: hours(24), jitter: 0.5 }, failures, random));
}
