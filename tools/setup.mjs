/**
 * From a bare clone to something that runs: packages installed, sources built. Both are asked first whether there is anything to do, so
 * that a second start costs milliseconds. Only Node here: this file runs before anything is installed.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { phase } from './progress.mjs';

const OLDEST_NODE = [20, 19];
const STAMP = 'node_modules/.carillon-built';

/** Throws when this Node is too old, installs what is missing, and builds what changed. @param {string} root the checkout */
export async function ensureReady(root) {
  checkNode(process.versions.node);
  await ensureInstalled(root);
  await ensureBuilt(root);
}

/** @param {string} version such as `20.19.0` */
export function checkNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new Error(`Carillon needs Node ${OLDEST_NODE.join('.')} or newer, this is ${version} (${process.execPath}): install a newer one from https://nodejs.org`);
}

/** Runs `npm ci` when what is installed is not what the lock file names. @param {string} root */
export async function ensureInstalled(root) {
  const lock = readJson(join(root, 'package-lock.json'));
  if (installationMatches(lock, readJson(join(root, 'node_modules/.package-lock.json')))) return linkProjects(root);
  const count = lock === undefined ? '' : `${Object.keys(lock.packages).length} `;
  await phase(`installing ${count}packages`, () => installPackages(root, lock !== undefined));
}

/** `npm ci` refuses a lock file that leaves out packages of other platforms, as npm itself writes them at times; `npm install` takes it. */
async function installPackages(root, locked) {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  if (!locked) return run('npm', ['install', ...quiet], root);
  await run('npm', ['ci', ...quiet], root).catch((error) => {
    if (!error.message.includes('code EUSAGE')) throw error;
    return run('npm', ['install', ...quiet], root);
  });
}

/**
 * npm writes what it installed into node_modules/.package-lock.json when it is done, and not before: the best stamp there is. Packages for
 * other platforms are in the lock file only, and projects of ours are links that need no npm.
 * @param {LockFile | undefined} wanted @param {LockFile | undefined} installed
 * @typedef {{ packages: Record<string, { version?: string, optional?: boolean, devOptional?: boolean, peer?: boolean, link?: boolean }> }} LockFile
 */
export function installationMatches(wanted, installed) {
  if (installed === undefined) return false;
  return Object.entries(wanted?.packages ?? {}).every(([path, entry]) => {
    if (!path.includes('node_modules/') || entry.link === true) return true;
    const found = installed.packages[path];
    return found === undefined ? entry.optional === true || entry.devOptional === true : found.version === entry.version;
  });
}

/** Links the projects that came since the last installation, as npm would: no reason to install everything again. @param {string} root */
export function linkProjects(root) {
  for (const project of projectsOf(root)) {
    const { name } = readJson(join(root, project, 'package.json'));
    const link = join(root, 'node_modules', name ?? '');
    if (name === undefined || existsSync(link)) continue;
    // A link whose project is gone is there for lstat alone.
    rmSync(link, { force: true });
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(process.platform === 'win32' ? join(root, project) : relative(dirname(link), join(root, project)), link, 'junction');
  }
}

/** Builds every project and the programs when a source, or something that was built, is not what it was after the last build. @param {string} root */
export async function ensureBuilt(root) {
  if (buildState(root) === 'current') return;
  await phase('building', async () => {
    await run(process.execPath, [join(root, 'node_modules/nx/dist/bin/nx.js'), 'run-many', '-t', 'build', '--outputStyle=static'], root);
    await run(process.execPath, [join(root, 'tools/program/bundle.mjs')], root);
  });
  recordBuild(root);
}

/** What is there now counts as built. @param {string} root */
export function recordBuild(root) {
  writeFileSync(join(root, STAMP), fingerprint(root));
}

/** Names the last build; the same name is the same build. @param {string} root @returns {string | undefined} */
export function lastBuild(root) {
  const stamp = join(root, STAMP);
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined;
}

/** @param {string} root @returns {'current' | 'stale' | 'missing'} */
export function buildState(root) {
  const projects = projectsOf(root);
  if (!existsSync(join(root, 'program')) || projects.some((project) => !existsSync(join(root, project, 'dist')))) return 'missing';
  return lastBuild(root) === fingerprint(root) ? 'current' : 'stale';
}

/** Name, size and time of every source and every built file: what was built by hand in between counts as changed, and costs one cached build. */
function fingerprint(root) {
  const files = projectsOf(root).flatMap((project) => [
    join(root, project, 'package.json'),
    ...filesIn(join(root, project, 'src')),
    ...filesIn(join(root, project, 'dist')),
  ]);
  files.push(...filesIn(join(root, 'program')), ...filesIn(join(root, 'tools/program')), join(root, 'nx.json'), join(root, 'tools/config/swcrc.json'), join(root, 'node_modules/.package-lock.json'));
  const hash = createHash('sha256');
  for (const file of files.sort()) {
    const found = statSync(file, { throwIfNoEntry: false });
    hash.update(`${relative(root, file)} ${found?.size} ${found?.mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function projectsOf(root) {
  return ['apps', 'libs', 'libs/pipelines'].flatMap((parent) => foldersIn(join(root, parent)).map((name) => join(parent, name))).filter((project) => existsSync(join(root, project, 'package.json')));
}

function foldersIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

function filesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    if (cause.code === 'ENOENT') return undefined;
    throw new Error(`${file} is not JSON: ${cause.message}`, { cause });
  }
}

/** Quiet while it works, everything it said when it fails. */
async function run(command, args, cwd) {
  const env = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true', SCARF_ANALYTICS: 'false', FORCE_COLOR: '0' };
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' && command === 'npm' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
  const status = await new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`${command} can not be started: ${cause.message}`, { cause })));
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status} in ${cwd}:\n${output.trim()}`);
}
