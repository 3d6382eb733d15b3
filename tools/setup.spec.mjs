import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildState, checkNode, installationMatches, linkProjects, recordBuild } from './setup.mjs';

describe('checkNode', () => {
  it.each(['20.19.0', '20.20.2', '22.0.0', '24.1.0'])('is content with %s', (version) => expect(() => checkNode(version)).not.toThrow());
  it.each(['18.20.0', '20.18.3'])('refuses %s and says what is needed', (version) =>
    expect(() => checkNode(version)).toThrow(`Carillon needs Node 20.19 or newer, this is ${version}`));
});

describe('installationMatches', () => {
  const wanted = {
    packages: {
      '': {},
      'apps/intake': { version: '0.1.0' },
      'node_modules/@carillon/intake': {},
      'node_modules/pg': { version: '8.0.0' },
      'node_modules/for-macs': { version: '1.0.0', optional: true },
    },
  };
  const installed = (pg) => ({ packages: { 'node_modules/@carillon/intake': {}, 'node_modules/pg': { version: pg } } });
  it.each([
    ['everything is there but what belongs to another platform', wanted, installed('8.0.0'), true],
    ['a version differs', wanted, installed('7.9.0'), false],
    ['a package is missing', wanted, { packages: { 'node_modules/pg': { version: '8.0.0' } } }, false],
    ['a project of ours came since', { packages: { ...wanted.packages, 'node_modules/@carillon/news': { resolved: 'libs/pipelines/news', link: true } } }, installed('8.0.0'), true],
    ['npm never finished', wanted, undefined, false],
    ['there is no lock file but an installation', undefined, installed('8.0.0'), true],
  ])('%s', (_case, lock, record, answer) => expect(installationMatches(lock, record)).toBe(answer));
});

it('a project that came since the last installation is linked, also in the place of one that is gone', () => {
  const root = mkdtempSync(join(tmpdir(), 'carillon-link-'));
  mkdirSync(join(root, 'libs/pipelines/news'), { recursive: true });
  writeFileSync(join(root, 'libs/pipelines/news/package.json'), '{ "name": "@carillon/news" }');
  mkdirSync(join(root, 'node_modules/@carillon'), { recursive: true });
  symlinkSync('../../libs/gone', join(root, 'node_modules/@carillon/news'));
  for (let time = 0; time < 2; time += 1) linkProjects(root);
  expect(realpathSync(join(root, 'node_modules/@carillon/news'))).toBe(realpathSync(join(root, 'libs/pipelines/news')));
  rmSync(root, { recursive: true });
});

describe('buildState', () => {
  let root;
  const write = (path, text = 'x') => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'carillon-build-'));
    write('node_modules/.package-lock.json');
    for (const project of ['apps/intake', 'libs/engine', 'libs/pipelines/news']) {
      write(`${project}/package.json`, '{}');
      write(`${project}/src/index.ts`);
      write(`${project}/dist/index.js`);
    }
    write('program/intake.js');
    recordBuild(root);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('is current after a build', () => expect(buildState(root)).toBe('current'));
  it.each([
    ['a source was touched', () => utimesSync(join(root, 'libs/engine/src/index.ts'), 1, 1)],
    ['a source is new', () => write('libs/pipelines/news/src/read.ts')],
    ['a source was removed', () => rmSync(join(root, 'apps/intake/src/index.ts'))],
    ['a built file was removed', () => rmSync(join(root, 'libs/engine/dist/index.js'))],
    ['a program was removed', () => rmSync(join(root, 'program/intake.js'))],
    ['the packages changed', () => write('node_modules/.package-lock.json', 'other')],
  ])('is stale when %s', (_case, change) => {
    change();
    expect(buildState(root)).toBe('stale');
  });
  it.each(['libs/engine/dist', 'program'])('is missing when %s was never built', (folder) => {
    rmSync(join(root, folder), { recursive: true });
    expect(buildState(root)).toBe('missing');
  });
});
