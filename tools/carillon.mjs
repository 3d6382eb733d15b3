/** `npm run carillon -- …`: the command line against the running stack. Nothing of ours goes to stdout, which belongs to the command. */
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
const { operatorEnvironment, runningStack } = await import('./stack.mjs');
const state = runningStack(join(root, '.carillon'));
// What the environment says stands: an operator may mean another stack.
const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
const env = { ...(state === undefined ? {} : operatorEnvironment(state)), ...given };
// npm runs scripts in the root of the workspace; files are named from where the command was given.
const cwd = process.env.INIT_CWD || process.cwd();
const child = spawn(process.execPath, ['--enable-source-maps', join(root, 'program/cli.js'), ...process.argv.slice(2)], { env, cwd, stdio: 'inherit' });
process.on('SIGINT', () => undefined);
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.once('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
