// Checks what `carillon evidence export` wrote, with nothing but Node: node verify-evidence.mjs chain.jsonl [COUNT HASH]
// COUNT and HASH are a head that you noted earlier; with them a cut at the end is found too.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
const [file, count, noted] = process.argv.slice(2);
let [checked, previous, rest] = [0, 'genesis', ''];
process.once('uncaughtException', ({ message }) => (console.log(`${checked} entries checked; entry ${checked + 1} is broken: ${message}`), process.exit(1)));
for await (const chunk of createReadStream(file, 'utf8')) {
  const lines = (rest + chunk).split('\n'); // not node:readline, which also splits at U+2028, and JSON may hold that as it is
  rest = lines.pop();
  lines.forEach(check);
}
if (rest) check(rest);
if (checked < Number(count)) throw new Error(`it is missing, at least ${count} entries are expected`);
console.log(`${checked} entries checked, the chain is intact, last hash ${previous}`);

function check(line) {
  const { seq, hash, timestamp, event_type, entity_type, entity_id, payload, prev_hash } = JSON.parse(line);
  if (seq !== checked + 1 || prev_hash !== previous) throw new Error(`it does not follow the entry before: seq ${seq}, prev_hash ${prev_hash}`);
  const text = canonical({ timestamp, event_type, entity_type, entity_id, payload, prev_hash });
  if (hash !== createHash('sha256').update(text, 'utf8').digest('hex')) throw new Error('its content does not give its hash');
  if (seq === Number(count) && hash !== noted) throw new Error('its hash is not the one that you noted');
  [checked, previous] = [seq, hash];
}
function canonical(value) { // RFC 8785
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') return `{${Object.keys(value).sort().map((key) => `${canonical(key)}:${canonical(value[key])}`).join(',')}}`;
  if (value === undefined || (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) || /\p{Surrogate}/u.test(value)) throw new Error(`${value} can not be evidence`);
  return JSON.stringify(value);
}
