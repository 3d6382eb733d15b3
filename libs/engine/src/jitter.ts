/** Spreads schedules that fall due at the same instant: each starts later by a share of the bound that follows from its id and never changes. */
import type { Milliseconds } from './duration.js';

/** From 0 to just below `boundMs`, the same for the same id. */
export function jitterOf(scheduleId: string, boundMs: Milliseconds): Milliseconds {
  if (boundMs <= 0) return 0;
  return Math.floor((hash(scheduleId) / 2 ** 32) * boundMs);
}

/** FNV-1a, then mixed, since ids that were made one after the other differ in few bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
