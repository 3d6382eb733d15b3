/** The files of images, all of them below one folder. A path from a row is checked like one from outside: rows can be restored, and folders can hold links that lead elsewhere. */
import { mkdir, readFile, realpath, unlink, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { OutsideMediaRoot } from './errors.js';

/** Extensions by what the first bytes of a file say that it is. */
const SIGNATURES: readonly { type: string; extension: string; matches(bytes: Uint8Array): boolean }[] = [
  { type: 'image/jpeg', extension: 'jpg', matches: (bytes) => startsWith(bytes, [0xff, 0xd8, 0xff]) },
  { type: 'image/png', extension: 'png', matches: (bytes) => startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) },
  { type: 'image/gif', extension: 'gif', matches: (bytes) => ascii(bytes, 0, 6) === 'GIF87a' || ascii(bytes, 0, 6) === 'GIF89a' },
  { type: 'image/webp', extension: 'webp', matches: (bytes) => ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP' },
];

export interface ImageKind {
  type: string;
  extension: string;
}

/** What an image is by its content, whatever its name or its sender say; undefined for everything that is not one of the kinds that are taken. */
export function imageKind(bytes: Uint8Array): ImageKind | undefined {
  const found = SIGNATURES.find(({ matches }) => matches(bytes));
  return found && { type: found.type, extension: found.extension };
}

export class MediaRoot {
  private readonly root: string;

  constructor(folder: string) {
    this.root = resolve(folder);
  }

  /** Writes a new file, readable by this user alone. @param path below the root, such as "0199…/photo.jpg" */
  async write(path: string, bytes: Uint8Array): Promise<void> {
    const file = this.inside(path);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await this.checkLinks(dirname(file));
    await writeFile(file, bytes, { flag: 'wx', mode: 0o600 });
  }

  async read(path: string): Promise<Buffer> {
    const file = this.inside(path);
    await this.checkLinks(file);
    return readFile(file);
  }

  /** @returns false when it was gone already. @throws OutsideMediaRoot, or whatever keeps it from going */
  async remove(path: string): Promise<boolean> {
    const file = this.inside(path);
    try {
      // A link is removed itself; what matters is where its folder is.
      await this.checkLinks(dirname(file));
      await unlink(file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  private inside(path: string): string {
    const file = join(this.root, path);
    if (isAbsolute(path) || path.includes('\0') || !isBelow(this.root, file)) throw new OutsideMediaRoot(`the path "${path}" leads out of the media root: it is left alone`);
    return file;
  }

  private async checkLinks(file: string): Promise<void> {
    const [root, real] = [await realpath(this.root), await realpath(file)];
    if (real !== root && !isBelow(root, real)) throw new OutsideMediaRoot(`a link leads from "${relative(this.root, file)}" out of the media root: it is left alone`);
  }
}

function isBelow(root: string, file: string): boolean {
  const way = relative(root, file);
  return way !== '' && !way.startsWith('..') && !isAbsolute(way);
}

const startsWith = (bytes: Uint8Array, signature: readonly number[]): boolean => signature.every((byte, index) => bytes[index] === byte);
const ascii = (bytes: Uint8Array, from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));
