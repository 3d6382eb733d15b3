/** Keeps one service running: waits until it is ready, starts it again when it dies, and ends it for certain. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { commandLineOf, endProcess, isAlive, lastLines, startDetached, waitUntil } from './embedded/process.mjs';
import { SERVICE_NODE_OPTIONS } from './node-options.mjs';

/**
 * @typedef {object} ServiceOptions
 * @property {string} name
 * @property {string} main the script that Node runs
 * @property {NodeJS.ProcessEnv} env
 * @property {string} url where it listens; `/health/ready` below it answers 200 when it can work
 * @property {string} logFile
 * @property {string} pidFile by which the next start finds what a killed one left
 * @property {(line: string) => void} say
 * @property {() => void} [onRestart]
 * @property {number} [bootPatience] milliseconds
 * @property {(deaths: number) => number} [backoff] milliseconds before it is started again
 *
 * @typedef {{ name: string, url: string, pid: () => number, ready: () => Promise<void>, stop: () => Promise<void> }} Supervised
 */

/** How long a service may take to finish what it does after SIGTERM. */
const GRACE = 20_000;
/** A service that ran this long has recovered: its next death is a first one. */
const HEALTHY = 60_000;

/** @param {ServiceOptions} options @returns {Supervised} */
export function supervise({ name, main, env, url, logFile, pidFile, say, onRestart, bootPatience = 90_000, backoff = doubling }) {
  let child;
  let stopping = false;
  let wasReady = false;
  let deaths = 0;
  let restart;

  const start = (append) => {
    const started = Date.now();
    child = startDetached({ command: process.execPath, args: [...SERVICE_NODE_OPTIONS, main], env, logFile, append });
    mkdirSync(dirname(pidFile), { recursive: true });
    writeFileSync(pidFile, String(child.pid));
    child.once('exit', (code, signal) => {
      if (stopping || !wasReady) return;
      deaths = Date.now() - started > HEALTHY ? 1 : deaths + 1;
      const pause = backoff(deaths);
      say(`${name} ended with ${signal ?? `exit code ${code}`}, is started again in ${pause / 1000} s; its log is ${logFile}`);
      restart = setTimeout(() => {
        start(true);
        onRestart?.();
      }, pause);
    });
  };
  start(false);

  return {
    name,
    url,
    pid: () => child.pid ?? 0,
    ready: async () => {
      const state = await waitUntil(async () => (stopping || hasEnded(child) ? 'ended' : (await isReady(url)) ? 'ready' : undefined), bootPatience, 50);
      wasReady = state === 'ready' && !stopping;
      if (wasReady) return;
      const what = stopping ? 'was stopped before it was ready' : hasEnded(child) ? `ended at boot with ${child.signalCode ?? `exit code ${child.exitCode}`}` : `was not ready after ${bootPatience / 1000} s`;
      throw new Error(`${name} ${what}; its log ${logFile} ends with:\n${readable(lastLines(logFile, 15))}`);
    },
    stop: async () => {
      stopping = true;
      clearTimeout(restart);
      await endProcess(child.pid ?? 0, [['SIGTERM', GRACE]]);
      rmSync(pidFile, { force: true });
    },
  };
}

/** Ends a service that a killed start left running. @param {string} pidFile @param {string} main */
export async function stopLeftoverService(pidFile, main) {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  if (isAlive(pid) && commandLineOf(pid).includes(main)) await endProcess(pid, [['SIGTERM', 5000]]);
  rmSync(pidFile, { force: true });
}

function hasEnded(child) {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

async function isReady(url) {
  return fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2000) }).then((response) => response.ok, () => false);
}

function doubling(deaths) {
  return Math.min(30_000, 500 * 2 ** deaths);
}

/** A log line as a person reads it: services log JSON, an error that ends one early does not. */
function readable(text) {
  return text
    .split('\n')
    .map((line) => {
      try {
        const { msg, err } = JSON.parse(line);
        return [msg, err?.stack ?? err?.message].filter(Boolean).join('\n') || line;
      } catch {
        return line;
      }
    })
    .map((line) => `  ${line.replaceAll('\n', '\n  ')}`)
    .join('\n');
}
