/**
 * Keeps what identifies a person away from models and from storage. Digits are `\p{Nd}`, not `\d`: JavaScript's `\d` does not see the
 * Persian and Arabic digits that half of the phone numbers are written in.
 */

/** What {@link findHighRiskPii} can find. */
export type HighRiskPii = 'long_digit_run' | 'email';

/** What stands in a redacted text for every address or number. */
export const redactionMarker = '[redacted]';

/** Lengths are bounded (RFC 5321: 64 before the @, 63 a label) so that a megabyte of letters costs linear time. */
const emailShape = /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63})+/gu;
/** Optional plus, a digit, seven or more digits, hyphens and spaces, a digit. */
const phoneShape = /\+?\p{Nd}[\p{Nd}\p{Pd} \t\u00a0\u200c]{7,}\p{Nd}/gu;
/** The same with the other ways to group digits, "(270) 555-0100" or "270.555.0100"; ten digits, or every price list would vanish. */
const groupedPhoneShape = /[+(]?\p{Nd}(?:[\p{Pd} \t\u00a0\u200c().]{0,3}\p{Nd}){9,}/gu;
const longDigitRun = /(?<![\p{L}\p{N}_])\p{Nd}{10,}(?![\p{L}\p{N}_])/u;

/** The text with every e-mail address and every phone-shaped string replaced by {@link redactionMarker}; all else stays as it is. */
export function redactForModel(text: string): string {
  return text.replace(emailShape, redactionMarker).replace(groupedPhoneShape, redactionMarker).replace(phoneShape, redactionMarker);
}

/**
 * The kinds of high-risk personal data in a text, each once: a word-bounded run of at least ten digits (phone, card, national id), or an
 * e-mail-shaped token. Empty when there is none.
 */
export function findHighRiskPii(text: string): HighRiskPii[] {
  const found: HighRiskPii[] = [];
  if (longDigitRun.test(text)) found.push('long_digit_run');
  if (text.search(emailShape) >= 0) found.push('email');
  return found;
}
