/** Compiles the kernels and writes them into the sources as text, so that neither a build nor an installation needs the compiler: `node libs/clustering/kernel/build.mjs`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** By the name of the source, without its ending. */
export const KERNELS = ['near-pairs', 'outer-products'];

/** @param {string} name @returns {Promise<string>} the module in base64, the same for the same source and compiler */
export async function compileKernel(name) {
  const { default: asc } = await import('assemblyscript/asc');
  const source = new URL(`./${name}.as.ts`, import.meta.url);
  const { binary, error, stderr } = await asc.compileString(readFileSync(source, 'utf8'), {
    optimizeLevel: 3,
    shrinkLevel: 0,
    runtime: 'stub',
    noAssert: true,
    enable: ['simd', 'threads'],
    importMemory: true,
    sharedMemory: true,
    noExportMemory: true,
    initialMemory: 1,
    maximumMemory: 65_536,
  });
  if (error) throw new Error(`${fileURLToPath(source)} does not compile:\n${stderr.toString()}`, { cause: error });
  return Buffer.from(binary).toString('base64');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of KERNELS) {
    const lines = ((await compileKernel(name)).match(/.{1,180}/g) ?? []).map((line) => `  '${line}'`).join(' +\n');
    const constant = `${name.toUpperCase().replaceAll('-', '_')}_WASM`;
    writeFileSync(new URL(`../src/${name}.wasm.ts`, import.meta.url), `/** Compiled from kernel/${name}.as.ts by kernel/build.mjs: change those, never this. A spec compiles it again and compares. */\nexport const ${constant} =\n${lines};\n`);
  }
}
