/** Other implementations of HDBSCAN, for comparison. Both are under the GPL and only run beside the product, as programs of their own. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { say } from '../../tools/progress.mjs';
import { embeddingLike } from './embedding-like.mjs';

const run = promisify(execFile);
const here = import.meta.dirname;
const npmFolder = resolve(here, '../peers-hdbscan');

/** R's one parameter is both the smallest cluster and, itself counted, the neighbourhood. */
const R_SCRIPT = `
arguments <- commandArgs(TRUE)
count <- as.integer(arguments[2]); dimensions <- as.integer(arguments[3])
points <- matrix(readBin(arguments[1], "numeric", count * dimensions, size = 4), nrow = count, byrow = TRUE)
seconds <- system.time(result <- dbscan::hdbscan(points, minPts = 11))[["elapsed"]]
writeBin(as.integer(result$cluster - 1L), arguments[4], size = 4)
cat(seconds)
`;

/** One run in a process of its own, with its labels. @param {'ours' | 'ours-as-r' | 'npm'} implementation */
export async function clusteringRun(implementation, count, dimensions) {
  return withFolder(async (folder) => {
    const file = join(folder, 'labels');
    const { stdout } = await run(process.execPath, [join(here, 'clustering-run.mjs'), implementation, String(count), String(dimensions), file], { maxBuffer: 1e9 });
    return { ...JSON.parse(stdout), labels: int32sOf(file) };
  });
}

/** Installs what the comparison needs, once. */
export async function installNpmPeer() {
  if (existsSync(join(npmFolder, 'node_modules/hdbscan'))) return;
  say('installing the package hdbscan from npm for the comparison (GPL-3, into bench/peers-hdbscan only)');
  await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: npmFolder });
}

/** @returns the version of R's dbscan, or undefined when R or the package is not installed */
export async function versionOfR() {
  return run('Rscript', ['-e', 'cat(as.character(packageVersion("dbscan")))']).then(({ stdout }) => stdout, () => undefined);
}

export async function runR(count, dimensions) {
  return withFolder(async (folder) => {
    const [script, data, file] = ['run.R', 'points', 'labels'].map((name) => join(folder, name));
    writeFileSync(script, R_SCRIPT);
    writeFileSync(data, embeddingLike(count, dimensions).data);
    const { stdout } = await run('Rscript', [script, data, String(count), String(dimensions), file]);
    return { seconds: Number(stdout), labels: int32sOf(file) };
  });
}

async function withFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-hdbscan-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function int32sOf(file) {
  const bytes = readFileSync(file);
  return new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}
