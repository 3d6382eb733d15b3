/** Makes the folder of a new pipeline and registers it where pipelines are hosted. Everything is checked before the first file is written. */
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { namesOf } from './names.js';
import { register, REGISTRATIONS } from './register.js';
import { renderPipeline } from './template.js';

export interface MadePipeline {
  folder: string;
  files: string[];
  /** Files of apps in which it is registered now. */
  registered: string[];
}

/**
 * @param root the checkout
 * @throws Error with the remedy when the name is bad or taken, or the apps look otherwise than expected; then nothing was written
 */
export function makePipeline(root: string, name: string, { store }: { store: boolean }): MadePipeline {
  const names = namesOf(name);
  const folder = `libs/pipelines/${name}`;
  if (!existsSync(join(root, 'libs/pipelines'))) throw new Error(`a pipeline is made in a checkout of Carillon, and ${root} is none: clone the repository, and run this there`);
  if (existsSync(join(root, folder))) throw new Error(`${folder} is there already: choose another name, or remove that folder and its lines in the apps first`);
  const namesake = projectsIn(root).find((project) => project.name === `@carillon/${name}`);
  if (namesake) throw new Error(`"${name}" is the name of ${namesake.folder} already: choose another one, such as "${name}-watch"`);
  const apps = REGISTRATIONS.map((registration) => ({ file: registration.file, text: register(readFileSync(join(root, registration.file), 'utf8'), registration, names) }));
  const files = [...renderPipeline({ names, store, timestamp: Date.now() })].map(([path, text]) => ({ file: `${folder}/${path}`, text }));
  for (const { file, text } of [...files, ...apps]) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  addToLock(root, name);
  link(root, name);
  return { folder, files: files.map(({ file }) => file), registered: apps.map(({ file }) => file) };
}

function projectsIn(root: string): { folder: string; name: string }[] {
  const folders = ['apps', 'libs', 'libs/pipelines'].flatMap((parent) => readdirSync(join(root, parent)).map((child) => `${parent}/${child}`));
  return folders.filter((folder) => existsSync(join(root, folder, 'package.json'))).map((folder) => ({ folder, name: readJson<{ name: string }>(join(root, folder, 'package.json')).name }));
}

/** As npm would write it, so that `npm ci` knows the folder. */
function addToLock(root: string, name: string): void {
  const file = join(root, 'package-lock.json');
  if (!existsSync(file)) return;
  const lock = readJson<{ packages: Record<string, object> }>(file);
  const added = { ...lock.packages, [`libs/pipelines/${name}`]: { name: `@carillon/${name}`, version: '0.1.0' }, [`node_modules/@carillon/${name}`]: { resolved: `libs/pipelines/${name}`, link: true } };
  const packages = Object.fromEntries(Object.entries(added).sort(([a], [b]) => a.localeCompare(b, 'en')));
  writeFileSync(file, `${JSON.stringify({ ...lock, packages }, null, 2)}\n`);
}

/** As npm would link it, so that it can be imported at once. */
function link(root: string, name: string): void {
  const path = join(root, 'node_modules/@carillon', name);
  if (!existsSync(dirname(path)) || lstatSync(path, { throwIfNoEntry: false })) return;
  symlinkSync(process.platform === 'win32' ? join(root, 'libs/pipelines', name) : `../../libs/pipelines/${name}`, path, 'junction');
}

const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;
