/** What anyone may read of the evidence: the whole chain, pages of it, the roots, and a proof that an entry is under one. */
import { inclusionProof } from '@carillon/evidence';
import type { EvidenceEntry, InclusionProof } from '@carillon/evidence';
import type { DataSource } from 'typeorm';
import { IsNull, LessThan, Not } from 'typeorm';
import type { EvidenceRoot } from '../entities-evidence.js';
import { Evidence } from '../entities-evidence.js';
import { entryOf, hashesBetween, rootsInOrder, sealedEntries } from '../store/evidence.js';

export interface EvidenceFilter {
  eventType?: string;
  entityType?: string;
  entityId?: string;
  /** Only entries before this position: the last one of the page before. */
  before?: number;
  /** At most 200; 50 unless told. */
  limit?: number;
}

/** Newest first. */
export async function listEvidence(dataSource: DataSource, { eventType, entityType, entityId, before, limit = 50 }: EvidenceFilter = {}): Promise<EvidenceEntry[]> {
  const rows = await dataSource.manager.find(Evidence, {
    where: {
      seq: before === undefined ? Not(IsNull()) : LessThan(before),
      ...(eventType !== undefined && { eventType }),
      ...(entityType !== undefined && { entityType }),
      ...(entityId !== undefined && { entityId: entityId.toLowerCase() }),
    },
    order: { seq: 'DESC' },
    take: Math.min(200, Math.max(1, limit)),
  });
  return rows.map(entryOf);
}

/** The whole chain in order, exactly what was hashed: whoever checks it needs nothing from us. Rows that wait for their seal are not in it. */
export function exportEvidence(dataSource: DataSource, { after = 0 } = {}): AsyncGenerator<EvidenceEntry> {
  return sealedEntries(dataSource, { after });
}

/** Oldest first. */
export async function listEvidenceRoots(dataSource: DataSource): Promise<EvidenceRoot[]> {
  return rootsInOrder(dataSource.manager);
}

/** The proof that the entry at a position is under its day's root; undefined while that day has none. */
export async function proveEvidence(dataSource: DataSource, seq: number): Promise<{ root: EvidenceRoot; hash: string; proof: InclusionProof } | undefined> {
  const root = (await rootsInOrder(dataSource.manager)).find(({ firstSeq, lastSeq }) => firstSeq <= seq && seq <= lastSeq);
  if (root === undefined) return undefined;
  const hashes = await hashesBetween(dataSource.manager, root.firstSeq, root.lastSeq);
  return { root, hash: hashes[seq - root.firstSeq] ?? '', proof: inclusionProof(hashes, seq - root.firstSeq) };
}
