/**
 * Ten thousand processes must start. Loading the product and its libraries file by file costs each of them a second of processor time; as one file whose compiled form
 * is kept it is a sixth of that. What runs is the build's own output, unchanged.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '../..');
/** Loaded only when something uses them, and nothing here does. */
const NEVER_LOADED = ['pg-native', '@nestjs/websockets', '@nestjs/websockets/*', '@nestjs/platform-express', 'kafkajs', 'ioredis', 'amqplib', 'amqp-connection-manager', 'mqtt', 'nats', '@grpc/grpc-js', '@grpc/proto-loader'];

/** TypeORM looks for its driver by a name that it computes, which no bundler can follow: so it is told where it is. */
const driverInside = {
  name: 'driver-inside',
  setup: ({ onLoad }) =>
    onLoad({ filter: /typeorm[/\\]platform[/\\]PlatformTools\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const contents = source.replace('static load(name) {', "static load(name) { if (name === 'pg') return require('pg');");
      if (contents === source) throw new Error(`${path} does not load drivers as expected: see chaos/lib/bundle.mjs`);
      return { contents, loader: 'js' };
    }),
};

const COMMON = { bundle: true, platform: 'node', external: NEVER_LOADED, logLevel: 'error', plugins: [driverInside] };
/** What was written for `require` finds one. */
const WITH_REQUIRE = { js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);" };

/** @param {string} folder to be made @returns {Promise<{ ringer: string[] }>} what to give to node, before the process's own arguments */
export async function bundleProcesses(folder) {
  mkdirSync(folder, { recursive: true });
  await build({
    ...COMMON,
    entryPoints: [join(root, 'chaos/process/ringer.mjs')],
    outfile: join(folder, 'ringer.cjs'),
    format: 'cjs',
    // Each library finds its own files, such as the heartbeat thread, beside this one.
    define: { 'import.meta.url': 'importMetaUrl', 'import.meta.dirname': '__dirname' },
    banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
  });
  await bundleHeartbeat(folder);
  cpSync(join(root, 'chaos/process/start.cjs'), join(folder, 'start.cjs'));
  const programs = { ringer: [join(folder, 'start.cjs'), join(folder, 'ringer.cjs')] };
  for (const program of Object.values(programs)) execFileSync(process.execPath, program, { stdio: 'inherit' });
  return programs;
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
