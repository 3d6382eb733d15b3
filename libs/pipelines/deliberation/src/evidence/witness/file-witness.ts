/**
 * A file that daily roots are appended to, one JSON object a line: in a git working copy that somebody pushes, on a mounted archive, or in a folder that is mailed out. What
 * makes it a witness is that copies of it leave the house.
 */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { isAbsolute, normalize } from 'node:path';
import { InvalidDeliberationSettings, WitnessRefused } from '../../errors.js';
import type { DailyRoot } from '../roots-and-proofs.js';
import type { Witness } from './witness.js';

export class FileWitness implements Witness {
  readonly name: string;

  /** @throws InvalidDeliberationSettings for a path that depends on where the process was started */
  constructor(private readonly path: string) {
    if (!isAbsolute(path) || normalize(path) !== path) throw new InvalidDeliberationSettings(`WITNESS_FILE is "${path}": write the absolute path of a file, without "." or ".."`);
    this.name = `file:${path}`;
  }

  async publish(root: DailyRoot): Promise<string> {
    // No link is followed: what lies at this path is the file itself, or nothing.
    const file = await open(this.path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW, 0o644);
    try {
      const before = await file.readFile('utf8');
      const line = JSON.stringify(root);
      const known = linesOf(before).findIndex((one) => one.day === root.day);
      if (known < 0) await append(file, before, line);
      else if (JSON.stringify(linesOf(before)[known]) !== line) throw new WitnessRefused(this.name, `line ${known + 1} holds another root of ${root.day}: one of the two is forged, compare both with copies that others have`);
      return `line ${known < 0 ? linesOf(before).length + 1 : known + 1}`;
    } finally {
      await file.close();
    }
  }
}

/** A line that was cut off by a crash is ended first, so that it spoils itself alone. */
async function append(file: FileHandle, before: string, line: string): Promise<void> {
  await file.write(`${before === '' || before.endsWith('\n') ? '' : '\n'}${line}\n`);
  await file.sync();
}

/** Lines that are no roots count too: a receipt names a line as an editor shows it. */
function linesOf(text: string): { day?: unknown }[] {
  return text
    .split('\n')
    .slice(0, text.endsWith('\n') ? -1 : undefined)
    .filter((line, index, all) => line !== '' || index < all.length - 1)
    .map(parsed);
}

function parsed(line: string): { day?: unknown } {
  try {
    return (JSON.parse(line) as { day?: unknown } | null) ?? {};
  } catch {
    return {};
  }
}
