/** Brings a database to the current schema, with the same command that an operator uses. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param {{ root: string, url: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<void>} rejects with what the command printed
 */
export async function migrate({ root, url, env = process.env }) {
  const main = join(root, 'apps/cli/dist/main.js');
  if (!existsSync(main)) throw new Error(`${main} is not there, so no database can be migrated: npm run build`);
  const child = spawn(process.execPath, ['--enable-source-maps', main, 'migrate'], { env: { ...env, DATABASE_URL: url }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
  const code = await new Promise((resolve) => child.once('close', (status, signal) => resolve(status ?? signal)));
  if (code !== 0) throw new Error(`carillon migrate ended with ${code}:\n${output.trim()}`);
}
