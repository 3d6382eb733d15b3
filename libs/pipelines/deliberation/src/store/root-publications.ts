/** Which daily root was told to which witness, as rows: claimed for one attempt, then settled. */
import type { EntityManager } from 'typeorm';
import { EvidenceRoot, RootPublicationRow } from '../entities-evidence.js';

/** How far a root came at one witness. */
export interface RootPublication {
  readonly witness: string;
  readonly attempts: number;
  readonly published_at: string | null;
  readonly receipt: string | null;
  /** Why the last attempt failed, and when the next one is due; both null once it is published. */
  readonly error: string | null;
  readonly next_attempt_at: string | null;
}

export interface ClaimedPublication {
  root: EvidenceRoot;
  /** This one included. */
  attempts: number;
}

/** Every root that a witness has not heard of becomes due; a witness that is new is told all there are. */
export async function oweRoots(manager: EntityManager, witness: string, now: Date): Promise<void> {
  await manager.query(
    `INSERT INTO deliberation.root_publication (day, witness, next_attempt_at) SELECT day, $1, $2 FROM deliberation.evidence_root ON CONFLICT (day, witness) DO NOTHING`,
    [witness, now],
  );
}

/**
 * Takes the oldest root that is due at a witness. Until `leaseEnd` nobody else tries it; when this process dies, the attempt is repeated then, which is harmless: it says
 * the same root of the same day.
 */
export async function claimPublication(manager: EntityManager, witness: string, now: Date, leaseEnd: Date): Promise<ClaimedPublication | undefined> {
  const [[claimed]] = await manager.query<[{ day: string; attempts: number }[], number]>(
    `UPDATE deliberation.root_publication SET attempts = attempts + 1, next_attempt_at = $3
     WHERE witness = $1 AND day = (
       SELECT day FROM deliberation.root_publication WHERE witness = $1 AND published_at IS NULL AND next_attempt_at <= $2 ORDER BY day LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING to_char(day, 'YYYY-MM-DD') AS day, attempts`,
    [witness, now, leaseEnd],
  );
  return claimed && { root: await manager.findOneByOrFail(EvidenceRoot, { day: claimed.day }), attempts: claimed.attempts };
}

export async function recordPublished(manager: EntityManager, { day, witness, receipt, now }: { day: string; witness: string; receipt: string; now: Date }): Promise<void> {
  await manager.update(RootPublicationRow, { day, witness }, { publishedAt: now, receipt, lastError: null, nextAttemptAt: null });
}

export async function recordRefused(manager: EntityManager, { day, witness, error, nextAttemptAt }: { day: string; witness: string; error: string; nextAttemptAt: Date }): Promise<void> {
  await manager.update(RootPublicationRow, { day, witness }, { lastError: error, nextAttemptAt });
}

/** By day, witnesses in order of their name. */
export async function publications(manager: EntityManager): Promise<Map<string, RootPublication[]>> {
  const byDay = new Map<string, RootPublication[]>();
  for (const row of await manager.find(RootPublicationRow, { order: { day: 'ASC', witness: 'ASC' } })) {
    const { witness, attempts, receipt, lastError } = row;
    const told = { witness, attempts, published_at: row.publishedAt?.toISOString() ?? null, receipt, error: lastError, next_attempt_at: row.nextAttemptAt?.toISOString() ?? null };
    byDay.set(row.day, [...(byDay.get(row.day) ?? []), told]);
  }
  return byDay;
}
