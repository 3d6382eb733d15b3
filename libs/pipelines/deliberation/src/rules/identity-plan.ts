/** Turns a matching into what is to be written: which clusters are born, change, fall asleep, wake or end, who joins and leaves, and the history that tells it. */
import { encodeVector } from '@carillon/language';
import type { Localized } from '../entities-groups.js';
import type { ClusterChangeRow, ClusteringWrite, ClusterShape } from '../store/clusterings.js';
import type { OpenCluster } from '../store/clusters.js';
import type { ClusterMatching } from './match-clusters.js';

/** A fresh group of one clustering. */
export interface FreshGroup {
  embeddingModel: string;
  /** Candidate ids, ascending, and the strength of each membership. */
  members: string[];
  probabilities: number[];
  persistence: number;
}

export interface PlanInput {
  /** Open ones, and those that sleep. */
  earlier: readonly OpenCluster[];
  groups: readonly FreshGroup[];
  matching: ClusterMatching;
  /** What a group's vectors look like; of the members that are left to it. */
  shapeOf: (group: number, members: readonly string[]) => { centroid: Float32Array; cohesion: number };
  /** Placeholder until the first summary. */
  textOf: (candidateId: string) => { title: Localized; summary: Localized };
  /** Growth since the last summary, as a share, that calls for a new one. */
  growthThreshold: number;
  newId: () => string;
}

export type IdentityPlan = Omit<ClusteringWrite, 'runId' | 'now' | 'clusterings'> & {
  clusterOfGroup: Map<number, string>;
  /** Where every candidate that is in a cluster ends up. */
  clusterOfCandidate: Map<string, string>;
  updates: ClusterUpdate[];
};

export interface ClusterUpdate {
  clusterId: string;
  oldCount: number;
  newCount: number;
  joined: number;
  left: number;
}

/** Plans every write. A cluster whose members did not change is not touched. */
export function planIdentity(input: PlanInput): IdentityPlan {
  const { earlier, groups, matching, newId } = input;
  const before = new Map(earlier.map((cluster) => [cluster.id, cluster]));
  const clusterOfGroup = new Map<number, string>();
  for (const { group, clusterId } of [...matching.matches, ...matching.woken]) clusterOfGroup.set(group, clusterId);
  for (const { group } of matching.births) clusterOfGroup.set(group, newId());
  const moved = matching.matches.filter(({ clusterId, group, joined, left }) => joined.length + left.length > 0 || before.get(clusterId)?.embeddingModel !== groups[group]?.embeddingModel);

  const memberships = [...moved, ...[...matching.births, ...matching.woken].map((whole) => ({ ...whole, joined: whole.members }))];
  const grouped = [...matching.matches, ...matching.woken, ...matching.births].map(({ group, members }) => ({ id: clusterOfGroup.get(group) ?? '', members }));
  const frozen = matching.frozen.map((id) => ({ id, members: before.get(id)?.members ?? [] }));
  return {
    clusterOfGroup,
    clusterOfCandidate: new Map([...grouped, ...frozen].flatMap(({ id, members }) => members.map((member) => [member, id] as const))),
    born: matching.births.map(({ group, members }) => ({ ...shape(input, clusterOfGroup.get(group) ?? '', group, members, 0), ...input.textOf(strongest(groups[group], members)) })),
    changed: [...moved, ...matching.woken].map(({ group, members, clusterId }) => shape(input, clusterId, group, members, before.get(clusterId)?.lastSummarizedCount ?? 0)),
    woken: matching.woken.map(({ clusterId }) => clusterId),
    asleep: matching.asleep.map(({ clusterId }) => clusterId),
    ended: matching.deaths.map(({ clusterId }) => clusterId),
    // Members of what slept have been elsewhere since.
    left: [...moved.flatMap(({ left }) => left), ...[...matching.asleep, ...matching.deaths.filter(({ slept }) => !slept)].flatMap(({ members }) => members)],
    joined: memberships.flatMap(({ group, joined }) => joinersOf(groups[group], joined, clusterOfGroup.get(group) ?? '')),
    heirs: matching.deaths.flatMap(({ clusterId, mergedInto }) => (mergedInto === undefined ? [] : [{ from: clusterId, to: clusterOfGroup.get(mergedInto) ?? '' }])),
    changes: changesOf(matching, moved, clusterOfGroup, newId),
    updates: moved.map(({ clusterId, members, joined, left }) => ({ clusterId, oldCount: before.get(clusterId)?.members.length ?? 0, newCount: members.length, joined: joined.length, left: left.length })),
  };
}

function shape({ groups, shapeOf, growthThreshold }: PlanInput, id: string, group: number, members: readonly string[], lastSummarized: number): ClusterShape {
  const { centroid, cohesion } = shapeOf(group, members);
  const growth = (members.length - lastSummarized) / Math.max(lastSummarized, 1);
  return {
    id,
    embeddingModel: groups[group]?.embeddingModel ?? '',
    memberCount: members.length,
    centroid: encodeVector(centroid).toString('base64'),
    cohesion,
    persistence: groups[group]?.persistence ?? 0,
    needsResummarize: lastSummarized === 0 || growth >= growthThreshold,
  };
}

/** The member that belongs most; of equals the first. */
function strongest(group: FreshGroup | undefined, members: readonly string[]): string {
  const allowed = new Set(members);
  let best = -1;
  group?.members.forEach((member, index) => {
    if (allowed.has(member) && (group.probabilities[index] ?? 0) > (group.probabilities[best] ?? -1)) best = index;
  });
  return group?.members[best] ?? '';
}

function joinersOf(group: FreshGroup | undefined, joined: readonly string[], clusterId: string): ClusteringWrite['joined'] {
  const probability = new Map(group?.members.map((member, index) => [member, group.probabilities[index] ?? 0]));
  return joined.map((candidateId) => ({ clusterId, candidateId, probability: probability.get(candidateId) ?? 0 }));
}

function changesOf(matching: ClusterMatching, moved: ClusterMatching['matches'], clusterOfGroup: ReadonlyMap<number, string>, newId: () => string): ClusterChangeRow[] {
  const none = { otherClusterId: null, jaccard: null, joined: 0, leftCount: 0 };
  return [
    ...moved.map(({ clusterId, jaccard, joined, left }) => ({ ...none, id: newId(), kind: 'match' as const, clusterId, jaccard, joined: joined.length, leftCount: left.length })),
    ...matching.births.map(({ group, members, splitFrom }) => {
      const kind = splitFrom === undefined ? ('birth' as const) : ('split' as const);
      return { ...none, id: newId(), kind, clusterId: clusterOfGroup.get(group) ?? '', otherClusterId: splitFrom ?? null, joined: members.length };
    }),
    ...matching.woken.map(({ clusterId, jaccard, members }) => ({ ...none, id: newId(), kind: 'wake' as const, clusterId, jaccard, joined: members.length })),
    ...matching.asleep.map(({ clusterId, members }) => ({ ...none, id: newId(), kind: 'sleep' as const, clusterId, leftCount: members.length })),
    ...matching.deaths.map(({ clusterId, members, mergedInto, slept }) => {
      const heir = mergedInto === undefined ? null : (clusterOfGroup.get(mergedInto) ?? null);
      return { ...none, id: newId(), kind: heir === null ? ('death' as const) : ('merge' as const), clusterId, otherClusterId: heir, leftCount: slept ? 0 : members.length };
    }),
  ];
}
