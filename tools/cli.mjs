/** What the tools need of the command line: the same commands that an operator uses, so there is one way to migrate and to make a key. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Brings a database to the current schema.
 * @param {{ root: string, url: string, env?: NodeJS.ProcessEnv }} options
 */
export async function migrate({ root, url, env = process.env }) {
  await runCarillon(root, ['migrate'], { ...env, DATABASE_URL: url });
}

/**
 * Makes the operator's API key and keeps it, readable by its owner only, unless that was done before.
 * @param {{ root: string, url: string, file: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<string | undefined>} the key when it is new
 */
export async function ensureApiKey({ root, url, file, env = process.env }) {
  if (existsSync(file)) return undefined;
  const key = (await runCarillon(root, ['keys', 'issue', 'operator'], { ...env, DATABASE_URL: url })).trim();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${key}\n`, { mode: 0o600 });
  return key;
}

/** Resolves to what the command wrote to stdout; rejects with everything it said. */
async function runCarillon(root, args, env) {
  const main = join(root, 'apps/cli/dist/main.js');
  if (!existsSync(main)) throw new Error(`${main} is not there, so carillon ${args[0]} can not run: npm run build`);
  const child = spawn(process.execPath, ['--enable-source-maps', main, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let result = '';
  let output = '';
  child.stdout.on('data', (data) => (result += String(data)));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
  const code = await new Promise((resolve) => child.once('close', (status, signal) => resolve(status ?? signal)));
  if (code !== 0) throw new Error(`carillon ${args.join(' ')} ended with ${code}:\n${output.trim()}`);
  return result;
}
