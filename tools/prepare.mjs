/** Installs and builds what is missing, and nothing more: for CI, and after a pull. */
import { resolve } from 'node:path';
import { ensureReady } from './setup.mjs';

try {
  await ensureReady(resolve(import.meta.dirname, '..'));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
