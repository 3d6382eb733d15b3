// Checks the chain as verify-evidence.mjs does, and then its daily roots: node verify-roots.mjs chain.jsonl [roots.jsonl]
// Those that the chain tells of, and those that a witness published: they also find a cut at the end, and a chain that was sealed anew.
import { readFileSync } from 'node:fs';
import { hashes, roots, sha256 } from './verify-evidence.mjs'; // it reads the same chain.jsonl, and ends with 1 when that is broken
const file = process.argv[3];
const published = file === undefined ? [] : readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
const must = (holds, problem) => holds || (console.log(`${hashes.length} entries are intact, but ${problem}`), process.exit(1));
for (const [at, { day, merkle_root, entry_count, first_seq, last_seq, head_hash }] of [...roots, ...published].entries()) {
  const next = (roots[at - 1]?.last_seq ?? 0) + 1;
  must(at >= roots.length || first_seq === next, `the root of ${day} leaves out entries from ${next}`);
  must(last_seq <= hashes.length, `entry ${hashes.length + 1} is missing: the root of ${day} covers ${last_seq} entries`);
  let level = hashes.slice(first_seq - 1, last_seq);
  must(level.length === entry_count && level.at(-1) === head_hash, `the root of ${day} is of another chain`);
  while (level.length > 1) level = level.flatMap((hash, place) => (place % 2 === 0 ? [sha256(hash + (level[place + 1] ?? hash))] : []));
  must(level[0] === merkle_root, `the root of ${day} is forged: its entries give ${level[0]}`);
}
console.log(`${roots.length} daily roots of the chain checked\n${published.length} published roots checked`);
