/** A nats.conf for specs that need users and permissions. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@carillon/testing';

/** Writes the lines to a file of their own and resolves to its path. */
export async function natsConf(lines: string): Promise<string> {
  const file = join(temporaryFolder('nats-conf'), 'nats.conf');
  await writeFile(file, `${lines}\n`);
  return file;
}
