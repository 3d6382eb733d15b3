/** Whether a match is told, and how. Whatever is decided is recorded, so that the same version of a posting is decided once for each profile. */
import type { Delivery, FirstScan, ProfileConfig } from '../config/config.js';

/** `posting`, `run` and `day` are told: at once, or with the digest; the others say why not. */
export type AlertDecision = Delivery | 'baseline' | 'cosmetic' | 'muted' | 'elsewhere' | 'below' | 'nobody';

export interface Matched {
  score: number;
  /** The board, or the profile on this board, is looked at for the first time. */
  first: boolean;
  /** The posting, or its company. */
  muted: boolean;
  /** Whoever hears of this version heard all that it says when the one before was decided. */
  cosmetic: boolean;
}

/** Whether the same job was told from another board is asked later, under a lock. */
export function decideAlert(profile: Pick<ProfileConfig, 'minimumScore' | 'recipients' | 'delivery'>, firstScan: FirstScan, { score, first, muted, cosmetic }: Matched): AlertDecision {
  if (cosmetic) return 'cosmetic';
  if (muted) return 'muted';
  if (first && firstScan === 'baseline') return 'baseline';
  if (score < profile.minimumScore) return 'below';
  if (profile.recipients.length === 0) return 'nobody';
  return first && firstScan === 'digest' ? 'run' : profile.delivery;
}

export const isTold = (decision: AlertDecision): boolean => decision === 'posting' || decision === 'run' || decision === 'day';

/** The calendar day of a digest that is due by now, if it is: its time has come today in its zone. */
export function digestDay(now: Date, digestAt: string, timeZone: string): string | undefined {
  const parts = Object.fromEntries(new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).formatToParts(now).map(({ type, value }) => [type, value]));
  return `${parts['hour']}:${parts['minute']}` >= digestAt ? `${parts['year']}-${parts['month']}-${parts['day']}` : undefined;
}
