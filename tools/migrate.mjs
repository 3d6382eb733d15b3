/** What must be done to a database before services can use it, with the same commands that an operator uses. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Brings a database to the current schema.
 * @param {{ root: string, url: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<void>} rejects with what the command printed
 */
export async function migrate(options) {
  await carillon(['migrate'], options);
}

/**
 * Makes the API key that this machine's commands use, unless its file is there: shown once, kept for the owner only.
 * @param {{ root: string, url: string, file: string, fresh: boolean, say: (line: string) => void, env?: NodeJS.ProcessEnv }} options `fresh`: keys of an earlier database are worth nothing
 */
export async function ensureLocalKey({ file, fresh, say, ...options }) {
  if (existsSync(file) && !fresh) return;
  const key = (await carillon(['keys', 'issue', 'local'], options)).trim();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${key}\n`, { mode: 0o600 });
  say(`API key, shown only now and kept in ${file}: ${key}`);
}

async function carillon(args, { root, url, env = process.env }) {
  const main = join(root, 'program/cli.js');
  const child = spawn(process.execPath, ['--enable-source-maps', main, ...args], { env: { ...env, DATABASE_URL: url }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.on('data', (data) => (output += String(data)));
  child.stderr.on('data', (data) => (errors += String(data)));
  const code = await new Promise((resolve) => child.once('close', (status, signal) => resolve(status ?? signal)));
  if (code !== 0) throw new Error(`carillon ${args.join(' ')} ended with ${code}:\n${(errors + output).trim()}`);
  return output;
}
