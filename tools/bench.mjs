/**
 * `npm run bench -- NAME [options]`: runs bench/NAME.mjs; progress goes to stderr, so that `--json` prints one object. `npm run bench -- --check` runs each of them
 * with `--quick` and holds what it prints to its shape, so that none rots unseen.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { didYouMean } from './options.mjs';
import { seconds } from './progress.mjs';
import { ensureReady } from './setup.mjs';

const root = resolve(import.meta.dirname, '..');
const [name = '', ...args] = process.argv.slice(2);
const names = existsSync(join(root, 'bench')) ? readdirSync(join(root, 'bench')).flatMap((file) => (file.endsWith('.mjs') ? [file.slice(0, -4)] : [])) : [];

if (!names.includes(name) && name !== '--check') {
  process.stderr.write(name === '' || name === '--help' ? `npm run bench -- NAME [--json] [--quick], where NAME is one of: ${names.join(', ')}\nnpm run bench -- --check    runs each with --quick, some minutes in all\n` : `There is no benchmark ${name}${didYouMean(name, names)}\n`);
  process.exit(name === '--help' ? 0 : 1);
}
try {
  await ensureReady(root);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
if (name === '--check') process.exit(await checkAll());
const child = start(name, args, 'inherit');
process.on('SIGINT', () => undefined);
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.once('exit', (code) => process.exit(code ?? 1));

function start(bench, options, stdout) {
  return spawn(process.execPath, ['--enable-source-maps', join(root, `bench/${bench}.mjs`), ...options], { cwd: root, stdio: ['inherit', stdout, 'inherit'] });
}

/** @returns {Promise<number>} the exit code: 1 when one of them failed, or printed something else than one result */
async function checkAll() {
  const problems = [];
  for (const bench of names) {
    const began = Date.now();
    const problem = await problemOf(bench);
    process.stderr.write(`${problem === undefined ? 'ok' : 'not ok'} ${bench} in ${seconds(Date.now() - began)}${problem === undefined ? '' : `: ${problem}`}\n`);
    if (problem !== undefined) problems.push(bench);
  }
  process.stdout.write(`${names.length - problems.length} passed, ${problems.length} failed\n`);
  return problems.length === 0 ? 0 : 1;
}

async function problemOf(bench) {
  const child = start(bench, ['--quick', '--json'], 'pipe');
  let text = '';
  child.stdout.on('data', (data) => (text += String(data)));
  const code = await new Promise((resolve) => child.once('close', (status, signal) => resolve(status ?? signal)));
  if (code !== 0) return `it ended with ${code}`;
  try {
    const result = JSON.parse(text);
    const missing = ['machine', 'figures', 'ratios'].filter((section) => typeof result[section] !== 'object');
    if (result.bench !== bench || missing.length > 0) return `it printed a result of "${result.bench}" without ${missing.join(', ') || 'its own name'}`;
    const odd = Object.entries(result.figures).filter(([, value]) => !Number.isFinite(value));
    return odd.length === 0 && Object.keys(result.figures).length > 0 ? undefined : `its figures are not numbers: ${odd.map(([key]) => key).join(', ') || 'there are none'}`;
  } catch (error) {
    return `it printed something else than one JSON object: ${error.message}`;
  }
}
