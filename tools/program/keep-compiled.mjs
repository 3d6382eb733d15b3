/** `node keep-compiled.mjs FOLDER`: loads all libraries once, writes a module for each that exports what it does, and keeps what V8 compiled, for the options that this runs with. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fileOf } from './file-of.mjs';

const [, , folder] = process.argv;
const { compiledFile, libraries, script } = await import(pathToFileURL(join(folder, 'index.js')).href);
for (const [name, load] of Object.entries(libraries)) {
  const exports = Object.keys(load()).map((key, index) => `const x${index} = it[${JSON.stringify(key)}]; export { x${index} as ${JSON.stringify(key)} };`);
  writeFileSync(join(folder, fileOf(name)), [`import { libraries } from './index.js';`, `const it = libraries[${JSON.stringify(name)}]();`, ...exports, ''].join('\n'));
}
writeFileSync(compiledFile, script.createCachedData());
process.exit(0);
