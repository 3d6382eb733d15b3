/**
 * Finds a nats-server, and fetches one when the machine has none. Nothing is installed into the system: Debian's package is unpacked into
 * our own folder (installing it would also start a server on the standard port), a release archive likewise.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * @typedef {{ kind: 'override', path: string } | { kind: 'installed', path: string } | { kind: 'fetched', path: string }
 *   | { kind: 'apt' } | { kind: 'download', version: string, name: string, sha256: string }} Source
 */

/** The oldest server that has every JetStream feature we use; it is what Debian 12 ships. */
export const OLDEST_SERVER = '2.9.10';

/**
 * SHA-256 of the release archives, so that what is downloaded is what was read when this was written. Linux: from the official container
 * build (nats-io/nats-docker, 2.10.x/alpine3.22/Dockerfile). macOS: from Hermit's package list (cashapp/hermit-packages, nats-server.hcl),
 * which takes them from the SHA256SUMS of the release; its newest is 2.10.10.
 */
const RELEASES = {
  'linux-x64': { version: '2.10.29', name: 'linux-amd64', sha256: 'e314da74a83a1d3876db8814c27eb990fe729640fd6452025b441bcede8390da' },
  'linux-arm64': { version: '2.10.29', name: 'linux-arm64', sha256: 'da4b27942ecfb4c5f0c54553d2e7f470ddda9d7581cfe8131b351a0e223ed401' },
  'darwin-x64': { version: '2.10.10', name: 'darwin-amd64', sha256: '5b6bfed8f75ecb2f6465b87334f4e757a66c32b6c5f802e964a080a3716ffffb' },
  'darwin-arm64': { version: '2.10.10', name: 'darwin-arm64', sha256: '8af6cbd8f3f21bcec164d17bc879d3e7807cd98e1c7839ac668986a71c4e52c6' },
};

/**
 * The path of a usable nats-server, fetched into `binFolder` if need be.
 * @param {{ binFolder: string, env?: NodeJS.ProcessEnv, say?: (line: string) => void }} options
 * @returns {Promise<string>}
 */
export async function findNatsServer({ binFolder, env = process.env, say = () => undefined }) {
  const failures = [];
  const machine = { platform: process.platform, arch: process.arch, hasApt: spawnSync('apt-get', ['--version']).status === 0 };
  for (const source of sourcesOfNatsServer({ env, binFolder, ...machine })) {
    const path = await obtain(source, binFolder, say).catch((error) => void failures.push(`${source.kind}: ${error.message}`));
    if (path === undefined) continue;
    const problem = problemWith(path);
    if (problem === undefined) return path;
    if (source.kind === 'override') throw new Error(`NATS_SERVER_BIN=${path} ${problem}: point it at a nats-server ${OLDEST_SERVER} or newer`);
    failures.push(`${path} ${problem}`);
  }
  throw new Error(
    [
      'There is no nats-server on this machine and none could be fetched.',
      ...failures.map((failure) => `  ${failure}`),
      `Install ${OLDEST_SERVER} or newer (Debian and Ubuntu: apt-get install nats-server; macOS: brew install nats-server; others:`,
      'https://github.com/nats-io/nats-server/releases), or set NATS_SERVER_BIN to its path, or NATS_URL to a server that runs already.',
    ].join('\n'),
  );
}

/**
 * Where to look, in order. A pure decision: nothing is touched.
 * @param {{ env: NodeJS.ProcessEnv, binFolder: string, platform: string, arch: string, hasApt: boolean }} machine
 * @returns {Source[]}
 */
