/** What the chain is told about the identity of clusters: births, splits, changes of members, sleep, waking, merges, ends. Unchanged clusters leave no trace. */
import type { NewEvidence } from '../evidence/append-evidence.js';
import type { IdentityPlan } from './identity-plan.js';
import type { ClusterMatching } from './match-clusters.js';

/** Numbers are whole or decimal strings, so that the hash over them is the same in every language. */
export function evidenceOfIdentity(matching: ClusterMatching, plan: IdentityPlan, runId: string): NewEvidence[] {
  const entry = (eventType: NewEvidence['eventType'], clusterId: string, payload: NewEvidence['payload']): NewEvidence => ({
    ...{ eventType, entityType: 'cluster', entityId: clusterId },
    payload: { cluster_id: clusterId, run_id: runId, ...payload },
  });
  const cluster = (group: number): string => plan.clusterOfGroup.get(group) ?? '';
  return [
    ...matching.births.map(({ group, members }) => entry('cluster_created', cluster(group), { member_count: members.length })),
    ...matching.births.flatMap(({ group, splitFrom, share }) => (splitFrom === undefined ? [] : [entry('cluster_split', splitFrom, { into: cluster(group), share: (share ?? 0).toFixed(4) })])),
    ...plan.updates.map(({ clusterId, oldCount, newCount, joined, left }) => entry('cluster_updated', clusterId, { old_count: oldCount, new_count: newCount, joined, left })),
    ...matching.woken.map(({ clusterId, members, jaccard }) => entry('cluster_woken', clusterId, { member_count: members.length, jaccard: jaccard.toFixed(4) })),
    ...matching.asleep.map(({ clusterId, members, alone, share }) => entry('cluster_dormant', clusterId, { member_count: members.length, alone, elsewhere: members.length - alone, largest_share: share.toFixed(4) })),
    ...matching.deaths.map(({ clusterId, members, mergedInto, share, slept }) =>
      mergedInto === undefined
        ? entry('cluster_archived', clusterId, { reason: slept ? 'too few of its concerns are left to wake it' : 'none of its concerns is left', member_count: members.length })
        : entry('cluster_merged', clusterId, { into: cluster(mergedInto), share: (share ?? 0).toFixed(4), member_count: members.length }),
    ),
  ];
}
