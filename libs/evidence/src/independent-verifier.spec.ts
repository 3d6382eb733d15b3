import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { chainOf, draftNumber } from './chain.fixture.js';
import { GENESIS } from './entry.js';
import type { ChainHead, EvidenceDraft, EvidenceEntry } from './entry.js';
import { inclusionProof, merkleRoot } from './merkle.js';
import { sealEntries } from './seal-entries.js';
import { verifyChain } from './verify-chain.js';

type Script = 'verify-evidence' | 'verify-roots' | 'verify-proof';
const scripts: readonly Script[] = ['verify-evidence', 'verify-roots', 'verify-proof'];
const pathOf = (script: Script): string => resolve(import.meta.dirname, `../../../docs/${script}.mjs`);
const folder = mkdtempSync(join(tmpdir(), 'carillon-evidence-'));
const good = chainOf(6);
const head = { count: 6, hash: good[5]?.hash ?? '' };

afterAll(() => rmSync(folder, { recursive: true }));

describe('the verifier without our code', () => {
  it.each(scripts)('is read in a minute: %s has 30 lines at most and needs nothing but Node and its neighbour', (script) => {
    const text = readFileSync(pathOf(script), 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(30);
    const foreign = [...text.matchAll(/from '([^']+)'/g)].map(([, from = '']) => from).filter((from) => !/^(node:|\.\/verify-evidence\.mjs$)/.test(from));
    expect(foreign).toEqual([]);
  });

  it('agrees on a good chain', async () => {
    const { status, stdout } = await agreed(good, head);
    expect(status).toBe(0);
    expect(stdout).toBe(`6 entries checked, the chain is intact, last hash ${head.hash}\n`);
  });

  it.each<[string, unknown[]]>([
    ['a changed payload', changed({ payload: { raw_text: 'something else' } })],
    ['a changed timestamp', changed({ timestamp: '2026-11-03T07:00:09.000Z' })],
    ['a changed link', changed({ prev_hash: '0'.repeat(64) })],
    ['a gap', good.filter((entry) => entry.seq !== 3)],
    ['a renumbered gap', good.filter((entry) => entry.seq !== 3).map((entry, index) => ({ ...entry, seq: index + 1 }))],
    ['two entries swapped and renumbered', [0, 1, 3, 2, 4, 5].map((from, index) => ({ ...good[from], seq: index + 1 }))],
    ['a whole number that a double can not hold', changed({ payload: { count: 2 ** 60 } })],
    ['half of a surrogate pair', changed({ payload: { raw_text: '\ud83d' } })],
    ['something that is no entry', good.map((entry) => (entry.seq === 3 ? null : entry))],
  ])('agrees on %s', async (_, entries) => {
    const { status, stdout } = await agreed(entries);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^2 entries checked; entry 3 is broken: ./);
  });

  it('reports a line that was cut in the middle', () => {
    const { status, stdout } = run(good.map((entry) => JSON.stringify(entry)).join('\n').slice(0, -20));
    expect(status).toBe(1);
    expect(stdout).toMatch(/^5 entries checked; entry 6 is broken: .*JSON/);
  });

  it('agrees that a head noted earlier belongs to another chain', async () => {
    const { status, stdout } = await agreed(good, { count: 3, hash: head.hash });
    expect(status).toBe(1);
    expect(stdout).toBe('2 entries checked; entry 3 is broken: its hash is not the one that you noted\n');
  });

  it('agrees that the end was cut off, given a head noted earlier', async () => {
    const { status, stdout } = await agreed(good.slice(0, 4), head);
    expect(status).toBe(1);
    expect(stdout).toBe('4 entries checked; entry 5 is broken: it is missing, at least 6 entries are expected\n');
  });
});

