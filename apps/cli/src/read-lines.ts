/** A JSON Lines file, line by line, however long it is. node:readline also splits at U+2028, which JSON may hold. */
import { createReadStream } from 'node:fs';

export interface NumberedLine {
  /** 1 for the first. */
  number: number;
  text: string;
}

/** Some editors begin a file with one; it is no part of the first line. */
const BYTE_ORDER_MARK = /^\uFEFF/;

/** Yields every line that is not blank. @throws Error that names the file when it can not be read */
export async function* readLines(file: string): AsyncGenerator<NumberedLine> {
  let rest = '';
  let number = 0;
  let started = false;
  try {
    for await (const chunk of createReadStream(file, { encoding: 'utf8' })) {
      const lines = (rest + (started ? String(chunk) : String(chunk).replace(BYTE_ORDER_MARK, ''))).split('\n');
      started = true;
      rest = lines.pop() ?? '';
      for (const text of lines) {
        number += 1;
        if (text.trim() !== '') yield { number, text };
      }
    }
  } catch (cause) {
    throw new Error(`${file} can not be read: ${(cause as Error).message}`, { cause });
  }
  if (rest.trim() !== '') yield { number: number + 1, text: rest };
}

/** Groups of at most `size`, in order. */
export async function* inBatches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
