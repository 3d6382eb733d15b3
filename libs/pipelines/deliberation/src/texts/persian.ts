/** Numbers, times and directions for Persian sentences. Plain text: whoever reads it needs no markup to see it right. */

/** U+200F RIGHT-TO-LEFT MARK: a line whose first letter is Latin still begins at the right. */
export const RIGHT_TO_LEFT = '\u200F';

/** Text of an unknown language between U+2068 and U+2069, so that its direction stays its own (Unicode Standard Annex 9, isolates). */
export const isolated = (text: string): string => `\u2068${text}\u2069`;

/** Persian digits; the decimals are exact, none unless told. */
export function persianNumber(value: number, decimals = 0): string {
  return value.toLocaleString('fa', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** An instant to the minute in the Solar Hijri calendar, in UTC: the reader's zone is not known here. */
export function inPersian(time: Date): string {
  return `${DAY.format(time)}، ساعت ${MINUTE.format(time)} به وقت جهانی`;
}

// Formatted apart: how a day and a time are joined differs between versions of Unicode's locale data.
const DAY = new Intl.DateTimeFormat('fa-IR-u-ca-persian', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
const MINUTE = new Intl.DateTimeFormat('fa-IR', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: 'UTC' });
