import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { saltedHash, verifyChain, verifyInclusion } from '@carillon/evidence';
import { inTransaction, newId } from '@carillon/persistence';
import { signal, testDatabase } from '@carillon/testing';
import { intakeUnderTest } from '../intake.fixture.js';
import type { IntakeUnderTest } from '../intake.fixture.js';
import { appendEvidence } from './append-evidence.js';
import type { NewEvidence } from './append-evidence.js';
import { computeDailyRoots } from './daily-roots.js';
import { exportEvidence, listEvidence } from './read-evidence.js';
import { proveEvidence } from './roots-and-proofs.js';
import { sealPending } from './sealer.js';
import { verifyEvidence } from './verify-evidence.js';

const HOUR = 3_600_000;
let sut: IntakeUnderTest;

beforeEach(async () => {
  sut = await intakeUnderTest(await testDatabase());
  // Noon, so that a spec decides itself when midnight comes.
  await sut.advance(12 * HOUR - (Date.now() % (24 * HOUR)) + 24 * HOUR);
});
afterEach(() => sut.close());

const event = (payload: NewEvidence['payload'] = { note: 'دوچرخه 🚲', share: 1e-7 }): NewEvidence => ({ eventType: 'pipeline_run', entityType: 'run', entityId: newId().toUpperCase(), payload });
const append = (...entries: NewEvidence[]): Promise<void> => inTransaction(sut.dataSource, (manager) => appendEvidence(manager, ...entries));
const tamper = async (sql: string): Promise<void> => {
  await sut.query('ALTER TABLE deliberation.evidence DISABLE TRIGGER USER');
  await sut.query(sql);
  await sut.query('ALTER TABLE deliberation.evidence ENABLE TRIGGER USER');
};

describe('evidence', () => {
  it('becomes one unbroken chain, whoever writes at the same time, and a second sealing adds nothing', async () => {
    await Promise.all(Array.from({ length: 40 }, () => append(event())));
    const sealed = await Promise.all([sealPending(sut.dataSource), sealPending(sut.dataSource)]);
    await sealPending(sut.dataSource);
    expect(Math.max(...sealed)).toBeGreaterThan(0);
    expect(await verifyEvidence(sut.dataSource)).toMatchObject({ valid: true, checked: 40, unsealed: 0 });
    expect(await sealPending(sut.dataSource)).toBe(0);
  });

  it('does not make writers wait for each other or for the sealer, and seals late a row that commits late (defect 29)', async () => {
    const [written, go] = [signal(), signal()];
    const slow = inTransaction(sut.dataSource, async (manager) => {
      await appendEvidence(manager, event({ who: 'slow' }));
      written.resolve();
      await go.wait();
    });
    await written.wait();
    await append(event({ who: 'quick' }));
    expect(await sealPending(sut.dataSource)).toBe(1);
    go.resolve();
    await slow;
    expect(await sealPending(sut.dataSource)).toBe(1);
    expect((await listEvidence(sut.dataSource)).map(({ payload }) => payload['who'])).toEqual(['slow', 'quick']);
    expect(await verifyEvidence(sut.dataSource)).toMatchObject({ valid: true, checked: 2 });
  });

  it('holds private fields only as salted hashes, so that the export verifies as it stands, also after they are deleted (defect 18)', async () => {
    await append({ ...event({}), private: { user_id: 'u-1' } }, { ...event({}), private: { user_id: 'u-1' } });
    await sealPending(sut.dataSource);
    const exported: unknown[] = [];
    for await (const entry of exportEvidence(sut.dataSource)) exported.push(JSON.parse(JSON.stringify(entry)));
    expect(JSON.stringify(exported)).not.toContain('u-1');
    expect(await verifyChain(exported)).toMatchObject({ valid: true, checked: 2 });
    const privates = await sut.query<{ hash: string; salt: string; value: string }>("SELECT e.payload->>'user_id_hash' AS hash, p.salt, p.value FROM deliberation.evidence e JOIN deliberation.evidence_private p ON p.evidence_id = e.id");
    for (const { hash, salt, value } of privates) expect(saltedHash(value, salt)).toBe(hash);
    expect(new Set(privates.map(({ hash }) => hash)).size).toBe(2);
    await sut.query('DELETE FROM deliberation.evidence_private');
    expect(await verifyEvidence(sut.dataSource)).toMatchObject({ valid: true });
  });

  it('goes with the transaction that it is about', async () => {
    const work = inTransaction(sut.dataSource, async (manager) => {
      await appendEvidence(manager, event());
      throw new Error('changed my mind');
    });
    await expect(work).rejects.toThrow('changed my mind');
    expect(await sealPending(sut.dataSource)).toBe(0);
  });

  it('refuses unknown events, and what could never be hashed', async () => {
    await expect(append({ ...event(), eventType: 'user_created' as never })).rejects.toMatchObject({ name: 'UnknownEvidenceEvent' });
    await expect(append(event({ count: 2 ** 60 }))).rejects.toMatchObject({ name: 'NotCanonicalError', path: '$.count' });
  });

  it('can not be changed or deleted through SQL', async () => {
    await append(event());
    await expect(sut.query("UPDATE deliberation.evidence SET payload = '{}'")).rejects.toThrow(/append-only/);
    await sealPending(sut.dataSource);
    await expect(sut.query('UPDATE deliberation.evidence SET seq = 7')).rejects.toThrow(/sealed/);
    await expect(sut.query('DELETE FROM deliberation.evidence')).rejects.toThrow(/append-only/);
    await expect(sut.query('TRUNCATE deliberation.evidence CASCADE')).rejects.toThrow(/append-only/);
  });

  it.each([
    ['a changed payload', `UPDATE deliberation.evidence SET payload = '{"forged": true}' WHERE seq = 2`, { position: 2, reason: 'wrong_hash' }],
    ['a changed time', "UPDATE deliberation.evidence SET recorded_at = recorded_at + interval '1 second' WHERE seq = 2", { position: 2, reason: 'wrong_hash' }],
    ['a removed entry', 'DELETE FROM deliberation.evidence WHERE seq = 2', { position: 2, reason: 'wrong_sequence' }],
  ])('shows %s when someone gets past the trigger', async (_, sql, brokenAt) => {
    await append(event(), event(), event());
    await sealPending(sut.dataSource);
    await tamper(sql);
    expect(await verifyEvidence(sut.dataSource)).toMatchObject({ valid: false, checked: 1, brokenAt });
  });
});

