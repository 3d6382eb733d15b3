/**
 * A month of history as gzipped JSON Lines, one file a table: written under a temporary name, synced, renamed, read back and counted. Whatever a crash
 * leaves is either a temporary file, which the next attempt replaces, or a whole one, which it counts and keeps.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { countRows, historyMonths, MonthNotOver, rowsOf } from '@carillon/persistence';
import type { DataSource } from 'typeorm';

export interface ArchivedTable {
  table: string;
  file: string;
  rows: number;
  bytes: number;
}

export class ArchiveBroken extends Error {
  override readonly name = 'ArchiveBroken';
}

/** Exports every table of a month into the folder, but for those that lie there whole already. @throws MonthNotOver, ArchiveBroken */
export async function exportMonth(dataSource: DataSource, month: string, folder: string): Promise<ArchivedTable[]> {
  const found = (await historyMonths(dataSource)).find((one) => one.month === month);
  if (!found) throw new MonthNotOver(`there is no history of ${month} to export`);
  await mkdir(folder, { recursive: true });
  const archived: ArchivedTable[] = [];
  for (const { name } of found.tables) archived.push(await exportTable(dataSource, name, join(folder, `${name}.jsonl.gz`)));
  return archived;
}

async function exportTable(dataSource: DataSource, table: string, file: string): Promise<ArchivedTable> {
  const before = await countLines(file).catch(() => undefined);
  if (before === undefined || before !== (await countRows(dataSource, table))) {
    const written = await writeWhole(file, rowsOf(dataSource, table));
    const kept = await countLines(file);
    if (kept !== written) throw new ArchiveBroken(`${file} has ${kept} rows where ${written} were written: look at the disk; nothing was dropped`);
  }
  return { table, file, rows: await countLines(file), bytes: (await stat(file)).size };
}

/** @returns how many lines were written */
async function writeWhole(file: string, batches: AsyncIterable<string[]>): Promise<number> {
  const temporary = `${file}.part`;
  let lines = 0;
  const text = async function* (): AsyncGenerator<string> {
    for await (const rows of batches) {
      lines += rows.length;
      yield `${rows.join('\n')}\n`;
    }
  };
  await pipeline(Readable.from(text()), createGzip(), createWriteStream(temporary));
  await sync(temporary);
  await rename(temporary, file);
  await sync(join(file, '..'));
  return lines;
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** @throws when the file is not there, or is not whole */
async function countLines(file: string): Promise<number> {
  let lines = 0;
  await pipeline(createReadStream(file), createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
  });
  return lines;
}
