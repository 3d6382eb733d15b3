// Checks the chain of Carillon's evidence with nothing but Node: node verify-evidence.mjs chain.jsonl [COUNT HASH]
// The file is what `carillon evidence export` wrote. A head that you noted earlier, COUNT and HASH, also finds a cut at the end.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
const [file, count, head] = process.argv.slice(2);
export const [hashes, roots] = [[], []]; // one hash an entry, and what the chain says of its days: see verify-roots.mjs
export const sha256 = (text) => createHash('sha256').update(text, 'utf8').digest('hex');
const must = (holds, problem) => { if (!holds) throw new Error(problem); };
process.once('uncaughtException', ({ message }) => (console.log(`${hashes.length} entries checked; entry ${hashes.length + 1} is broken: ${message}`), process.exit(1)));
function canonical(value) { // the text of RFC 8785
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value instanceof Object) return `{${Object.keys(value).sort().map((key) => `${canonical(key)}:${canonical(value[key])}`).join(',')}}`;
  must(value !== undefined && !(typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) && !/\p{Surrogate}/u.test(value), `${value} can not be evidence`);
  return JSON.stringify(value);
}
function check(line) {
  const { seq, hash, timestamp, event_type, entity_type, entity_id, payload, prev_hash } = JSON.parse(line);
  must(seq === hashes.length + 1 && prev_hash === (hashes.at(-1) ?? 'genesis'), `it does not follow the entry before: seq ${seq}, prev_hash ${prev_hash}`);
  must(hash === sha256(canonical({ timestamp, event_type, entity_type, entity_id, payload, prev_hash })), 'its content does not give its hash');
  must(head === undefined || seq !== Number(count) || hash === head, 'its hash is not the one that you noted');
  hashes.push(hash);
  if (event_type === 'anchor_computed') roots.push(payload);
}
let rest = ''; // of a chunk, a line that goes on in the next; node:readline would also split at U+2028, which JSON may hold as it is
for await (const chunk of createReadStream(file, 'utf8')) rest = (rest + chunk).split('\n').reduce((line, next) => (check(line), next));
if (rest) check(rest);
must(head === undefined || hashes.length >= Number(count), `it is missing, at least ${count} entries are expected`);
console.log(`${hashes.length} entries checked, the chain is intact, last hash ${hashes.at(-1) ?? 'genesis'}`);
