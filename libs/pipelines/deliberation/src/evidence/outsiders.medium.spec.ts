import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { verifyInclusion } from '@carillon/evidence';
import type { EvidenceEntry } from '@carillon/evidence';
import { inTransaction, newId } from '@carillon/persistence';
import { testDatabase } from '@carillon/testing';
import { WitnessRefused } from '../errors.js';
import { intakeUnderTest } from '../intake.fixture.js';
import type { IntakeUnderTest } from '../intake.fixture.js';
import { appendEvidence } from './append-evidence.js';
import { computeDailyRoots } from './daily-roots.js';
import { exportEvidence } from './read-evidence.js';
import { listEvidenceRoots, proveEvidence } from './roots-and-proofs.js';
import type { DailyRoot } from './roots-and-proofs.js';
import { sealPending } from './sealer.js';
import { verifyEvidence } from './verify-evidence.js';
import { RootPublisher } from './witness/publish-roots.js';

const [MINUTE, HOUR] = [60_000, 3_600_000];
const script = resolve(import.meta.dirname, '../../../../../docs/verify-roots.mjs');
const folder = mkdtempSync(join(tmpdir(), 'carillon-outsiders-'));
let sut: IntakeUnderTest;

/** Two days with a root each, and a third that is not over: entries 1 to 4, 5 to 8, and the last two roots' own. */
beforeAll(async () => {
  sut = await intakeUnderTest(await testDatabase());
  await sut.advance(12 * HOUR - (Date.now() % (24 * HOUR)) + 24 * HOUR);
  for (const size of [4, 3]) {
    for (let number = 0; number < size; number += 1) {
      await inTransaction(sut.dataSource, (manager) => appendEvidence(manager, { eventType: 'pipeline_run', entityType: 'run', entityId: newId(), payload: { note: `دوچرخه ${number}` }, private: { user_id: `u-${number}` } }));
      await sealPending(sut.dataSource);
    }
    await sut.advance(24 * HOUR);
    await computeDailyRoots(sut.dataSource);
    await sealPending(sut.dataSource);
  }
  // From here on the triggers are out of the way, as they are for whoever owns the tables.
  await sut.query('ALTER TABLE deliberation.evidence DISABLE TRIGGER USER');
  await sut.query('DELETE FROM deliberation.evidence_private');
  await sut.query('CREATE TABLE kept AS SELECT * FROM deliberation.evidence');
  await sut.query('CREATE TABLE kept_root AS SELECT * FROM deliberation.evidence_root');
});
afterAll(async () => {
  await sut.close();
  rmSync(folder, { recursive: true });
});

/** What an owner of the database could do, and back again. */
async function tampered<T>(change: string, look: () => Promise<T>): Promise<T> {
  await sut.query(`DO $do$ BEGIN ${change}; END $do$`);
  try {
    return await look();
  } finally {
    await sut.query(`DO $do$ BEGIN DELETE FROM deliberation.evidence; INSERT INTO deliberation.evidence SELECT * FROM kept; DELETE FROM deliberation.evidence_root; INSERT INTO deliberation.evidence_root SELECT * FROM kept_root; END $do$`);
  }
}

async function exported(): Promise<EvidenceEntry[]> {
  const entries: EvidenceEntry[] = [];
  for await (const entry of exportEvidence(sut.dataSource)) entries.push(entry);
  return entries;
}

