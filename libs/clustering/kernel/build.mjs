/** Compiles the kernel and writes it into the sources as text, so that neither a build nor an installation needs the compiler: `node libs/clustering/kernel/build.mjs`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const source = new URL('./near-pairs.as.ts', import.meta.url);
const target = new URL('../src/near-pairs.wasm.ts', import.meta.url);

/** @returns {Promise<Uint8Array>} the module, the same bytes for the same source and compiler */
export async function compileKernel() {
  const { default: asc } = await import('assemblyscript/asc');
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
  return binary;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = Buffer.from(await compileKernel()).toString('base64');
  const lines = (text.match(/.{1,180}/g) ?? []).map((line) => `  '${line}'`).join(' +\n');
  writeFileSync(target, `/** Compiled from kernel/near-pairs.as.ts by kernel/build.mjs: change those, never this. A spec compiles it again and compares. */\nexport const NEAR_PAIRS_WASM =\n${lines};\n`);
}
