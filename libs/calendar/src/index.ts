/** Recurrence, and times as people say them. Pure: the time is an argument, the only source of zones is the JavaScript engine's. */
export { CalendarError } from './errors.js';
export { checkRecurrence, missedBy, nextOccurrence, occurrencesFrom } from './recurrence.js';
export type { Missed, MissedPolicy, Recurrence } from './recurrence.js';
export { ruleInstants } from './rule.js';
export type { RuleRecurrence } from './rule.js';
export { readSpokenTime } from './spoken-time.js';
export type { SpokenTime } from './spoken-time.js';
export { checkTimeZone, instantOfLocal, localTime, startOfLocalDay } from './local-time.js';
export { endOfQuiet } from './quiet-hours.js';
export type { QuietHours } from './quiet-hours.js';
export { instantInWords, previewInWords, recurrenceInWords } from './words.js';
