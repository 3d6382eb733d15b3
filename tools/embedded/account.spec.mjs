import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandAs, firstClosedFolder } from './account.mjs';

/** A number that owns nothing here. */
const stranger = { uid: 54_321, gid: 54_321 };
let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carillon-account-'));
  mkdirSync(join(folder, 'checkout/data'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('finds the folder that keeps another account out', () => {
  chmodSync(folder, 0o700);
  expect(firstClosedFolder(join(folder, 'checkout/data'), stranger)).toBe(folder);
  chmodSync(folder, 0o711);
  expect(firstClosedFolder(join(folder, 'checkout/data'), stranger)).toBeUndefined();
});

it('changes nothing for a normal user', () => expect(commandAs('postgres', ['-D', 'x'], undefined, [folder])).toEqual({ command: 'postgres', args: ['-D', 'x'] }));

it('runs as the other account where that can reach everything', () => {
  chmodSync(folder, 0o755);
  expect(commandAs('postgres', [], stranger, [join(folder, 'checkout')])).toEqual({ command: 'postgres', args: [], ...stranger });
});
