/** Where real data is looked for that no repository of ours carries: the folder that CARILLON_REFERENCE_DATA names, else folders called `data` of the checkout's neighbours. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** @returns the file, or where it was looked for */
export function findReferenceFile(name: string, env = process.env): { path: string } | { looked: string[] } {
  const looked = foldersOf(env).map((folder) => resolve(folder, name));
  const path = looked.find((candidate) => existsSync(candidate));
  return path === undefined ? { looked } : { path };
}

function foldersOf(env: NodeJS.ProcessEnv): string[] {
  const named = env['CARILLON_REFERENCE_DATA'];
  if (named) return [named];
  // The command line starts in the checkout.
  const neighbourhood = dirname(process.cwd());
  return readdirSync(neighbourhood, { withFileTypes: true }).filter((one) => one.isDirectory()).map(({ name }) => resolve(neighbourhood, name, 'data'));
}
