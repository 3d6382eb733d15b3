import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for one spec, gone when the test run is over. */
export function temporaryFolder(name: string): string {
  return mkdtempSync(join(process.env['TEST_FOLDER'] ?? tmpdir(), `${name}-`));
}
