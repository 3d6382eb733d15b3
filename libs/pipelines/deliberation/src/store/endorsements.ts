/** Endorsing a concern: one person, one concern, once, and only while it is open. */
import { databaseNow, inTransaction, newId } from '@carillon/persistence';
import type { DataSource, EntityManager } from 'typeorm';
import type { Localized } from '../entities-groups.js';
import { appendEvidence } from '../evidence/append-evidence.js';
import { HELD } from './clusters.js';

export type EndorseResult = 'endorsed' | 'already_endorsed' | 'asleep' | 'archived' | 'no_such_cluster' | 'not_eligible';
export type WithdrawEndorsementResult = 'withdrawn' | 'not_endorsed';

/** Records an endorsement and credits the person with a contribution. Repeating it changes nothing. `rules`: who may; anyone unless given. */
export async function endorse(dataSource: DataSource, { accountId, clusterId }: { accountId: string; clusterId: string }, rules?: { minAccountAgeHours: number }): Promise<EndorseResult> {
  return inTransaction(dataSource, async (manager) => {
    if (rules && !(await mayTakePart(manager, accountId, rules.minAccountAgeHours))) return 'not_eligible';
    // Locked so that a merge, which moves endorsements, comes wholly before or after.
    const [cluster] = await manager.query<{ status: string }[]>('SELECT status FROM deliberation.cluster WHERE id = $1 FOR SHARE', [clusterId]);
    if (!cluster) return 'no_such_cluster';
    if (cluster.status !== 'open') return cluster.status === 'dormant' ? 'asleep' : 'archived';
    const inserted = await manager.query<unknown[]>(
      'INSERT INTO deliberation.endorsement (id, account_id, cluster_id) VALUES ($1, $2, $3) ON CONFLICT (account_id, cluster_id) DO NOTHING RETURNING id',
      [newId(), accountId, clusterId],
    );
    if (inserted.length === 0) return 'already_endorsed';
    await manager.query('UPDATE deliberation.account SET contribution_count = contribution_count + 1 WHERE id = $1', [accountId]);
    await appendEvidence(manager, { eventType: 'policy_endorsed', entityType: 'cluster', entityId: clusterId, payload: { cluster_id: clusterId }, private: { user_id: accountId } });
    return 'endorsed';
  });
}

/** Takes an endorsement back, with the contribution that it was. Also of a concern that is not open any more. */
export async function withdrawEndorsement(dataSource: DataSource, { accountId, clusterId }: { accountId: string; clusterId: string }): Promise<WithdrawEndorsementResult> {
  return inTransaction(dataSource, async (manager) => {
    const [, deleted] = await manager.query<[unknown, number]>('DELETE FROM deliberation.endorsement WHERE account_id = $1 AND cluster_id = $2', [accountId, clusterId]);
    if (deleted === 0) return 'not_endorsed';
    await manager.query('UPDATE deliberation.account SET contribution_count = greatest(0, contribution_count - 1) WHERE id = $1', [accountId]);
    await appendEvidence(manager, { eventType: 'endorsement_withdrawn', entityType: 'cluster', entityId: clusterId, payload: { cluster_id: clusterId }, private: { user_id: accountId } });
    return 'withdrawn';
  });
}

/** The gate of submissions: e-mail and messaging verified, and linked long enough by the database's clock. */
export async function mayTakePart(manager: EntityManager, accountId: string, minAccountAgeHours: number): Promise<boolean> {
  const now = await databaseNow(manager);
  const [row] = await manager.query<{ may: boolean }[]>(
    `SELECT email_verified AND messaging_verified AND coalesce(linked_at <= $2::timestamptz - $3 * interval '1 hour', false) AS may FROM deliberation.account WHERE id = $1`,
    [accountId, now, minAccountAgeHours],
  );
  return row?.may === true;
}

/** Open concerns with a question that a person has not endorsed and nobody votes on, the oldest first: what there is to endorse. */
export async function endorsable(manager: EntityManager, accountId: string, after?: string): Promise<{ id: string; question: Localized; title: Localized; size: number; endorsements: number } | undefined> {
  const [row] = await manager.query<{ id: string; question: Localized; title: Localized; size: number; endorsements: number }[]>(
    `SELECT c.id, c.question, c.title, c.member_count AS size, (SELECT count(*)::int FROM deliberation.endorsement e WHERE e.cluster_id = c.id) AS endorsements
     FROM deliberation.cluster c WHERE c.status = 'open' AND c.question IS NOT NULL AND NOT ${HELD} AND ($2::uuid IS NULL OR (c.created_at, c.id) > (SELECT created_at, id FROM deliberation.cluster WHERE id = $2))
       AND NOT EXISTS (SELECT FROM deliberation.endorsement e WHERE e.cluster_id = c.id AND e.account_id = $1)
     ORDER BY c.created_at, c.id LIMIT 1`,
    [accountId, after ?? null],
  );
  return row;
}
