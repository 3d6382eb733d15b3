/** Endorsing a concern: one person, one concern, once, and only while it is open. */
import { inTransaction, newId } from '@carillon/persistence';
import type { DataSource } from 'typeorm';
import { appendEvidence } from '../evidence/append-evidence.js';

export type EndorseResult = 'endorsed' | 'already_endorsed' | 'archived' | 'no_such_cluster';

/** Records an endorsement and credits the person with a contribution. Repeating it changes nothing. */
export async function endorse(dataSource: DataSource, { accountId, clusterId }: { accountId: string; clusterId: string }): Promise<EndorseResult> {
  return inTransaction(dataSource, async (manager) => {
    // Locked so that a merge, which moves endorsements, comes wholly before or after.
    const [cluster] = await manager.query<{ status: string }[]>('SELECT status FROM deliberation.cluster WHERE id = $1 FOR SHARE', [clusterId]);
    if (!cluster) return 'no_such_cluster';
    if (cluster.status !== 'open') return 'archived';
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
