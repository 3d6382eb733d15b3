import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '@carillon/testing';
import fc from 'fast-check';
import { inBatches, readLines } from './read-lines.js';
import type { NumberedLine } from './read-lines.js';

const folder = temporaryFolder('read-lines');
/** What node:fs reads at once. */
const CHUNK = 64 * 1024;

async function linesOf(content: string): Promise<NumberedLine[]> {
  const file = join(folder, 'lines.jsonl');
  writeFileSync(file, content);
  return collected(readLines(file));
}

describe('a file', () => {
  it('is read line by line, numbered from 1, without the blank ones', async () => {
    expect(await linesOf('a\n\n  \nb\r\nc')).toEqual([{ number: 1, text: 'a' }, { number: 4, text: 'b\r' }, { number: 5, text: 'c' }]);
    expect(await linesOf('a\n')).toEqual([{ number: 1, text: 'a' }]);
    expect(await linesOf('')).toEqual([]);
  });

  it('has no line end at U+2028, U+2029 or a lone carriage return', async () => {
    expect(await linesOf('"a\u2028b\u2029c\rd"\n"e"')).toEqual([{ number: 1, text: '"a\u2028b\u2029c\rd"' }, { number: 2, text: '"e"' }]);
  });

  it.each([0, 1, 2, 3])('keeps lines and characters whole that lie across a border of what is read at once (%i bytes before it)', async (before) => {
    const long = `${'x'.repeat(CHUNK - before)}🚲`;
    expect(await linesOf(`${long}\nnext`)).toEqual([{ number: 1, text: long }, { number: 2, text: 'next' }]);
    const ends = 'y'.repeat(CHUNK - before);
    expect(await linesOf(`${ends}\nnext`)).toEqual([{ number: 1, text: ends }, { number: 2, text: 'next' }]);
  });

  it('may begin with a byte order mark, which is no part of its first line', async () => {
    expect(await linesOf('\uFEFF{"a":1}\n\uFEFFb')).toEqual([{ number: 1, text: '{"a":1}' }, { number: 2, text: '\uFEFFb' }]);
  });

  it('that is not there is named', async () => {
    await expect(collected(readLines(join(folder, 'nowhere.jsonl')))).rejects.toThrow(/nowhere\.jsonl can not be read: ENOENT/);
  });
});

it('batches hold everything once, in order, and all but the last are full', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer()), fc.integer({ min: 1, max: 7 }), async (items, size) => {
      const batches = await collected(inBatches(given(items), size));
      expect(batches.flat()).toEqual(items);
      expect(batches.slice(0, -1).every((batch) => batch.length === size)).toBe(true);
      expect(batches.every((batch) => batch.length > 0 && batch.length <= size)).toBe(true);
    }),
  );
});

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function* given<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
