/**
 * One temporary folder per test run holds all its servers' data and process numbers, so ending a run is clearing its folder, and a run that
 * was killed is cleared by the next one.
 */
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLineOf, endProcess, isAlive } from './process.mjs';
import { isPostgresOn } from './postgres.mjs';

const PREFIX = 'carillon-test-';

/** A new folder that says who owns it. @returns {string} */
export function makeTestFolder() {
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'owner'), String(process.pid));
  return folder;
}

/** Clears the folders of runs whose process is gone. */
export async function sweepTestFolders(parent = tmpdir()) {
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith(PREFIX))) {
    const owner = join(parent, name, 'owner');
    if (existsSync(owner) && !isAlive(Number(readFileSync(owner, 'utf8')))) await clearTestFolder(join(parent, name));
  }
}

/** Ends every server that runs in the folder, without waiting for what nobody will read again, and removes it. @param {string | undefined} folder */
export async function clearTestFolder(folder) {
  if (folder === undefined || !existsSync(folder)) return;
  const data = join(folder, 'postgres/data');
  for (const file of pidFiles(folder)) {
    const [number, program] = readFileSync(file, 'utf8').split('\n');
    const pid = Number(number);
    if (!isAlive(pid)) continue;
    const command = commandLineOf(pid);
    // SIGQUIT ends Postgres at once; nats-server would print its goroutines.
    if (isPostgresOn(command, data)) await endProcess(pid, [['SIGQUIT', 10_000]]);
    else if (command.includes(file.startsWith(data) ? data : program || folder)) await endProcess(pid, [['SIGKILL', 5000]]);
  }
  rmSync(folder, { recursive: true, force: true });
}

function pidFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory() && entry.name === 'postgres') return [join(folder, 'postgres/data/postmaster.pid')].filter(existsSync);
    return entry.name.endsWith('.pid') ? [join(folder, entry.name)] : [];
  });
}
