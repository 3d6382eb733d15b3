/**
 * One Merkle root for each past UTC day. A day's entries are those sealed on it: a continuous stretch of the chain that nothing can be added to
 * afterwards, so every entry is under exactly one root, also one that was written before midnight and committed after.
 */
import { merkleRoot } from '@carillon/evidence';
import { databaseNow, inTransaction } from '@carillon/persistence';
import type { DataSource, EntityManager } from 'typeorm';
import { EvidenceRoot } from '../entities-evidence.js';
import { daysWithoutRoot, hashesBetween } from '../store/evidence.js';
import type { SealedDay } from '../store/evidence.js';
import { appendEvidence } from './append-evidence.js';
import { holdTheChain } from './sealer.js';

/**
 * Computes the roots of all days before today that have entries and no root, oldest first, each once; the day may have been missed long ago.
 * @returns the days, `YYYY-MM-DD`
 */
export async function computeDailyRoots(dataSource: DataSource): Promise<string[]> {
  return inTransaction(dataSource, async (manager) => {
    await holdTheChain(manager);
    const now = await databaseNow(manager);
    const days = await daysWithoutRoot(manager, now);
    for (const day of days) await computeRoot(manager, day, now);
    return days.map(({ day }) => day);
  });
}

async function computeRoot(manager: EntityManager, { day, firstSeq, lastSeq }: SealedDay, now: Date): Promise<void> {
  const hashes = await hashesBetween(manager, firstSeq, lastSeq);
  const root = merkleRoot(hashes);
  const headHash = hashes.at(-1);
  if (root === undefined || headHash === undefined) return;
  await manager.insert(EvidenceRoot, { day, root, entryCount: hashes.length, firstSeq, lastSeq, headHash, createdAt: now });
  const payload = { day, merkle_root: root, entry_count: hashes.length, first_seq: firstSeq, last_seq: lastSeq, head_hash: headHash };
  await appendEvidence(manager, { eventType: 'anchor_computed', entityType: 'evidence_root', entityId: day, payload });
}