describe('daily roots', () => {
  it("cover yesterday once, after midnight, with missed days made up, and leave today's entries to tomorrow (defects 5 and 6)", async () => {
    await append(event(), event());
    await sealPending(sut.dataSource);
    expect(await computeDailyRoots(sut.dataSource)).toEqual([]);
    await sut.advance(24 * HOUR);
    await append(event());
    await sealPending(sut.dataSource);
    await sut.advance(48 * HOUR);
    await append(event());
    await sealPending(sut.dataSource);
    expect(await computeDailyRoots(sut.dataSource)).toHaveLength(2);
    expect(await computeDailyRoots(sut.dataSource)).toEqual([]);
    const roots = await sut.query('SELECT entry_count, first_seq::int, last_seq::int FROM deliberation.evidence_root ORDER BY day');
    expect(roots).toEqual([{ entry_count: 2, first_seq: 1, last_seq: 2 }, { entry_count: 1, first_seq: 3, last_seq: 3 }]);
    await sealPending(sut.dataSource);
    expect((await listEvidence(sut.dataSource, { eventType: 'anchor_computed' })).map(({ payload }) => payload['entry_count'])).toEqual([1, 2]);
    expect(await verifyEvidence(sut.dataSource)).toMatchObject({ valid: true, checked: 6, roots: { checked: 2 } });
  });

  it('prove that an entry belongs to its day, and find a chain that was cut at its end (defect 25)', async () => {
    await append(event(), event(), event());
    await sealPending(sut.dataSource);
    await sut.advance(24 * HOUR);
    await computeDailyRoots(sut.dataSource);
    const proven = await proveEvidence(sut.dataSource, 2);
    if (typeof proven === 'string') throw new Error(proven);
    expect(verifyInclusion(proven.entry.hash, proven.proof, proven.root.merkle_root)).toBe(true);
    await tamper('DELETE FROM deliberation.evidence WHERE seq = 3');
    expect(await verifyEvidence(sut.dataSource)).toMatchObject({ valid: false, brokenAt: { position: 3, reason: 'truncated' } });
  });

  it('show a root that was exchanged', async () => {
    await append(event());
    await sealPending(sut.dataSource);
    await sut.advance(24 * HOUR);
    const [day] = await computeDailyRoots(sut.dataSource);
    await sut.query("UPDATE deliberation.evidence_root SET root = repeat('0', 64)");
    expect(await verifyEvidence(sut.dataSource)).toMatchObject({ valid: false, roots: { broken: day } });
  });
});
