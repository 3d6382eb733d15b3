/** What a newcomer does first, in a clone of its own: `npm start`, with everything that may be in the way, and nothing left behind. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually, natsServer, testDatabase } from '@carillon/testing';
import { recordBuild } from '../tools/setup.mjs';
import { program, workspace } from './harness.js';
import type { RunningProgram } from './harness.js';

let clone: string;
const occupants: Server[] = [];
const started: RunningProgram[] = [];

beforeAll(async () => {
  clone = freshClone();
  for (const port of [4222, 5432]) await occupy(port);
});
afterAll(async () => {
  for (const one of started) one.kill('SIGINT');
  await Promise.all(started.map(({ finished }) => finished));
  for (const server of occupants) server.close();
  rmSync(clone, { recursive: true, force: true });
});

/** As git would leave it after an install and a build; the packages are those of this checkout, the libraries its own. */
function freshClone(): string {
  const folder = mkdtempSync(join(process.env['TEST_FOLDER'] ?? tmpdir(), 'clone-'));
  spawnSync('chmod', ['755', folder]);
  for (const name of ['apps', 'libs', 'tools', 'package.json', 'package-lock.json', 'nx.json']) cpSync(join(workspace, name), join(folder, name), { recursive: true, preserveTimestamps: true });
  const [from, to] = [join(workspace, 'node_modules'), join(folder, 'node_modules')];
  mkdirSync(to);
  for (const name of readdirSync(from)) if (name !== '@carillon' && !name.startsWith('.carillon')) symlinkSync(join(from, name), join(to, name));
  cpSync(join(from, '@carillon'), join(to, '@carillon'), { recursive: true, verbatimSymlinks: true });
  recordBuild(folder);
  return folder;
}

/** Somebody else's server, which speaks neither protocol; when one listens there already, so much the better. */
async function occupy(port: number): Promise<void> {
  const server = createServer((socket) => socket.end('not what you are looking for\n'));
  const listening = await new Promise<boolean>((resolve) => server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true)));
  if (listening) occupants.push(server);
}

function start(flags: string[], env: Record<string, string> = {}): RunningProgram {
  const one = program(process.execPath, ['tools/start.mjs', ...flags], { DATABASE_URL: undefined, NATS_URL: undefined, ...env }, clone);
  started.push(one);
  return one;
}

/** The command lines of all processes that run from, or on, the clone. */
function processesOfClone(): string[] {
  const commandLine = (pid: string): string => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return '';
    }
  };
  const all = existsSync('/proc/self/cmdline') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(commandLine) : spawnSync('ps', ['-Ao', 'args='], { encoding: 'utf8' }).stdout.split('\n');
  return all.filter((line) => line.includes(clone));
}

const runIn = (output: string): string | undefined => /^Run ([0-9a-f-]{36}) /m.exec(output)?.[1];
let firstRun: string | undefined;
/** Starts a database, four services and their story: ends what hangs, and says nothing about speed. */
const STORY_MS = 360_000;

it('tells its story from nothing and leaves nothing running, although the standard ports are taken', async () => {
  const { code, stdout, stderr } = await start(['--once']).finished;
  expect({ code, stderr: code === 0 ? '' : stderr, stdout: code === 0 ? '' : stdout }).toEqual({ code: 0, stderr: '', stdout: '' });
  expect(stderr).toMatch(/API key, shown only now and kept in .*: \S+/);
  expect(stdout).toMatch(/^ {2}\d+ accepted, .*rejected/m);
  expect(stdout).toContain('It rang by itself (threshold: ');
  expect(stdout).toMatch(/^ {2}cluster: done in .* — /m);
  expect(stdout).toMatch(/^Run [0-9a-f-]{36} succeeded in /m);
  expect(Number(/^(\d+) clusters$/m.exec(stdout)?.[1])).toBeGreaterThanOrEqual(8);
  expect(stdout).toMatch(/^On the ballot until \d{4}-/m);
  expect(stdout).toMatch(/^ {2}ballot_opened to channel:deliberation: dry-run$/m);
  expect(stdout).toMatch(/^Evidence: verified, 389 entries checked$/m);
  expect(stdout).toContain('Where to look next');
  firstRun = runIn(stdout);
  expect(processesOfClone()).toEqual([]);
}, STORY_MS);

it('starts again on what is there, and runs no second story', async () => {
  const { code, stdout, stderr } = await start(['--once']).finished;
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('no run is owed');
  expect(runIn(stdout)).toBe(firstRun);
  expect(stderr).not.toContain('API key');
  expect(processesOfClone()).toEqual([]);
}, STORY_MS);

it('says which variable is wrong when a service can not boot, and takes everything down', async () => {
  const { code, stderr } = await start([], { BATCH_THRESHOLD: '0' }).finished;
  expect(code).toBe(1);
  expect(stderr).toMatch(/(intake|scheduler) ended at boot with exit code 1/);
  expect(stderr).toContain('BATCH_THRESHOLD=0');
  expect(processesOfClone()).toEqual([]);
}, STORY_MS);

it('is gone with everything it started when Ctrl-C comes while it boots', async () => {
  const one = start([]);
  await eventually(() => processesOfClone().some((line) => line.includes('postgres')), { what: 'Postgres runs', within: 120_000 });
  one.kill('SIGINT');
  expect((await one.finished).code).toBe(130);
  expect(processesOfClone()).toEqual([]);
}, STORY_MS);

it('is gone with everything it started when Ctrl-C comes in the middle of the story', async () => {
  const one = start(['--fresh']);
  await eventually(() => one.output().includes('Waiting for the threshold to ring'), { what: 'the story began', within: 300_000 });
  one.kill('SIGINT');
  expect((await one.finished).code).toBe(0);
  expect(processesOfClone()).toEqual([]);
}, STORY_MS);

it('uses the servers that DATABASE_URL and NATS_URL name and starts none of its own', async () => {
  const [database, nats] = await Promise.all([testDatabase({ migrated: false }), natsServer()]);
  rmSync(join(clone, '.carillon'), { recursive: true, force: true });
  const one = start([], { DATABASE_URL: database.url, NATS_URL: nats.url });
  await eventually(() => one.output().includes('Carillon runs until Ctrl-C'), { what: 'the story is told', within: 300_000 }).catch((error: unknown) => {
    throw new Error(`it said:\n${one.output()}`, { cause: error });
  });
  expect(one.output()).toContain('Evidence: verified');
  expect(processesOfClone().filter((line) => /postgres|nats-server/.test(line))).toEqual([]);
  expect(existsSync(join(clone, '.carillon/postgres'))).toBe(false);
  expect(existsSync(join(clone, '.carillon/nats'))).toBe(false);
  one.kill('SIGINT');
  expect((await one.finished).code).toBe(0);
  expect(processesOfClone()).toEqual([]);
  await nats.stop();
  await database.drop();
}, STORY_MS);
