import { register, createRequire } from 'node:module';
import { writeFileSync, readFileSync } from 'node:fs';
writeFileSync('/tmp/ci-loaded.txt', '');
register('file:///tmp/hook.mjs');
await import('reflect-metadata');
await import(process.argv[2]);
const require = createRequire(import.meta.url);
const urls = new Set([...readFileSync('/tmp/ci-loaded.txt', 'utf8').trim().split('\n').map((u) => u.replace('file://', '')), ...Object.keys(require.cache)]);
const count = {};
for (const u of urls) { const m = [...u.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].pop(); const k = m ? m[1] : u.includes('/dist/') ? 'ours' : 'other'; count[k] = (count[k] ?? 0) + 1; }
console.log(urls.size, Object.entries(count).sort((a, b) => b[1] - a[1]).slice(0, 28).map(([k, v]) => k + ' ' + v).join(', '));
