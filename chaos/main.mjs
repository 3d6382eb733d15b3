/** `npm run chaos`: harms the engine in every way that docs/chaos.md lists, and counts afterwards what was lost and what was doubled. */
import { resolve } from 'node:path';
import { ensureReady } from '../tools/setup.mjs';
import { parseOptions, HELP } from './lib/options.mjs';

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(HELP);
  else {
    await ensureReady(resolve(import.meta.dirname, '..'));
    // Only now is there anything to import.
    const { chaos } = await import('./chaos.mjs');
    const code = await chaos(options);
    // A socket that some fault left half-closed must not keep us here.
    process.stdout.write('', () => process.exit(code));
  }
} catch (error) {
  process.stderr.write(`${error.stack ?? error}\n`);
  process.exitCode = 1;
}
