/** The answers that name a link or a reason, the same at the front door and in an import. */
import type { Candidate, Locale } from '../entities-intake.js';
import type { DeliberationSettings } from '../settings.js';
import { messagesIn } from '../texts/messages.js';

type PublicPlace = Pick<DeliberationSettings, 'appPublicBaseUrl'>;

export const acceptedMessage = (settings: PublicPlace, locale: Locale, { id, title }: Pick<Candidate, 'id' | 'title'>): string => messagesIn(locale).accepted(title, submissionLink(settings, locale, id));

export const pendingMessage = (settings: PublicPlace, locale: Locale): string => messagesIn(locale).pending(`${base(settings)}/${locale}/concerns`);

export const rejectedMessage = (locale: Locale, reason: string | null): string => messagesIn(locale).rejected(reason ?? '');

/** The permanent public address of an accepted concern. */
const submissionLink = (settings: PublicPlace, locale: Locale, candidateId: string): string => `${base(settings)}/${locale}/submission/${candidateId}`;

const base = ({ appPublicBaseUrl }: PublicPlace): string => appPublicBaseUrl.replace(/\/+$/, '');
