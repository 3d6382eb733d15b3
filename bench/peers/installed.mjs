/** Which version of a peer is installed here; not every package lets its package.json be imported. */
import { readFileSync } from 'node:fs';

/** @param {string} name @returns {string} */
export function installedVersion(name) {
  return JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;
}
