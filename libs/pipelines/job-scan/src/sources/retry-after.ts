/** `Retry-After`: seconds, or an HTTP date, which is read against the server's own clock. */

const LONGEST_MS = 86_400_000;

/** Milliseconds, a day at most; undefined when nothing, or nonsense, was said. */
export function retryAfterMs(header: string | null, serverNow: Date): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - serverNow.getTime();
  return Number.isFinite(milliseconds) ? Math.min(Math.max(0, milliseconds), LONGEST_MS) : undefined;
}
