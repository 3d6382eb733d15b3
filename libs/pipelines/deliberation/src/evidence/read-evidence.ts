/** What anyone may read of the evidence: the whole chain, and pages of it. */
import type { EvidenceEntry } from '@carillon/evidence';
import type { DataSource } from 'typeorm';
import { IsNull, LessThan, Not } from 'typeorm';
import { Evidence } from '../entities-evidence.js';
import { entryOf, sealedEntries } from '../store/evidence.js';

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
