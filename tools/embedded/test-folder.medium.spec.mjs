import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLineOf, isAlive, waitUntil } from './process.mjs';
import { clearTestFolder, sweepTestFolders } from './test-folder.mjs';

const DEAD = 2 ** 22 + 1;
let parent;
let started;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'carillon-sweep-'));
  started = [];
});
afterEach(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(parent, { recursive: true, force: true });
});

function folderOf(owner) {
  const folder = join(parent, 'carillon-test-x');
  mkdirSync(folder);
  writeFileSync(join(folder, 'owner'), String(owner));
  return folder;
}
/** A process that lives until it is ended and shows the words in its command line. */
async function program(...words) {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1e6)', ...words], { stdio: 'ignore' });
  started.push(child);
  await waitUntil(() => commandLineOf(child.pid).includes('setInterval'), 5000);
  return child.pid;
}

it('ends the servers and services of a run, and nothing that only got their number', async () => {
  const folder = folderOf(process.pid);
  const [server, service, stranger] = [await program('--store_dir', join(folder, 'nats')), await program('program/intake.js'), await program('vim')];
  writeFileSync(join(folder, 'nats-1.pid'), String(server));
  writeFileSync(join(folder, 'intake-1.pid'), `${service}\nprogram/intake.js`);
  writeFileSync(join(folder, 'nats-2.pid'), String(stranger));
  await clearTestFolder(folder);
  expect([server, service, stranger].map(isAlive)).toEqual([false, false, true]);
  expect(existsSync(folder)).toBe(false);
});

it.each([['clears the folder of a run that is gone', DEAD, false], ['leaves the folder of a run that goes on', process.pid, true]])('%s', async (_case, owner, stays) => {
  const folder = folderOf(owner);
  await sweepTestFolders(parent);
  expect(existsSync(folder)).toBe(stays);
});
