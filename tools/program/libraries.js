/** All that others wrote, as one file, and what V8 compiled of it when it was built: loading the same from its 3,300 files takes two seconds of processor time more. */
import { existsSync, readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { join } from 'node:path';
import { cachedDataVersionTag } from 'node:v8';
import { Script } from 'node:vm';

const filename = join(import.meta.dirname, 'libraries.cjs');
/** Holds for one version of Node with these options for V8; any other compiles for itself. */
export const compiledFile = `${filename}.${cachedDataVersionTag()}`;

// The bundler writes ASCII alone.
export const script = new Script(Module.wrap(readFileSync(filename, 'latin1')), {
  filename,
  cachedData: existsSync(compiledFile) ? readFileSync(compiledFile) : undefined,
});
const bundle = { exports: {} };
script.runInThisContext()(bundle.exports, createRequire(filename), bundle, filename, import.meta.dirname);

/** By the names that our code imports them by; each is loaded when it is first asked for. @type {Record<string, () => Record<string, unknown>>} */
export const { libraries } = bundle.exports;
