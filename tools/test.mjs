/** `npm test` from nothing: installs, builds, and runs every spec; what follows `--` goes to jest (`npm test -- libs/engine`). */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { ensureReady } from './setup.mjs';

const root = resolve(import.meta.dirname, '..');

try {
  await ensureReady(root);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
const args = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', join(root, 'node_modules/jest/bin/jest.js')];
const child = spawn(process.execPath, [...args, '--config', join(root, 'tools/config/jest.config.mjs'), ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
// Ctrl-C reaches jest by itself, and its setup ends the servers; leaving before it is done would orphan them. Other signals come to us alone.
process.on('SIGINT', () => undefined);
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.once('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)));
