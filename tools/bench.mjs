/** `npm run bench -- NAME [options]`: runs bench/NAME.mjs; progress goes to stderr, so that `--json` prints one object. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { didYouMean } from './options.mjs';
import { ensureReady } from './setup.mjs';

const root = resolve(import.meta.dirname, '..');
const [name = '', ...args] = process.argv.slice(2);
const names = existsSync(join(root, 'bench')) ? readdirSync(join(root, 'bench')).flatMap((file) => (file.endsWith('.mjs') ? [file.slice(0, -4)] : [])) : [];

if (!names.includes(name)) {
  process.stderr.write(name === '' || name === '--help' ? `npm run bench -- NAME [--json], where NAME is one of: ${names.join(', ')}\n` : `There is no benchmark ${name}${didYouMean(name, names)}\n`);
  process.exit(name === '--help' ? 0 : 1);
}
try {
  await ensureReady(root);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
const child = spawn(process.execPath, ['--enable-source-maps', join(root, `bench/${name}.mjs`), ...args], { cwd: root, stdio: 'inherit' });
process.on('SIGINT', () => undefined);
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.once('exit', (code) => process.exit(code ?? 1));
