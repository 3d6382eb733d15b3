/**
 * Checks an exported evidence chain with nothing but Node: no code of Carillon, no package.
 *
 *   carillon evidence export > chain.jsonl
 *   node verify-evidence.mjs chain.jsonl [COUNT HASH]     COUNT and HASH: a head that you noted earlier; finds a cut at the end
 *
 * An entry's hash is SHA-256 over the RFC 8785 text of six of its fields; prev_hash links it to the entry before.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

const [file, count, noted] = process.argv.slice(2);
let [checked, previous, rest] = [0, 'genesis', ''];
for await (const chunk of createReadStream(file, 'utf8')) {
  const lines = (rest + chunk).split('\n'); // not node:readline, which also splits at U+2028, and JSON may hold that as it is
  rest = lines.pop();
  lines.forEach(check);
}
if (rest) check(rest);
if (checked < Number(count)) fail(`cut off: at least ${count} expected`);
console.log(`${checked} entries checked, the chain is intact, last hash ${previous}`);

function check(line) {
  try {
    const { seq, hash, timestamp, event_type, entity_type, entity_id, payload, prev_hash } = JSON.parse(line);
    if (seq !== checked + 1) throw new Error(`its seq is ${seq}`);
    if (prev_hash !== previous) throw new Error('its prev_hash is not the hash of the entry before');
    const text = canonical({ timestamp, event_type, entity_type, entity_id, payload, prev_hash });
    if (hash !== createHash('sha256').update(text, 'utf8').digest('hex')) throw new Error('its content does not give its hash');
    if (seq === Number(count) && hash !== noted) throw new Error('its hash is not the one that you noted');
    [checked, previous] = [seq, hash];
  } catch (error) {
    fail(`entry ${checked + 1} is broken: ${error.message}`);
  }
}

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') return `{${Object.keys(value).sort().map((key) => `${canonical(key)}:${canonical(value[key])}`).join(',')}}`;
  if (value === undefined || (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) || /\p{Surrogate}/u.test(value)) throw new Error(`${value} can not be evidence`);
  return JSON.stringify(value);
}

function fail(message) {
  console.log(`${checked} entries checked; ${message}`);
  process.exit(1);
}
