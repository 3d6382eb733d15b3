/**
 * Ten thousand processes must start. Loading the product and its libraries file by file costs each of them a second of processor time; as one file whose compiled form
 * is kept it is a sixth of that. What runs is the build's own output, unchanged.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { NOT_INSTALLED } from '../../tools/program/not-installed.mjs';

const root = resolve(import.meta.dirname, '../..');

/** A pipeline reads its prompts, which stay where they are. */
const promptsOutside = {
  name: 'prompts-outside',
  setup: ({ onLoad }) => onLoad({ filter: /pipelines[/\\][\w-]+[/\\]dist[/\\].*\.js$/ }, ({ path }) => ({ contents: readFileSync(path, 'utf8').replaceAll('import.meta.dirname', JSON.stringify(dirname(path))), loader: 'js' })),
};

const COMMON = { bundle: true, platform: 'node', external: NOT_INSTALLED, logLevel: 'error', plugins: [promptsOutside] };
/** What was written for `require` finds one. */
const WITH_REQUIRE = { js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);" };

/**
 * @param {string} folder to be made
 * @returns {Promise<(name: string) => Promise<string[]>>} what to give to node, before the process's own arguments, for a file in chaos/process; made when it is first asked for
 */
export async function bundledPrograms(folder) {
  mkdirSync(folder, { recursive: true });
  await bundleHeartbeat(folder);
  cpSync(join(root, 'chaos/process/start.cjs'), join(folder, 'start.cjs'));
  const programs = new Map();
  return (name) => programs.get(name) ?? programs.set(name, bundleProgram(name, folder)).get(name);
}

async function bundleProgram(name, folder) {
  const outfile = join(folder, `${name}.cjs`);
  await build({
    ...COMMON,
    entryPoints: [join(root, `chaos/process/${name}.mjs`)],
    outfile,
    format: 'cjs',
    // Each library finds its own files, such as the heartbeat thread, beside this one.
    define: { 'import.meta.url': 'importMetaUrl', 'import.meta.dirname': '__dirname' },
    banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
  });
  const program = [join(folder, 'start.cjs'), outfile];
  await promisify(execFile)(process.execPath, program);
  return program;
}

/** One program as one module, for specs that start it often. @param {string} entry @param {string} folder to be made @returns {Promise<string>} the module */
export async function bundleModule(entry, folder) {
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, basename(entry));
  await Promise.all([build({ ...COMMON, entryPoints: [entry], outfile, format: 'esm', banner: WITH_REQUIRE }), bundleHeartbeat(folder)]);
  return outfile;
}

/** The heartbeat thread is looked for by a name of its own. */
async function bundleHeartbeat(folder) {
  await build({ ...COMMON, entryPoints: [join(root, 'libs/persistence/dist/lease-keeper.worker.js')], outfile: join(folder, 'lease-keeper.worker.mjs'), format: 'esm', banner: WITH_REQUIRE });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ imports: { '#lease-keeper': './lease-keeper.worker.mjs' } }));
}
