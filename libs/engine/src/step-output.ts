/** How much a step may hand on inline. What is larger is kept beside the run, and handed on by reference. */
import { PermanentError } from './errors.js';
import type { JsonObject } from './outcome.js';

const MAX_OUTPUT_BYTES = 64 * 1024;

/** @param what whose output it is: `step "fetch"` @throws PermanentError with the remedy when it is too large */
export function boundedOutput(what: string, output: JsonObject): JsonObject {
  const bytes = Buffer.byteLength(JSON.stringify(output));
  if (bytes > MAX_OUTPUT_BYTES) throw new PermanentError(`the output of ${what} is ${bytes} bytes; at most ${MAX_OUTPUT_BYTES} are handed on. Keep the value with context.keep(name, value) and hand on the reference, or keep the data in a table and its id in the output`);
  return output;
}
