/** Whether a board that could not be read is asked again within the same scan. */
import { TransientError } from '@carillon/engine';
import { BoardBusy } from '../sources/errors.js';

export const TRIES = 3;
/** Who asks for a longer pause gets it: that board is left to the next scan. */
const LONGEST_PAUSE_MS = 60_000;
const FIRST_PAUSE_MS = 2_000;

/** @param tried tries so far, this one included @returns milliseconds until the next try; undefined when this scan is over for the board */
export function pauseBeforeNextTry(error: unknown, tried: number): number | undefined {
  if (!(error instanceof TransientError) || tried >= TRIES) return undefined;
  const asked = error instanceof BoardBusy ? error.retryAfterMs : undefined;
  if (asked !== undefined && asked > LONGEST_PAUSE_MS) return undefined;
  return asked ?? FIRST_PAUSE_MS * 2 ** (tried - 1);
}
