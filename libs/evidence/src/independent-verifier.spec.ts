import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { chainOf } from './chain.fixture.js';
import type { ChainHead, EvidenceEntry } from './entry.js';
import { verifyChain } from './verify-chain.js';

const script = resolve(import.meta.dirname, '../../../docs/verify-evidence.mjs');
const folder = mkdtempSync(join(tmpdir(), 'carillon-evidence-'));
const good = chainOf(6);
const head = { count: 6, hash: good[5]?.hash ?? '' };

describe('the verifier without our code', () => {
  afterAll(() => rmSync(folder, { recursive: true }));

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
  const { status, stdout } = spawnSync(process.execPath, [script, file, ...(expected === undefined ? [] : [String(expected.count), expected.hash])], { encoding: 'utf8' });
  return { status, stdout };
}
