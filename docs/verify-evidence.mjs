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

const [file, count, expected] = process.argv.slice(2);
let position = 0;
let previous = 'genesis';
for await (const line of lines(createReadStream(file, 'utf8'))) {
  const problem = problemOf(line, ++position);
  if (problem) fail(position - 1, `entry ${position} is broken: ${problem}`);
}
if (position < Number(count)) fail(position, `cut off: at least ${count} expected`);
console.log(`${position} entries checked, the chain is intact, last hash ${previous}`);

function problemOf(line, place) {
  try {
    const { seq, hash, timestamp, event_type, entity_type, entity_id, payload, prev_hash } = JSON.parse(line);
    if (seq !== place) return `its seq is ${seq}`;
    if (prev_hash !== previous) return 'its prev_hash is not the hash of the entry before';
    const text = canonical({ timestamp, event_type, entity_type, entity_id, payload, prev_hash });
    previous = createHash('sha256').update(text, 'utf8').digest('hex');
    if (hash !== previous) return 'its content does not give its hash';
    if (place === Number(count) && hash !== expected) return 'its hash is not the one you expected';
  } catch (error) {
    return error.message;
  }
}

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') return `{${Object.keys(value).sort().map((key) => `${canonical(key)}:${canonical(value[key])}`).join(',')}}`;
  if (value === undefined || Math.abs(value) > Number.MAX_SAFE_INTEGER || /\p{Surrogate}/u.test(value)) throw new Error(`${value} can not be evidence`);
  return JSON.stringify(value);
}

/** Not node:readline: it also splits at U+2028 and U+2029, which JSON may hold as they are. */
async function* lines(chunks) {
  let rest = '';
  for await (const chunk of chunks) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop();
    yield* parts;
  }
  if (rest) yield rest;
}

function fail(good, message) {
  console.log(`${good} entries checked; ${message}`);
  process.exit(1);
}
