/** The sample that ships with the pipeline: see sample/README.md. */
import { resolve } from 'node:path';

/** JSON Lines, one submission each. The same place seen from the sources and from the build. */
export const sampleFile = resolve(import.meta.dirname, '../sample/submissions.jsonl');
