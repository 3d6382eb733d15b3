/**
 * What starting and stopping processes of our own takes: a free port, whether a process number is still alive and still the program we
 * think it is, and an end that is certain. Only Node here: this runs before anything is installed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { dirname } from 'node:path';
import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * A port on 127.0.0.1 that nobody listens on. Chosen below the range from which the system takes the source ports of outgoing
 * connections, so it can not be lost to one between this check and its use; another listener still may, so callers start again on failure.
 * @returns {Promise<number>}
 */
export async function freePort() {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = randomInt(20_000, 32_000);
    if (await canListen(port)) return port;
  }
  throw new Error('No free port between 20000 and 32000 on 127.0.0.1 after 200 tries: close something that listens there');
}

function canListen(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Whether something accepts TCP connections at the port. @param {number} port @param {string} [host] */
export function accepts(port, host = '127.0.0.1') {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    const settle = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1000, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

/**
 * Starts a program in a process group of its own, so that Ctrl-C in the terminal reaches only us and we choose the order of the ends.
 * Its output goes to `logFile`, which is begun anew unless `append` is set.
 * @param {{ command: string, args: string[], env?: NodeJS.ProcessEnv, cwd?: string, uid?: number, gid?: number, logFile: string, append?: boolean }} program
 */
export function startDetached({ command, args, env = process.env, cwd, uid, gid, logFile, append = false }) {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, append ? 'a' : 'w', 0o600);
  const child = spawn(command, args, { env, cwd, uid, gid, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.on('error', (error) => writeFileSync(logFile, `${command} can not be started: ${error.message}\n`, { flag: 'a' }));
  return child;
}

/** A process that has ended but was not yet collected by its parent counts as dead. @param {number | undefined} pid */
export function isAlive(pid) {
  if (!pid || !Number.isInteger(pid) || pid < 1) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return process.platform !== 'linux' || existsSync(`/proc/${pid}`);
  }
}

/** The command line of a process, or '' when it is gone: process numbers are used again, so a recorded one proves nothing alone. */
export function commandLineOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() ?? '';
  }
}

/**
 * Ends a process: each signal in turn with its patience in milliseconds, SIGKILL to the whole group last.
 * @param {number} pid @param {[NodeJS.Signals, number][]} signals
 * @returns {Promise<NodeJS.Signals | undefined>} the signal that was needed, undefined when it was dead already
 */
export async function endProcess(pid, signals = [['SIGTERM', 10_000]]) {
  for (const [signal, patience] of signals) {
    if (!isAlive(pid)) return undefined;
    tryKill(pid, signal);
    if (await waitUntil(() => !isAlive(pid), patience)) return signal;
  }
  tryKill(-pid, 'SIGKILL');
  tryKill(pid, 'SIGKILL');
  await waitUntil(() => !isAlive(pid), 5000);
  return 'SIGKILL';
}

function tryKill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH' && error.code !== 'EPERM') throw error;
  }
}

/** Asks until the answer is truthy; undefined after `patience` milliseconds. */
export async function waitUntil(ask, patience, every = 20) {
  const end = Date.now() + patience;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() >= end) return undefined;
    await wait(every);
  }
}

/** The last lines of a log, for an error that must explain itself. @param {string} file */
export function lastLines(file, count = 20) {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  } catch {
    return '';
  }
}
