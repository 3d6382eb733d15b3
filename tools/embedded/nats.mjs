/**
 * A nats-server of our own with JetStream, on 127.0.0.1 and a free port, with the same users and permissions as the production-shaped stack
 * (tools/nats/nats.conf): a service that asks for more than it may shows here first.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { commandLineOf, endProcess, freePort, isAlive, lastLines, startDetached, waitUntil } from './process.mjs';

/**
 * @typedef {object} EmbeddedNats
 * @property {number} port
 * @property {number} pid
 * @property {string} logFile
 * @property {(user: string) => string} url `nats://user:password@127.0.0.1:port`
 * @property {import('node:child_process').ChildProcess} process
 * @property {() => Promise<void>} stop
 */

const configFile = resolve(import.meta.dirname, '../nats/nats.conf');
/** Everyone who may connect; each has a user and permissions in nats.conf. */
export const NATS_USERS = ['intake', 'scheduler', 'notifier', 'backup', 'operator', 'worker'];

/**
 * Starts the server with its streams and log in `folder`. One that an earlier, killed start left running there is stopped first.
 * @param {{ folder: string, binary: string, port?: number }} options
 * @returns {Promise<EmbeddedNats>}
 */
export async function startNats({ folder, binary, port: wanted }) {
  const storeFolder = resolve(folder, 'jetstream');
  const pidFile = resolve(folder, 'nats.pid');
  const logFile = resolve(folder, 'nats.log');
  mkdirSync(folder, { recursive: true });
  await stopLeftoverNats(folder);
  const passwords = passwordsIn(folder);
  const env = { ...process.env, ...Object.fromEntries(NATS_USERS.map((user) => [passwordVariable(user), passwords[user]])) };
  for (let attempt = 1; ; attempt += 1) {
    const port = wanted ?? (await freePort());
    const args = ['--config', configFile, '--addr', '127.0.0.1', '--port', String(port), '--store_dir', storeFolder, '--pid', pidFile];
    const child = startDetached({ command: binary, args, env, logFile });
    if (await greets(port, child)) {
      return {
        port,
        pid: child.pid ?? 0,
        process: child,
        logFile,
        url: (user) => `nats://${user}:${passwords[user]}@127.0.0.1:${port}`,
        stop: () => endProcess(child.pid ?? 0, [['SIGTERM', 10_000]]).then(() => rmSync(pidFile, { force: true })),
      };
    }
    await endProcess(child.pid ?? 0);
    const log = lastLines(logFile);
    if (attempt >= 5 || !log.includes('address already in use')) throw new Error(`nats-server did not start; its log ${logFile} ends with:\n${log}`);
  }
}

/** The environment variable from which nats.conf reads a user's password. */
export function passwordVariable(user) {
  return `NATS_${user.toUpperCase()}_PASSWORD`;
}

/** Stops a server that runs on this folder's streams although the process that started it is gone. Harmless when there is none. */
export async function stopLeftoverNats(folder) {
  const pidFile = join(folder, 'nats.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  if (isAlive(pid) && commandLineOf(pid).includes(pidFile)) await endProcess(pid, [['SIGTERM', 10_000]]);
  rmSync(pidFile, { force: true });
}

/** Kept, so that a restarted server knows the clients of before. The letter in front keeps nats.conf from reading a number. */
function passwordsIn(folder) {
  const file = join(folder, 'passwords.json');
  const known = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const all = Object.fromEntries(NATS_USERS.map((user) => [user, known[user] ?? `p${randomBytes(16).toString('hex')}`]));
  writeFileSync(file, JSON.stringify(all, null, 2), { mode: 0o600 });
  return all;
}

/** A server that is ready sends INFO to whoever connects. */
async function greets(port, child) {
  const state = await waitUntil(async () => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return 'ended';
    return (await greeting(port)).startsWith('INFO') ? 'ready' : undefined;
  }, 30_000);
  return state === 'ready';
}

function greeting(port) {
  return new Promise((answer) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const settle = (text) => {
      socket.destroy();
      answer(text);
    };
    socket.setTimeout(1000, () => settle(''));
    socket.once('data', (data) => settle(String(data)));
    socket.once('error', () => settle(''));
  });
}
