/**
 * Runs a bundled program, its compiled form kept beside it: what NODE_COMPILE_CACHE does in newer versions of Node. `node start.cjs PROGRAM SETTINGS`; without
 * settings it only makes that compiled form.
 */
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname } = require('node:path');
const { constants, Script } = require('node:vm');

const [, , filename, settings] = process.argv;
const cacheFile = `${filename}.cache`;
const cachedData = existsSync(cacheFile) ? readFileSync(cacheFile) : undefined;
const script = new Script(Module.wrap(readFileSync(filename, 'utf8')), { filename, cachedData, importModuleDynamically: constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER });
const program = { exports: {} };
script.runInThisContext()(program.exports, Module.createRequire(filename), program, filename, dirname(filename));
if (settings === undefined) writeFileSync(cacheFile, script.createCachedData());
else program.exports.main(JSON.parse(settings));
