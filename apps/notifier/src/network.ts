/** What the errors of Node's fetch say about a request: whether it was made at all. */

/** System calls that come before the first byte of a request. */
const BEFORE_SENDING = new Set(['connect', 'getaddrinfo']);
/** The same from fetch's own connector and from TLS, whose errors name no system call. */
const BEFORE_SENDING_CODES = /^(UND_ERR_CONNECT_TIMEOUT|ERR_INVALID_URL|ERR_TLS_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/;

interface SystemError {
  code?: unknown;
  syscall?: unknown;
  cause?: unknown;
  errors?: unknown;
}

/** fetch wraps the system's error as its cause, and several of them, one per address tried, as an AggregateError. */
export function neverConnected(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, syscall, cause, errors } = error as SystemError;
  if (Array.isArray(errors) && errors.length > 0) return errors.every((one) => neverConnected(one));
  if (BEFORE_SENDING.has(String(syscall)) || BEFORE_SENDING_CODES.test(String(code))) return true;
  return neverConnected(cause);
}

export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown error';
  const { code, cause } = error as SystemError;
  if (typeof code === 'string') return code;
  return cause === undefined ? nameOf(error) : codeOf(cause);
}

export function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : typeof error;
}