describe('daily roots, without our code', () => {
  const days = [draftsOf(0, 5), draftsOf(5, 4)] as const;
  const { chain, roots } = rooted(days);

  it('are recomputed as the chain tells of them', () => {
    expect(runFiles(chain)).toEqual({ status: 0, stdout: `11 entries checked, the chain is intact, last hash ${chain[10]?.hash}\n2 daily roots of the chain checked\n0 published roots checked\n` });
  });

  it('are compared with those that a witness published, which also finds a cut at the end', () => {
    expect(runFiles(chain, roots)).toMatchObject({ status: 0, stdout: expect.stringMatching(/2 published roots checked\n$/) });
    expect(runFiles(chain.slice(0, 8), roots)).toEqual({ status: 1, stdout: expect.stringMatching(/\n8 entries are intact, but entry 9 is missing: the root of 2026-11-04 covers 10 entries\n$/) });
  });

  it('are found forged when the chain around them was sealed anew', () => {
    const forged = [[...days[0]], days[1].map((draft, index) => (index === 1 ? { ...draft, payload: { raw_text: 'something else' } } : draft))];
    const other = rooted(forged);
    expect(runFiles(other.chain)).toMatchObject({ status: 0 });
    expect(runFiles(other.chain, roots)).toEqual({ status: 1, stdout: expect.stringContaining('the root of 2026-11-04 is of another chain') });
  });

  it.each<[string, object, RegExp]>([
    ['a root that its entries do not give', { merkle_root: '0'.repeat(64) }, /forged: its entries give [0-9a-f]{64}/],
    ['a root that leaves entries out', { first_seq: 2, entry_count: 4 }, /leaves out entries from 1/],
    ['a root over entries that are not there', { last_seq: 40, entry_count: 40 }, /is missing: the root of 2026-11-03 covers 40 entries/],
    ['a root with another count', { entry_count: 6 }, /is of another chain/],
    ['a root with another head', { head_hash: '0'.repeat(64) }, /is of another chain/],
  ])('%s is found, though the chain holds', async (_, change, problem) => {
    const forged = sealEntries(GENESIS, chain.map((entry) => (entry.seq === 6 ? { ...entry, payload: { ...entry.payload, ...change } } : entry)));
    await expect(verifyChain(forged)).resolves.toMatchObject({ valid: true });
    expect(runFiles(forged)).toEqual({ status: 1, stdout: expect.stringMatching(problem) });
  });

  it('are not looked at when the chain under them is broken', () => {
    expect(runFiles(chain.filter(({ seq }) => seq !== 3), roots)).toEqual({ status: 1, stdout: expect.stringMatching(/^2 entries checked; entry 3 is broken: [^\n]+\n$/) });
  });

  it('prove each entry under them, and no entry that was changed', () => {
    for (const [seq, root, first] of [[1, roots[0], 1], [5, roots[0], 1], [6, roots[1], 6], [10, roots[1], 6]] as const) {
      const hashes = chain.slice(first - 1, root?.last_seq).map(({ hash }) => hash);
      const proof = { entry: chain[seq - 1], proof: inclusionProof(hashes, seq - first) };
      expect(prove(proof, root?.merkle_root)).toEqual({ status: 0, stdout: expect.stringMatching(`^proven: entry ${seq}, .* is under the root ${root?.merkle_root}`) });
      expect(prove({ ...proof, entry: { ...proof.entry, timestamp: '2026-11-03T07:00:09.000Z' } }, root?.merkle_root)).toMatchObject({ status: 1, stdout: expect.stringMatching(/^not proven: /) });
      expect(prove({ ...proof, proof: proof.proof.slice(1) }, root?.merkle_root)).toMatchObject({ status: 1 });
      expect(prove(proof, '0'.repeat(64))).toMatchObject({ status: 1 });
      expect(prove(proof, undefined)).toMatchObject({ status: 1 });
    }
  });
});

interface Root {
  day: string;
  merkle_root: string;
  entry_count: number;
  first_seq: number;
  last_seq: number;
  head_hash: string;
}

function draftsOf(from: number, count: number): EvidenceDraft[] {
  return Array.from({ length: count }, (_, index) => draftNumber(from + index));
}

/** Each day's entries, then the entry that tells its root, which belongs to the day after. */
function rooted(days: readonly (readonly EvidenceDraft[])[]): { chain: EvidenceEntry[]; roots: Root[] } {
  let chain: EvidenceEntry[] = [];
  const roots: Root[] = [];
  const add = (drafts: readonly EvidenceDraft[]): void => {
    const last = chain.at(-1);
    chain = [...chain, ...sealEntries(last === undefined ? GENESIS : { count: last.seq, hash: last.hash }, drafts)];
  };
  for (const [index, drafts] of days.entries()) {
    add(drafts);
    const [day, first_seq, last_seq] = [`2026-11-0${3 + index}`, (roots.at(-1)?.last_seq ?? 0) + 1, chain.length];
    const hashes = chain.slice(first_seq - 1).map(({ hash }) => hash);
    const root = { day, merkle_root: merkleRoot(hashes) ?? '', entry_count: hashes.length, first_seq, last_seq, head_hash: hashes.at(-1) ?? '' };
    roots.push(root);
    add([{ ...draftNumber(50 + index), event_type: 'anchor_computed', entity_type: 'evidence_root', entity_id: day, payload: root }]);
  }
  return { chain, roots };
}

function runFiles(chain: readonly unknown[], roots?: readonly unknown[]): { status: number | null; stdout: string } {
  const files = [chain, ...(roots === undefined ? [] : [roots])].map((lines, index) => {
    const file = join(folder, `${index === 0 ? 'chain' : 'roots'}.jsonl`);
    writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return file;
  });
  return node('verify-roots', files);
}

function prove(proof: unknown, root: string | undefined): { status: number | null; stdout: string } {
  const file = join(folder, 'proof.json');
  writeFileSync(file, JSON.stringify(proof));
  return node('verify-proof', [file, ...(root === undefined ? [] : [root])]);
}

function node(script: Script, args: readonly string[]): { status: number | null; stdout: string } {
  const { status, stdout } = spawnSync(process.execPath, [pathOf(script), ...args], { encoding: 'utf8' });
  return { status, stdout };
}

function changed(change: Partial<EvidenceEntry>): unknown[] {
  return good.map((entry) => (entry.seq === 3 ? { ...entry, ...change } : entry));
}

/** Runs the script on the exported lines and checks that the library reads the same lines the same way. */
async function agreed(entries: readonly unknown[], expected?: ChainHead): Promise<{ status: number | null; stdout: string }> {
  const lines = entries.map((entry) => JSON.stringify(entry));
  const outcome = run(lines.map((line) => `${line}\n`).join(''), expected);
  const verdict = await verifyChain(lines.map((line) => JSON.parse(line) as unknown), expected === undefined ? {} : { expected });
  expect(outcome.status).toBe(verdict.valid ? 0 : 1);
  expect(outcome.stdout).toContain(`${verdict.checked} entries checked`);
  return outcome;
}

function run(text: string, expected?: ChainHead): { status: number | null; stdout: string } {
  const file = join(folder, 'chain.jsonl');
  writeFileSync(file, text);
  return node('verify-evidence', [file, ...(expected === undefined ? [] : [String(expected.count), expected.hash])]);
}
