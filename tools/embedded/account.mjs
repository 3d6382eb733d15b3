/**
 * Postgres refuses to run as root, and containers and CI machines are root. Then its programs run as an account without rights that every
 * system has; where that account may not even enter the folder of the checkout (a clone under /root), it is lent the one right to pass.
 */
import { spawnSync } from 'node:child_process';
import { chownSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** @typedef {{ uid: number, gid: number } | undefined} Account undefined: the current user will do */

/**
 * Who runs Postgres on this data folder: its owner when it exists, else the account `postgres`, else `nobody`.
 * @param {string} dataFolder @returns {Account}
 */
export function unprivilegedAccount(dataFolder) {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(dataFolder, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  for (const name of ['postgres', 'nobody']) {
    const uid = idOf('-u', name);
    const gid = idOf('-g', name);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Error('Postgres does not run as root, and this system has neither an account "postgres" nor "nobody": run as a normal user');
}

function idOf(flag, name) {
  const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' });
  return status === 0 ? Number(stdout) : undefined;
}

/** Gives a path to the account. @param {string} path @param {Account} account */
export function giveTo(path, account) {
  if (account !== undefined) chownSync(path, account.uid, account.gid);
}

/**
 * How to spawn `command` as the account. `setpriv` replaces itself by the program, so the process number is the program's either way.
 * @param {string} command @param {string[]} args @param {Account} account @param {string[]} paths what the program must reach
 * @returns {{ command: string, args: string[], uid?: number, gid?: number }}
 */
export function commandAs(command, args, account, paths) {
  if (account === undefined) return { command, args };
  const closed = paths.map((path) => firstClosedFolder(path, account)).find((folder) => folder !== undefined);
  if (closed === undefined) return { command, args, ...account };
  if (spawnSync('setpriv', ['--version']).status !== 0) {
    throw new Error(`Postgres does not run as root, and ${closed} is closed to other accounts: open it (chmod o+x ${closed}), or run as a normal user`);
  }
  // The secure bit lets access(2), which asks for the real user, see the lent right too: initdb looks for its sibling with it.
  const lend = ['--inh-caps=-all,+dac_override', '--ambient-caps=+dac_override', '--securebits=+no_setuid_fixup'];
  return { command: 'setpriv', args: [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', ...lend, '--', command, ...args] };
}

/** The outermost folder on the way to `path` that the account may not enter. */
export function firstClosedFolder(path, account) {
  const ancestors = [];
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    ancestors.unshift(folder);
    if (folder === dirname(folder)) break;
  }
  return ancestors.find((folder) => {
    const { mode, uid, gid } = statSync(folder);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    return (mode & bit) === 0;
  });
}
