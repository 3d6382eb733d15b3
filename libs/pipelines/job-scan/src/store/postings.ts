/** Postings as rows, always many at once: a board has hundreds. */
import { In } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { Posting } from '../entities.js';
import type { Source } from '../entities.js';
import type { Content } from '../rules/changes.js';
import type { NormalPosting } from '../rules/normalise.js';
import type { StoredPosting } from '../rules/plan-scan.js';

const AT_ONCE = 500;

/** What a new reading is compared with. */
export async function storedPostings(manager: EntityManager, { type, identifier }: Source): Promise<(StoredPosting & { externalId: string; entryHash: string | null; entryReadAt: Date | null })[]> {
  return manager.query(
    `SELECT job_key AS "jobKey", external_id AS "externalId", content_hash AS "contentHash", facts_hash AS "factsHash", closed_at IS NOT NULL AS closed, entry_hash AS "entryHash", entry_read_at AS "entryReadAt"
     FROM job_scan.posting WHERE source_type = $1 AND source_identifier = $2`,
    [type, identifier],
  );
}

export interface PostingBefore extends Content {
  firstSeenAt: Date;
  /** Profiles for which it is decided what this version means: it was told, or there was nothing to tell. */
  settledFor: string[];
}

/** What postings said before they are changed, and what that meant. */
export async function postingsBefore(manager: EntityManager, keys: readonly string[]): Promise<Map<string, PostingBefore>> {
  if (keys.length === 0) return new Map();
  const rows = await manager.query<(PostingBefore & { jobKey: string })[]>(
    `SELECT job_key AS "jobKey", title, location, description, first_seen_at AS "firstSeenAt",
       ARRAY(SELECT a.profile FROM job_scan.alert a WHERE a.job_key = p.job_key AND a.content_hash = p.content_hash AND a.decision NOT IN ('below', 'nobody', 'muted')) AS "settledFor"
     FROM job_scan.posting p WHERE job_key = ANY($1)`,
    [keys],
  );
  return new Map(rows.map(({ jobKey, ...before }) => [jobKey, before]));
}

/** Without the texts: boards that touch a date of every posting each day are many. */
export async function firstSeenOf(manager: EntityManager, keys: readonly string[]): Promise<Map<string, Date>> {
  if (keys.length === 0) return new Map();
  const rows = await manager.query<{ jobKey: string; at: Date }[]>('SELECT job_key AS "jobKey", first_seen_at AS at FROM job_scan.posting WHERE job_key = ANY($1)', [keys]);
  return new Map(rows.map(({ jobKey, at }) => [jobKey, at]));
}

/** The open postings of a board, page by page in the order of their keys. */
export async function* openPostings(manager: EntityManager, { type, identifier }: Pick<Source, 'type' | 'identifier'>): AsyncIterable<Posting> {
  for (let after = ''; ; ) {
    const page = await manager
      .createQueryBuilder(Posting, 'posting')
      .where('posting.sourceType = :type AND posting.sourceIdentifier = :identifier AND posting.closedAt IS NULL AND posting.jobKey > :after', { type, identifier, after })
      .orderBy('posting.jobKey')
      .limit(AT_ONCE)
      .getMany();
    yield* page;
    if (page.length < AT_ONCE) return;
    after = page.at(-1)?.jobKey ?? '';
  }
}

export interface ClosedPosting {
  likeness: string;
  description: string;
  firstSeenAt: Date;
}

/** What was closed on this board, or closes now, and may be the same job as these: the oldest first. */
export async function closedAlike(manager: EntityManager, { type, identifier }: Source, likenesses: readonly string[], closing: readonly string[]): Promise<ClosedPosting[]> {
  if (likenesses.length === 0) return [];
  return manager.query(
    `SELECT likeness, description, first_seen_at AS "firstSeenAt" FROM job_scan.posting WHERE source_type = $1 AND source_identifier = $2 AND (closed_at IS NOT NULL OR job_key = ANY($4)) AND likeness = ANY($3) ORDER BY first_seen_at, job_key`,
    [type, identifier, likenesses, closing],
  );
}

export async function postingsByKey(manager: EntityManager, keys: readonly string[]): Promise<Posting[]> {
  return keys.length === 0 ? [] : manager.findBy(Posting, { jobKey: In([...keys]) });
}

export async function insertPostings(manager: EntityManager, source: Source, postings: readonly NormalPosting[], at: Date): Promise<void> {
  for (const part of partsOf(postings)) {
    await manager.query(
      `INSERT INTO job_scan.posting (job_key, source_type, source_identifier, first_seen_at, entry_read_at, ${COLUMNS})
       SELECT job_key, $2, $3, $4, CASE WHEN entry_hash IS NOT NULL THEN $4::timestamptz END, ${COLUMNS} FROM json_to_recordset($1::json) AS p (job_key text, ${TYPES})`,
      [JSON.stringify(part.map(rowOf)), source.type, source.identifier, at],
    );
  }
}

/** Everything but who it is and when it was first seen. */
export async function updatePostings(manager: EntityManager, postings: readonly NormalPosting[], at: Date): Promise<void> {
  for (const part of partsOf(postings)) {
    await manager.query(
      `UPDATE job_scan.posting o SET (${COLUMNS}, entry_read_at) = (${COLUMNS.split(', ').map((name) => `p.${name}`).join(', ')}, CASE WHEN p.entry_hash IS NOT NULL THEN $2::timestamptz END)
       FROM json_to_recordset($1::json) AS p (job_key text, ${TYPES}) WHERE o.job_key = p.job_key`,
      [JSON.stringify(part.map(rowOf)), at],
    );
  }
}

/** Closed: last seen when all of the board was before. */
export async function closePostings(manager: EntityManager, keys: readonly string[], { lastSeenAt, at }: { lastSeenAt: Date; at: Date }): Promise<void> {
  if (keys.length > 0) await manager.query('UPDATE job_scan.posting SET closed_at = $2, last_seen_at = $3 WHERE job_key = ANY($1) AND closed_at IS NULL', [keys, at, lastSeenAt]);
}

export async function reopenPostings(manager: EntityManager, keys: readonly string[], at: Date): Promise<void> {
  if (keys.length > 0) await manager.query('UPDATE job_scan.posting SET closed_at = NULL, last_seen_at = NULL, reopened_at = $2, reopenings = reopenings + 1 WHERE job_key = ANY($1) AND closed_at IS NOT NULL', [keys, at]);
}

const COLUMNS = 'external_id, title, company, location, description, url, posted_at, updated_at, details, content_hash, facts_hash, likeness, entry_hash';
const TYPES = 'external_id text, title text, company text, location text, description text, url text, posted_at timestamptz, updated_at timestamptz, details jsonb, content_hash text, facts_hash text, likeness text, entry_hash text';

function rowOf(posting: NormalPosting): object {
  const { jobKey: job_key, externalId: external_id, postedAt: posted_at, updatedAt: updated_at, contentHash: content_hash, factsHash: facts_hash, entryHash: entry_hash, ...same } = posting;
  return { job_key, external_id, posted_at, updated_at, content_hash, facts_hash, entry_hash, ...same };
}

function partsOf<T>(list: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(list.length / AT_ONCE) }, (_none, part) => list.slice(part * AT_ONCE, (part + 1) * AT_ONCE));
}
