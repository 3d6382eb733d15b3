/** What somebody wrote about a time can not be read. The message says the value, and what would be right. */
export class CalendarError extends Error {
  override readonly name = 'CalendarError';
}
