/** A nats.conf for specs that need users and permissions. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Writes the lines to a file of their own and resolves to its path. */
export async function natsConf(lines: string): Promise<string> {
  const file = join(await mkdtemp(join(process.env['TEST_FOLDER'] ?? tmpdir(), 'nats-conf-')), 'nats.conf');
  await writeFile(file, `${lines}\n`);
  return file;
}
