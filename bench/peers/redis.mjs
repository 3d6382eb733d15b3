/** A Redis for BullMQ, when this machine has one: its log is written each second, as Redis does by default where it is durable. Ours waits for the disk at each commit. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { folder } from '../lib/bench-folder.mjs';
import { accepts, freePort } from '../../tools/embedded/process.mjs';

/** @returns {string | undefined} its version; undefined when there is none: REDIS_SERVER_BIN, or redis-server on the path */
export const redisVersion = () => /v=(\S+)/.exec(spawnSync(program(), ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1];

const program = () => process.env['REDIS_SERVER_BIN'] ?? 'redis-server';

/** @template T @param {(port: number) => Promise<T>} work @returns {Promise<T>} */
export async function withRedis(work) {
  const [port, home] = [await freePort(), mkdtempSync(join(folder, 'redis-'))];
  const child = spawn(program(), ['--port', String(port), '--bind', '127.0.0.1', '--dir', home, '--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec', '--daemonize', 'no'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    for (let tries = 0; !(await accepts(port)); tries += 1) {
      if (tries > 100 || child.exitCode !== null) throw new Error('redis-server does not start');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return await work(port);
  } finally {
    child.kill('SIGTERM');
    await ended;
    rmSync(home, { recursive: true, force: true });
  }
}
