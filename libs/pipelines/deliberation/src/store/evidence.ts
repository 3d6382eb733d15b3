/** Evidence as rows: what waits for its seal, the chain in order, and which days want a root. */
import type { ChainHead, EvidenceDraft, EvidenceEntry } from '@carillon/evidence';
import type { DataSource, EntityManager } from 'typeorm';
import { LessThanOrEqual, MoreThan, MoreThanOrEqual } from 'typeorm';
import { Evidence, EvidenceRoot } from '../entities-evidence.js';

/** A day's stretch of the chain, both ends included. */
export interface SealedDay {
  /** UTC, `YYYY-MM-DD`. */
  day: string;
  firstSeq: number;
  lastSeq: number;
}

/** Unsealed rows that are committed, in the order of their time and id. */
export async function unsealed(manager: EntityManager, limit: number): Promise<EvidenceDraft[]> {
  const rows = await manager
    .createQueryBuilder(Evidence, 'evidence')
    .where('evidence.seq IS NULL')
    .orderBy('evidence.recordedAt')
    .addOrderBy('evidence.id')
    .limit(limit)
    .getMany();
  return rows.map(draftOf);
}

export async function anyUnsealed(manager: EntityManager): Promise<boolean> {
  const [row] = await manager.query<{ any: boolean }[]>('SELECT EXISTS (SELECT FROM deliberation.evidence WHERE seq IS NULL) AS any');
  return row?.any === true;
}

export async function chainHead(manager: EntityManager): Promise<ChainHead | undefined> {
  const [row] = await manager.query<{ seq: string; hash: string }[]>('SELECT seq, hash FROM deliberation.evidence WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1');
  return row && { count: Number(row.seq), hash: row.hash };
}

export async function sealRows(manager: EntityManager, entries: readonly EvidenceEntry[], now: Date): Promise<void> {
  await manager.query(
    `UPDATE deliberation.evidence SET seq = sealed.seq, prev_hash = sealed.prev_hash, hash = sealed.hash, sealed_at = $5
     FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[]) AS sealed (id, seq, prev_hash, hash) WHERE evidence.id = sealed.id`,
    [entries.map(({ id }) => id), entries.map(({ seq }) => seq), entries.map(({ prev_hash }) => prev_hash), entries.map(({ hash }) => hash), now],
  );
}

export async function countUnsealed(manager: EntityManager): Promise<number> {
  return manager.createQueryBuilder(Evidence, 'evidence').where('evidence.seq IS NULL').getCount();
}

/** The sealed chain from its start, or after a position, a page at a time: a chain of any length takes one page of memory and no long transaction. */
export async function* sealedEntries(dataSource: DataSource, { after = 0, pageSize = 1_000 } = {}): AsyncGenerator<EvidenceEntry> {
  for (let last = after; ; ) {
    const page = await dataSource.manager.find(Evidence, { where: { seq: MoreThan(last) }, order: { seq: 'ASC' }, take: pageSize });
    for (const row of page) yield entryOf(row);
    last = page.at(-1)?.seq ?? last;
    if (page.length < pageSize) return;
  }
}

export async function rootsInOrder(manager: EntityManager): Promise<EvidenceRoot[]> {
  return manager.find(EvidenceRoot, { order: { firstSeq: 'ASC' } });
}

/** The sealed entry at a position, if there is one. */
export async function entryAt(manager: EntityManager, seq: number): Promise<EvidenceEntry | undefined> {
  const row = await manager.findOneBy(Evidence, { seq });
  return row === null ? undefined : entryOf(row);
}

/** The root whose day's stretch holds a position, if that day has one. */
export async function rootOver(manager: EntityManager, seq: number): Promise<EvidenceRoot | undefined> {
  return (await manager.findOneBy(EvidenceRoot, { firstSeq: LessThanOrEqual(seq), lastSeq: MoreThanOrEqual(seq) })) ?? undefined;
}

/**
 * The stretches that no root covers, of days before today. A day is when an entry was sealed, but never one that has its root already, and never
 * earlier than that of the entry before: a clock that was set back must not tear a stretch apart.
 */
export async function daysWithoutRoot(manager: EntityManager, now: Date): Promise<SealedDay[]> {
  const rows = await manager.query<{ day: string; first: string; last: string }[]>(
    `WITH covered AS (SELECT coalesce(max(last_seq), 0) AS seq, coalesce(max(day), '-infinity'::date) AS day FROM deliberation.evidence_root),
     open AS (
       SELECT evidence.seq, max(greatest((sealed_at AT TIME ZONE 'UTC')::date, CASE WHEN isfinite(covered.day) THEN covered.day + 1 ELSE covered.day END)) OVER (ORDER BY evidence.seq) AS day
       FROM deliberation.evidence, covered WHERE evidence.seq > covered.seq
     )
     SELECT to_char(open.day, 'YYYY-MM-DD') AS day, min(open.seq) AS first, max(open.seq) AS last FROM open
     WHERE open.day < ($1::timestamptz AT TIME ZONE 'UTC')::date GROUP BY open.day ORDER BY open.day`,
    [now],
  );
  return rows.map(({ day, first, last }) => ({ day, firstSeq: Number(first), lastSeq: Number(last) }));
}

export async function hashesBetween(manager: EntityManager, firstSeq: number, lastSeq: number): Promise<string[]> {
  const rows = await manager.query<{ hash: string }[]>('SELECT hash FROM deliberation.evidence WHERE seq BETWEEN $1 AND $2 ORDER BY seq', [firstSeq, lastSeq]);
  return rows.map(({ hash }) => hash);
}

/** A sealed row as the public entry that it is. */
export function entryOf(row: Evidence): EvidenceEntry {
  return { ...draftOf(row), seq: row.seq ?? 0, prev_hash: row.prevHash ?? '', hash: row.hash ?? '' };
}

function draftOf(row: Evidence): EvidenceDraft {
  return {
    id: row.id,
    timestamp: row.recordedAt.toISOString(),
    event_type: row.eventType,
    entity_type: row.entityType,
    entity_id: row.entityId,
    payload: row.payload as EvidenceDraft['payload'],
  };
}
