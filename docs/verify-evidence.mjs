// Checks Carillon's evidence with nothing but Node.
//   node verify-evidence.mjs chain.jsonl [COUNT HASH]    what `carillon evidence export` wrote; a head that you noted earlier also finds a cut at the end
//   node verify-evidence.mjs chain.jsonl roots.jsonl     the same, against the daily roots that a witness published
//   node verify-evidence.mjs --proof proof.json ROOT     one entry, against a root that you have from somewhere else
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
const [file, given, noted] = process.argv.slice(2);
const [sha256, hashes, published] = [(text) => createHash('sha256').update(text, 'utf8').digest('hex'), [], []];
let [previous, rest, rooted, roots] = ['genesis', '', 0, 0];
process.once('uncaughtException', ({ message }) => (console.log(file === '--proof' ? `not proven: ${message}` : `${hashes.length} entries checked; entry ${hashes.length + 1} is broken: ${message}`), process.exit(1)));
if (file === '--proof') {
  const { entry, proof } = JSON.parse(readFileSync(given, 'utf8'));
  const root = proof.reduce((node, { side, hash }) => sha256(side === 'left' ? hash + node : node + hash), hashOf(entry));
  if (root !== noted) throw new Error(`this entry is under the root ${root}`);
  console.log(`proven: entry ${entry.seq}, ${entry.event_type} of ${entry.timestamp}, is under the root ${root}`);
} else {
  if (given !== undefined && noted === undefined) published.push(...readFileSync(given, 'utf8').trim().split('\n').map((line) => JSON.parse(line)));
  for await (const chunk of createReadStream(file, 'utf8')) {
    const lines = (rest + chunk).split('\n'); // not node:readline, which also splits at U+2028, and JSON may hold that as it is
    rest = lines.pop();
    lines.forEach(check);
  }
  if (rest) check(rest);
  if (noted !== undefined && hashes.length < Number(given)) throw new Error(`it is missing, at least ${given} entries are expected`);
  published.forEach(checkRoot);
  console.log(`${hashes.length} entries checked, the chain is intact, last hash ${previous}${roots > 0 ? `\n${roots} daily roots of the chain checked` : ''}${published.length > 0 ? `\n${published.length} published roots checked` : ''}`);
}
function check(line) {
  const { seq, hash, prev_hash, event_type, payload, ...entry } = JSON.parse(line);
  if (seq !== hashes.length + 1 || prev_hash !== previous) throw new Error(`it does not follow the entry before: seq ${seq}, prev_hash ${prev_hash}`);
  if (hash !== hashOf({ ...entry, prev_hash, event_type, payload })) throw new Error('its content does not give its hash');
  if (noted !== undefined && seq === Number(given) && hash !== noted) throw new Error('its hash is not the one that you noted');
  if (event_type === 'anchor_computed') {
    if (payload.first_seq !== rooted + 1) throw new Error(`the root of ${payload.day} leaves out entries from ${rooted + 1}`);
    checkRoot(payload);
    [rooted, roots] = [payload.last_seq, roots + 1];
  }
  previous = hash;
  hashes.push(hash);
}
function checkRoot({ day, merkle_root, entry_count, first_seq, last_seq, head_hash }) {
  if (!(last_seq <= hashes.length)) throw new Error(`it is missing, the root of ${day} covers ${last_seq} entries`);
  let level = hashes.slice(first_seq - 1, last_seq);
  if (level.length !== entry_count || level.at(-1) !== head_hash) throw new Error(`the root of ${day} is of another chain`);
  while (level.length > 1) level = level.flatMap((hash, at) => (at % 2 === 0 ? [sha256(hash + (level[at + 1] ?? hash))] : []));
  if (level[0] !== merkle_root) throw new Error(`the root of ${day} is forged: its entries give ${level[0]}`);
}
function hashOf({ timestamp, event_type, entity_type, entity_id, payload, prev_hash }) {
  return sha256(canonical({ timestamp, event_type, entity_type, entity_id, payload, prev_hash }));
}
function canonical(value) { // RFC 8785
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') return `{${Object.keys(value).sort().map((key) => `${canonical(key)}:${canonical(value[key])}`).join(',')}}`;
  if (value === undefined || (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) || /\p{Surrogate}/u.test(value)) throw new Error(`${value} can not be evidence`);
  return JSON.stringify(value);
}
