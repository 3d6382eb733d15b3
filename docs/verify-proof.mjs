// Checks one entry of Carillon's evidence with nothing but Node, against a daily root that you have from somewhere else:
//   node verify-proof.mjs proof.json ROOT    the file is what `carillon evidence prove` wrote
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
const [file, published] = process.argv.slice(2);
const sha256 = (text) => createHash('sha256').update(text, 'utf8').digest('hex');
const must = (holds, problem) => { if (!holds) throw new Error(problem); };
process.once('uncaughtException', ({ message }) => (console.log(`not proven: ${message}`), process.exit(1)));
function canonical(value) { // the text of RFC 8785
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value instanceof Object) return `{${Object.keys(value).sort().map((key) => `${canonical(key)}:${canonical(value[key])}`).join(',')}}`;
  must(value !== undefined && !(typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) && !/\p{Surrogate}/u.test(value), `${value} can not be evidence`);
  return JSON.stringify(value);
}
const { entry, proof } = JSON.parse(readFileSync(file, 'utf8'));
const { seq, timestamp, event_type, entity_type, entity_id, payload, prev_hash } = entry;
const own = sha256(canonical({ timestamp, event_type, entity_type, entity_id, payload, prev_hash }));
const root = proof.reduce((node, { side, hash }) => sha256(side === 'left' ? hash + node : node + hash), own);
must(root === published, `this entry is under the root ${root}`);
console.log(`proven: entry ${seq}, ${event_type} of ${timestamp}, is under the root ${root}`);
