/** `carillon new pipeline NAME` in a copy of this checkout: what it makes passes lint, types and its own specs, and the apps know it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workspace } from './harness.js';

const COPIED = ['apps', 'libs', 'program', 'tools', 'nx.json', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.base.json'];
const APPS = ['apps/scheduler/src/pipelines.ts', 'apps/notifier/src/furnish.ts', 'apps/cli/src/database.ts'];
const FOLDERS = ['libs/pipelines/disk-watch', 'libs/pipelines/disk-book'];

let copy = '';
beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), 'carillon-new-'));
  for (const name of COPIED) cpSync(join(workspace, name), join(copy, name), { recursive: true, filter: (path) => !path.includes('/node_modules') || path.includes('/program/') });
  mkdirSync(join(copy, 'node_modules/@carillon'), { recursive: true });
  for (const name of readdirSync(join(workspace, 'node_modules'))) if (!name.startsWith('.') && name !== '@carillon') symlinkSync(join(workspace, 'node_modules', name), join(copy, 'node_modules', name));
  // Ours are links to folders of the copy.
  for (const name of readdirSync(join(workspace, 'node_modules/@carillon'))) cpSync(join(workspace, 'node_modules/@carillon', name), join(copy, 'node_modules/@carillon', name), { verbatimSymlinks: true });
  // The linter asks Nx who may import whom, and takes its answer from here.
  await node('node_modules/nx/dist/bin/nx.js', 'show', 'projects');
  await carillon('new', 'pipeline', 'disk-watch');
  await carillon('new', 'pipeline', 'disk-book', '--store');
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe('a new pipeline', () => {
  it('is told what to do next, and refused where one is', async () => {
    expect((await carillon('new', 'pipeline', 'disk-log')).stdout).toMatch(/^Made libs\/pipelines\/disk-log \(11 files\), and registered it in\n(?: {2}apps\/\S+\n){3}\nNext\n {2}npm test -- libs\/pipelines\/disk-log /);
    expect(await carillon('new', 'pipeline', 'disk-log')).toMatchObject({ code: 1, stderr: 'carillon: libs/pipelines/disk-log is there already: choose another name, or remove that folder and its lines in the apps first\n' });
    for (const app of APPS) expect(readFileSync(join(copy, app), 'utf8')).toMatch(/'@carillon\/disk-book';\n.*'@carillon\/disk-log';\n.*'@carillon\/disk-watch';\n/);
  });

  it('passes the linter', async () => {
    expect(await node('node_modules/eslint/bin/eslint.js', '--config', 'tools/config/eslint.config.mjs', '--max-warnings', '0', ...FOLDERS, ...APPS)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('passes the compiler, together with the apps that host it', async () => {
    writeFileSync(join(copy, 'tsconfig.new.json'), JSON.stringify({ extends: './tsconfig.base.json', include: [...FOLDERS, ...APPS] }));
    expect(await node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.new.json', '--noEmit')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('passes its own specs', async () => {
    writeFileSync(join(copy, 'jest.new.mjs'), `import config from './tools/config/jest.config.mjs';\nexport default { ...config, rootDir: '.', roots: ${JSON.stringify(FOLDERS.map((folder) => `<rootDir>/${folder}`))}, globalSetup: undefined, globalTeardown: undefined };\n`);
    const { code, stdout, stderr } = await node('--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js', '--config', 'jest.new.mjs');
    expect(`${stdout}${code === 0 ? '' : stderr}`).toContain('15 passed, 0 failed');
  });

  it('is in the lock file as npm would write it', () => {
    const lines = (root: string): string[] => readFileSync(join(root, 'package-lock.json'), 'utf8').split('\n');
    const [was, is] = [lines(workspace), lines(copy)];
    expect(is.filter((line) => line.includes('disk-'))).toHaveLength(3 * 4);
    expect(is.length - was.length).toBe(3 * 8);
    expect(Object.keys((JSON.parse(is.join('\n')) as { packages: object }).packages).filter((path) => !path.includes('disk-'))).toEqual(Object.keys((JSON.parse(was.join('\n')) as { packages: object }).packages));
  });
});

const carillon = (...args: string[]): Promise<Finished> => node('--enable-source-maps', 'program/cli.js', ...args);

interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

function node(...args: string[]): Promise<Finished> {
  const { FORCE_COLOR: _none, ...inherited } = process.env;
  const env = { ...inherited, NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: copy, env, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }));
  });
}
