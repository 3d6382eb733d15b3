import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holderOf, takeLock } from './lock.mjs';

let folder;
let file;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carillon-lock-'));
  file = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('is held until it is given back', () => {
  const giveBack = takeLock(file);
  expect(holderOf(file)).toBe(process.pid);
  expect(() => takeLock(file)).toThrow(`Carillon runs already here (process ${process.pid}`);
  giveBack();
  expect(holderOf(file)).toBeUndefined();
  takeLock(file)();
});
it.each([
  ['its holder is dead', JSON.stringify({ pid: 2 ** 22 + 1, command: 'node tools/start.mjs' })],
  ['its number now belongs to another program', JSON.stringify({ pid: process.pid, command: 'node tools/start.mjs' })],
  ['it was written half', '{"pid":'],
])('is taken when %s', (_case, content) => {
  writeFileSync(file, content);
  takeLock(file);
  expect(holderOf(file)).toBe(process.pid);
});
