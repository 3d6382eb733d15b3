/** Documentation that names what is not there sends people astray: links, commands, options and variables are held to the code. */
import { expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { SERVICES } from './stack.mjs';

const root = resolve(import.meta.dirname, '..');
const read = (path) => readFileSync(join(root, path), 'utf8');
const pages = ['README.md', 'CHANGELOG.md', ...filesIn('docs').filter((path) => path.endsWith('.md'))].map((path) => ({ path, text: read(path) }));
const commandLine = sources('apps/cli/src', '.ts');

it('links lead to what is there', () => {
  const links = named(({ text }) => found(text, /\]\(([^)\s]+)\)/g).filter((target) => !/^[a-z]+:/.test(target)));
  expect(links.filter(({ name, page }) => !existsSync(join(root, dirname(page), name.replace(/#.*$/, ''))))).toEqual([]);
});

it('files and folders are there', () => {
  const paths = named(({ text }) => codeIn(text).filter((code) => /^(?:apps|libs|tools|docs|e2e|bench)\/[\w./-]*$/.test(code)));
  expect(paths.filter(({ name }) => !existsSync(join(root, name)))).toEqual([]);
});

it('npm has the scripts', () => {
  const { scripts } = JSON.parse(read('package.json'));
  expect(named(({ text }) => found(text, /\bnpm run (?:-s )?([a-z:]+)/g)).filter(({ name }) => !(name in scripts))).toEqual([]);
});

it('carillon has the commands and options', () => {
  const commands = new Set(found(commandLine, /new Command\('([a-z-]+)'\)/g));
  const options = new Set([...found(commandLine, /'(--[a-z-]+)/g), '--help']);
  const calls = named(({ text }) => found(text, /(?:npm run (?:-s )?carillon --|program\/cli\.js|`carillon) ([a-z][^\n`#>]+)/g));
  expect(calls.filter(({ name: call }) => !commands.has(call.split(/\s/)[0]) || found(call, /(--[a-z-]+)/g).some((option) => !options.has(option)))).toEqual([]);
});

it('npm start has the options, nx the services, and bench the measurements', () => {
  const flags = named(({ text }) => found(text, /npm start -- --([a-z]+)/g));
  expect(flags.filter(({ name }) => !new RegExp(`^  ${name}: '`, 'm').test(read('tools/start.mjs')))).toEqual([]);
  expect(named(({ text }) => found(text, /nx serve ([a-z]+)/g)).filter(({ name }) => !existsSync(join(root, 'apps', name, 'package.json')))).toEqual([]);
});

it('variables are read by something', () => {
  const readers = [sources('apps', '.ts'), sources('libs', '.ts'), sources('tools', '.mjs'), sources('chaos', '.mjs'), read('docker-compose.yml'), read('tools/docker/env.example')].join('\n');
  const variables = named(({ text }) => codeIn(text).flatMap((code) => found(code, /(?<![\w…])([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?=$|[=,\s])/g)));
  // The command line puts the names of the services' addresses together.
  const isAddress = (name) => SERVICES.some((service) => name === `${service.toUpperCase()}_URL`);
  expect(variables.filter(({ name }) => name !== 'RUN_ID' && !isAddress(name) && !new RegExp(`\\b${name}\\b`).test(readers))).toEqual([]);
});

it('the table of first settings tells their defaults', () => {
  const settings = `${read('libs/runtime/src/service/settings.ts')}\n${read('libs/pipelines/deliberation/src/settings.ts')}`;
  const told = [...read('docs/operations.md').matchAll(/^\| `([A-Z_]+)` \| (\d+)/gm)].map(([, name, value]) => [name, Number(value)]);
  const real = told.map(([name]) => [name, Number(new RegExp(`@Setting\\('${name}'[^]*? = ([\\d_]+);`).exec(settings)?.[1]?.replaceAll('_', ''))]);
  expect(told.length).toBeGreaterThan(5);
  expect(told).toEqual(real);
});

it('every decision is in the list of decisions', () => {
  const list = read('docs/adr/README.md');
  expect(filesIn('docs/adr').filter((path) => /\d{4}-/.test(path) && !list.includes(`(${path.split('/').at(-1)})`))).toEqual([]);
});

/** What the pages name, each with its page. A pattern that finds nothing anywhere checks nothing. */
function named(namesIn) {
  const all = pages.flatMap((page) => [...new Set(namesIn(page))].map((name) => ({ page: page.path, name })));
  expect(all).not.toHaveLength(0);
  return all;
}

/** The first group of every match. */
function found(text, pattern) {
  return [...text.matchAll(pattern)].map(([, group]) => group);
}

/** What stands in backticks, and the lines of code blocks. */
function codeIn(text) {
  const blocks = found(text, /^```[a-z]*\n([^]*?)^```/gm).flatMap((block) => block.split('\n'));
  const spans = found(text.replaceAll(/^```[^]*?^```/gm, ''), /`([^`\n]+)`/g);
  return [...blocks, ...spans];
}

function filesIn(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\/(?:dist|node_modules)(?:\/|$)/.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

function sources(folder, ending) {
  return filesIn(folder)
    .filter((path) => path.endsWith(ending) && !path.endsWith(`.spec${ending}`))
    .map(read)
    .join('\n');
}
