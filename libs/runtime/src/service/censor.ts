/** Takes secrets and people's words out of whatever is about to be logged, however deep they lie. */

/** Field names that never reach a log, compared without case, "-" and "_". */
const SECRET = new Set(['authorization', 'cookie', 'setcookie', 'password', 'token', 'accesstoken', 'bottoken', 'apikey', 'secret', 'key', 'databaseurl', 'natsurl', 'rawtext', 'text']);
/** user:password@ of a URL, wherever a message quotes one. */
const CREDENTIALS = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@:]*(?::[^\s/@]*)?@/gi;
/** Deeper than anything that we log on purpose. */
const DEEPEST = 8;

/** A copy that may be logged; errors become what pino writes of them. */
export function censored(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.replace(CREDENTIALS, '$1(secret)@');
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth === DEEPEST) return '(deeper)';
  if (Array.isArray(value)) return value.map((item) => censored(item, depth + 1));
  if (value instanceof Error) return censored(fieldsOf(value), depth + 1);
  if (Buffer.isBuffer(value)) return `(${value.length} bytes)`;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, isSecret(name) ? '(secret)' : censored(item, depth + 1)]));
}

const isSecret = (name: string): boolean => SECRET.has(name.toLowerCase().replace(/[-_]/g, ''));

/** An error's own fields hold requests and connections of libraries: those that are values say something, the rest is noise. */
function fieldsOf(error: Error): object {
  const own = Object.entries(error).filter(([name, item]) => name !== 'cause' && (typeof item !== 'object' || item === null));
  return { type: error.constructor.name, message: error.message, stack: error.stack, ...Object.fromEntries(own), ...(error.cause !== undefined && { cause: error.cause }) };
}
