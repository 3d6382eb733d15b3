/**
 * Makes what is shipped and started, in program/: each app as one module, what they share in others beside them, and node_modules/libraries/, which is made again only when other libraries are
 * used. Why it is so: docs/adr/0032-programs.md. Works on every dist, so it comes after the build.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { SERVICE_NODE_OPTIONS } from '../node-options.mjs';
import { fileOf } from './file-of.mjs';
import { NOT_INSTALLED } from './not-installed.mjs';

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, 'program');
const APPS = ['intake', 'scheduler', 'notifier', 'backup', 'cli'];
/** Modules are found as Node finds them, and keep the names that they give their classes and functions: errors and the API's pages show those. */
const COMMON = { bundle: true, platform: 'node', conditions: [], keepNames: true, absWorkingDir: root, logLevel: 'error' };

mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder)) if (name !== 'node_modules') rmSync(join(folder, name));
await bundleLibraries(await bundleApps());

/** @returns {Promise<string[]>} the libraries that they use */
async function bundleApps() {
  const used = new Set();
  const librariesOutside = ({ onResolve }) =>
    onResolve({ filter: /^[^./#]/ }, ({ path, kind }) => {
      if (kind === 'entry-point' || path.startsWith('node:') || path.startsWith('@carillon/')) return undefined;
      used.add(path);
      return { path: `./node_modules/libraries/${fileOf(path)}`, external: true };
    });
  await build({
    ...COMMON,
    entryPoints: Object.fromEntries(APPS.map((app) => [app, join(root, `apps/${app}/dist/main.js`)])),
    outdir: folder,
    format: 'esm',
    splitting: true,
    sourcemap: true,
    sourcesContent: false,
    plugins: [
      { name: 'libraries-outside', setup: librariesOutside },
      whereTheyWere(/[/\\](apps|libs)[/\\].*\.js$/, folder, (place) => ({ folder: `(import.meta.dirname + ${JSON.stringify(`/${dirname(place)}`)})`, url: `new URL(${JSON.stringify(place)}, import.meta.url).href` })),
    ],
  });
  return [...used].sort();
}

async function bundleLibraries(names) {
  // Under that name Node knows that it is not ours, and does not warn us of what it does.
  const into = join(folder, 'node_modules/libraries');
  const madeOf = [join(root, 'package-lock.json'), ...readdirSync(import.meta.dirname).map((name) => join(import.meta.dirname, name))].map((file) => readFileSync(file, 'utf8'));
  const stamp = createHash('sha256').update(JSON.stringify([process.version, names, madeOf])).digest('hex');
  const stampFile = join(into, 'made-of');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  // As our code imports them, and not as require would: some libraries are two, and one of each is enough.
  const asImported = ({ onResolve, onLoad }) => {
    onResolve({ filter: /^library:/ }, ({ path }) => ({ path: path.slice('library:'.length), namespace: 'library' }));
    onLoad({ filter: /.*/, namespace: 'library' }, ({ path }) => ({ contents: `import * as it from ${JSON.stringify(path)}; export { it };`, resolveDir: root }));
  };
  await build({
    ...COMMON,
    stdin: { contents: `export const libraries = {\n${names.map((name) => `  ${JSON.stringify(name)}: () => require(${JSON.stringify(`library:${name}`)}).it,\n`).join('')}};`, resolveDir: root },
    outfile: join(into, 'libraries.cjs'),
    format: 'cjs',
    external: NOT_INSTALLED,
    // A script whose compiled form was kept can not import; it can require.
    supported: { 'dynamic-import': false },
    banner: { js: "const { dirname: folderOf, join: joined } = require('node:path'), { pathToFileURL: urlOf } = require('node:url'), whereItIs = __dirname;" },
    plugins: [
      { name: 'as-imported', setup: asImported },
      whereTheyWere(/\.[cm]?js$/, into, (place) => ({ file: `joined(whereItIs, ${JSON.stringify(place)})`, folder: `folderOf(joined(whereItIs, ${JSON.stringify(place)}))`, url: `urlOf(joined(whereItIs, ${JSON.stringify(place)})).href` })),
    ],
  });
  copyFileSync(join(import.meta.dirname, 'libraries.js'), join(into, 'index.js'));
  writeFileSync(join(into, 'package.json'), '{ "type": "module" }\n');
  const keep = join(import.meta.dirname, 'keep-compiled.mjs');
  for (const options of [SERVICE_NODE_OPTIONS, []]) await promisify(execFile)(process.execPath, [...options, keep, into]);
  writeFileSync(stampFile, stamp);
}

/** Modules look for files beside them, which stay there (prompts, templates, threads, the pages of the API): so each is told where it was. */
function whereTheyWere(filter, from, say) {
  const setup = ({ onLoad }) =>
    onLoad({ filter }, ({ path }) => {
      const { file, folder: itsFolder, url } = say(relative(from, path).replaceAll('\\', '/'));
      const contents = readFileSync(path, 'utf8')
        .replace(/\bimport\.meta\.url\b/g, () => url)
        .replace(/\b(import\.meta\.filename|__filename)\b/g, () => file)
        .replace(/\b(import\.meta\.dirname|__dirname)\b/g, () => itsFolder);
      return { contents, loader: 'js' };
    });
  return { name: 'where-they-were', setup };
}