export function sourcesOfNatsServer({ env, binFolder, platform, arch, hasApt }) {
  if (env.NATS_SERVER_BIN) return [{ kind: 'override', path: env.NATS_SERVER_BIN }];
  // Debian puts servers into sbin, which is not on a normal user's PATH.
  const folders = [...(env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'].filter(Boolean);
  const release = RELEASES[`${platform}-${arch}`];
  return [
    ...[...new Set(folders)].map((folder) => ({ kind: 'installed', path: join(folder, 'nats-server') })),
    { kind: 'fetched', path: join(binFolder, 'nats-server') },
    ...(hasApt && platform === 'linux' ? [{ kind: 'apt' }] : []),
    ...(release ? [{ kind: 'download', ...release }] : []),
  ];
}

/** The version in `nats-server: v2.9.10`, as numbers. @param {string} text @returns {[number, number, number] | undefined} */
export function serverVersion(text) {
  const found = /v(\d+)\.(\d+)\.(\d+)/.exec(text);
  return found ? [Number(found[1]), Number(found[2]), Number(found[3])] : undefined;
}

function problemWith(path) {
  const { status, stdout, error } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  const version = status === 0 ? serverVersion(stdout) : undefined;
  if (version === undefined) return `is not a nats-server that runs here (${error?.message ?? `exit code ${status}`})`;
  const oldest = serverVersion(`v${OLDEST_SERVER}`);
  const difference = version.map((part, place) => part - oldest[place]).find((part) => part !== 0) ?? 0;
  return difference < 0 ? `is version ${version.join('.')}, older than ${OLDEST_SERVER}` : undefined;
}

async function obtain(source, binFolder, say) {
  if (source.kind === 'apt') return fetchWithApt(binFolder, say);
  if (source.kind === 'download') return download(source, binFolder, say);
  return source.kind === 'override' || existsSync(source.path) ? source.path : undefined;
}

/** apt verifies the package against Debian's signed lists. A normal user can do this too, when the lists are there. */
function fetchWithApt(binFolder, say) {
  return inScratch(binFolder, (scratch) => {
    say('fetching nats-server with apt-get');
    const fetched = () => run('apt-get', ['download', 'nats-server'], scratch);
    if (fetched() !== undefined) {
      if (process.getuid?.() === 0) run('apt-get', ['update', '-qq'], scratch);
      const problem = fetched();
      if (problem !== undefined) throw new Error(problem);
    }
    const archive = readdirSync(scratch).find((name) => name.endsWith('.deb'));
    const problem = run('dpkg-deb', ['--extract', archive ?? '', 'unpacked'], scratch);
    if (problem !== undefined) throw new Error(problem);
    return join(scratch, 'unpacked/usr/sbin/nats-server');
  });
}

async function download({ version, name, sha256 }, binFolder, say) {
  const folder = `nats-server-v${version}-${name}`;
  const address = `https://github.com/nats-io/nats-server/releases/download/v${version}/${folder}.tar.gz`;
  say(`fetching ${address}`);
  const response = await fetch(address, { signal: AbortSignal.timeout(120_000) }).catch((cause) => {
    throw new Error(`${address} can not be reached (${cause.cause?.code ?? cause.message})`, { cause });
  });
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  const archive = Buffer.from(await response.arrayBuffer());
  const actual = createHash('sha256').update(archive).digest('hex');
  if (actual !== sha256) throw new Error(`${address} has SHA-256 ${actual}, expected ${sha256}: not used`);
  return inScratch(binFolder, (scratch) => {
    writeFileSync(join(scratch, 'archive.tar.gz'), archive);
    const problem = run('tar', ['-xzf', 'archive.tar.gz'], scratch);
    if (problem !== undefined) throw new Error(problem);
    return join(scratch, folder, 'nats-server');
  });
}

/** Works in a folder of its own and moves the result into place in one step, so two starts at once do not see half a file. */
function inScratch(binFolder, work) {
  mkdirSync(binFolder, { recursive: true });
  const scratch = mkdtempSync(join(binFolder, 'fetching-'));
  try {
    const target = join(binFolder, 'nats-server');
    const ready = join(scratch, 'ready');
    copyFileSync(work(scratch), ready);
    chmodSync(ready, 0o755);
    renameSync(ready, target);
    return target;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What went wrong, or undefined. */
function run(command, args, cwd) {
  const { status, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  return status === 0 ? undefined : `${command} ${args.join(' ')}: ${error?.message ?? stderr.trim().split('\n').at(-1)}`;
}