/** The verdicts of the house and of the scripts that know no code of ours. */
async function verdicts(roots?: readonly DailyRoot[]): Promise<{ house: boolean; stranger: boolean; said: string }> {
  const house = await verifyEvidence(sut.dataSource);
  const [chain, published] = [join(folder, 'chain.jsonl'), join(folder, 'roots.jsonl')];
  writeFileSync(chain, (await exported()).map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  if (roots !== undefined) writeFileSync(published, roots.map((root) => `${JSON.stringify(root)}\n`).join(''));
  const { status, stdout } = spawnSync(process.execPath, [script, chain, ...(roots === undefined ? [] : [published])], { encoding: 'utf8' });
  return { house: house.valid, stranger: status === 0, said: stdout };
}

describe('an outsider', () => {
  it('verifies the export and both roots, and then proves every rooted entry by itself', async () => {
    expect(await verdicts(await listEvidenceRoots(sut.dataSource))).toMatchObject({ house: true, stranger: true, said: expect.stringContaining('2 published roots checked') });
    const roots = await listEvidenceRoots(sut.dataSource);
    const entries = await exported();
    expect([roots.map(({ first_seq, last_seq }) => [first_seq, last_seq]), entries.length]).toEqual([[[1, 4], [5, 8]], 9]);
    for (const { seq, hash } of entries.slice(0, 8)) {
      const proven = await proveEvidence(sut.dataSource, seq);
      if (typeof proven === 'string') throw new Error(proven);
      expect(verifyInclusion(hash, proven.proof, roots[seq <= 4 ? 0 : 1]?.merkle_root ?? '')).toBe(true);
      expect(proven.entry).toEqual(entries[seq - 1]);
    }
    expect([await proveEvidence(sut.dataSource, 9), await proveEvidence(sut.dataSource, 10)]).toEqual(['no_root_yet', 'no_such_entry']);
  });

  it('finds a change of any field of any row', async () => {
    const changes: Record<string, string> = { recorded_at: "recorded_at + interval '1 ms'", event_type: "'vote_cast'", entity_type: "'other'", entity_id: "'0'", payload: `payload || '{"forged": true}'`, prev_hash: "repeat('0', 64)", hash: "repeat('0', 64)" };
    const missed: string[] = [];
    for (let seq = 1; seq <= 9; seq += 1) {
      for (const [column, value] of Object.entries(changes)) {
        const change = `UPDATE deliberation.evidence SET ${column} = ${value} WHERE seq = ${seq}`;
        if ((await tampered(change, () => verifyEvidence(sut.dataSource))).valid) missed.push(`${column} of ${seq}`);
      }
    }
    expect(missed).toEqual([]);
  });

  it.each([
    ['two rows that changed places', 'UPDATE deliberation.evidence SET seq = seq + 100 WHERE seq IN (2, 3); UPDATE deliberation.evidence SET seq = 105 - seq WHERE seq > 100'],
    ['a row in the middle that was taken away', 'DELETE FROM deliberation.evidence WHERE seq = 6'],
    ['a row in the middle that was taken away, the rest renumbered', 'DELETE FROM deliberation.evidence WHERE seq = 6; UPDATE deliberation.evidence SET seq = seq + 99 WHERE seq > 6; UPDATE deliberation.evidence SET seq = seq - 100 WHERE seq > 100'],
  ])('and the house find %s', async (_, change) => {
    expect(await tampered(change, () => verdicts())).toMatchObject({ house: false, stranger: false });
  });

  it('and the house find a tail that was cut off under a root', async () => {
    const roots = await listEvidenceRoots(sut.dataSource);
    const cut = 'DELETE FROM deliberation.evidence WHERE seq > 7';
    expect(await tampered(cut, () => verdicts(roots))).toMatchObject({ house: false, stranger: false, said: expect.stringContaining('is missing') });
  });

  it('finds a tail that was cut off together with its root, which the house alone can not', async () => {
    const roots = await listEvidenceRoots(sut.dataSource);
    const cut = `DELETE FROM deliberation.evidence WHERE seq > 7; DELETE FROM deliberation.evidence_root WHERE last_seq > 7`;
    expect(await tampered(cut, () => verdicts(roots))).toMatchObject({ house: true, stranger: false, said: expect.stringContaining('is missing') });
  });

  it.each([
    ['a root that was exchanged', "UPDATE deliberation.evidence_root SET root = repeat('0', 64) WHERE first_seq = 5"],
    ['a root that was taken away', 'DELETE FROM deliberation.evidence_root WHERE first_seq = 5'],
    ['a root over another stretch', 'UPDATE deliberation.evidence_root SET last_seq = 7, entry_count = 3 WHERE first_seq = 5'],
  ])('and the house find %s', async (_, change) => {
    const own = await tampered(change, async () => ({ verdict: await verifyEvidence(sut.dataSource), roots: await listEvidenceRoots(sut.dataSource) }));
    expect(own.verdict.valid).toBe(false);
    expect((await verdicts(own.roots)).stranger).toBe(own.roots.length === 1);
  });
});

it('a witness is told every root once; when it fails it is tried again, later each time, and the listing says so', async () => {
  const [told, logged]: [string[], string[]] = [[], []];
  let failures = 2;
  const witness = {
    name: 'https://witness.example/anchors',
    publish: async ({ day }: DailyRoot): Promise<string> => {
      if (failures-- > 0) throw new WitnessRefused('https://witness.example/anchors', 'answered 503');
      told.push(day);
      return `receipt ${told.length}`;
    },
  };
  const note = (_: object, message: string): void => void logged.push(message);
  const publishers = [1, 2].map(() => new RootPublisher({ dataSource: sut.dataSource, witnesses: [witness], log: { info: note, warn: note } }));
  const [publisher] = publishers;
  const [first, second] = (await listEvidenceRoots(sut.dataSource)).map(({ day }) => day);

  expect(await publisher?.runOnce()).toBe(0);
  failures = 1;
  expect(await publisher?.runOnce()).toBe(0);
  const waiting = await listEvidenceRoots(sut.dataSource);
  expect(waiting.map(({ publications }) => publications)).toEqual([1, 1].map((attempts) => [expect.objectContaining({ witness: witness.name, attempts, published_at: null, receipt: null, error: 'https://witness.example/anchors: answered 503' })]));
  expect(await publisher?.runOnce()).toBe(0);
  expect(told).toEqual([]);

  failures = 0;
  await sut.advance(2 * MINUTE);
  const counts = await Promise.all(publishers.map((one) => one.runOnce()));
  expect([counts.reduce((sum, count) => sum + count, 0), [...told].sort()]).toEqual([2, [first, second]]);
  expect(await publisher?.runOnce()).toBe(0);
  const done = await listEvidenceRoots(sut.dataSource);
  expect(done.flatMap(({ publications }) => publications.map(({ error, next_attempt_at, attempts }) => [error, next_attempt_at, attempts]))).toEqual([[null, null, 2], [null, null, 2]]);
  expect(logged.filter((line) => line === 'a daily root could not be published')).toHaveLength(2);
});
