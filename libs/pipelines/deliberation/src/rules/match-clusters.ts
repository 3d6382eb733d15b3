/**
 * A concern keeps its identity from run to run. Clustering knows nothing of yesterday: it hands out fresh groups, and this rule says which of them is which
 * earlier cluster, which is new, and what became of the clusters that no group continues. Endorsements, options and ballots hang on the answer.
 */

export interface EarlierCluster {
  id: string;
  /** Candidate ids. */
  members: readonly string[];
  /** On the ballot of the active cycle: people are voting on it, so it may change but never go away. */
  held: boolean;
}

export interface MatchOptions {
  /** The least Jaccard index at which a group continues a cluster, and the least share of members that makes a split or a merge; 0 to 1. */
  threshold: number;
  /** A new cluster that is left with fewer members than this is not born. */
  minClusterSize: number;
  /** Whether the earlier clustering saw a candidate. Newcomers are no evidence against an identity: a concern may grow tenfold overnight. */
  wasKnown: (candidateId: string) => boolean;
}

export interface MatchedGroup {
  /** Position in the groups that were given. */
  group: number;
  members: string[];
}

/** What became of every group and of every earlier cluster: each is in exactly one list. */
export interface ClusterMatching {
  /** Groups that continue an earlier cluster. */
  matches: (MatchedGroup & { clusterId: string; jaccard: number; joined: string[]; left: string[] })[];
  /** Groups that are new; `splitFrom` is the earlier cluster that most of their known members were in. */
  births: (MatchedGroup & { splitFrom?: string; share?: number })[];
  /** Earlier clusters that end; `mergedInto` is the group that took at least the threshold's share of their members. */
  deaths: { clusterId: string; members: readonly string[]; mergedInto?: number; share?: number }[];
  /** Earlier clusters that no group continues, but a ballot holds: they keep their members, and no group gets them. */
  frozen: string[];
}

interface Overlap {
  cluster: EarlierCluster;
  group: number;
  shared: number;
  jaccard: number;
}

/** Matches greedily by Jaccard index over the candidates that the earlier clustering knew, one to one; ties go to the lower cluster id, then the lower group. */
export function matchClusters(earlier: readonly EarlierCluster[], groups: readonly (readonly string[])[], options: MatchOptions): ClusterMatching {
  const overlaps = overlapsOf(earlier, groups, options.wasKnown);
  const clusterOf = new Map<number, Overlap>();
  const groupOf = new Map<string, number>();
  for (const overlap of [...overlaps].sort(byJaccard)) {
    if (overlap.jaccard < options.threshold || clusterOf.has(overlap.group) || groupOf.has(overlap.cluster.id)) continue;
    clusterOf.set(overlap.group, overlap);
    groupOf.set(overlap.cluster.id, overlap.group);
  }
  const frozen = earlier.filter((cluster) => cluster.held && !groupOf.has(cluster.id));
  const taken = new Set(frozen.flatMap((cluster) => cluster.members));
  const free = groups.map((members) => (taken.size === 0 ? [...members] : members.filter((member) => !taken.has(member))));

  const matches = [...clusterOf].sort(([one], [other]) => one - other).map(([group, { cluster, jaccard }]) => {
    const members = free[group] ?? [];
    return { group, members, clusterId: cluster.id, jaccard, joined: without(members, cluster.members), left: without(cluster.members, members) };
  });
  const births = free.flatMap((members, group) => (clusterOf.has(group) || members.length < options.minClusterSize ? [] : [{ group, members }]));
  const living = new Set([...matches, ...births].map(({ group }) => group));
  const deaths = earlier
    .filter((cluster) => !cluster.held && !groupOf.has(cluster.id))
    .map((cluster) => ({ clusterId: cluster.id, members: cluster.members, ...heirOf(cluster, overlaps, living, options.threshold) }));
  const heirs = new Map(deaths.map(({ clusterId, mergedInto }) => [clusterId, mergedInto]));
  return { matches, births: births.map((birth) => ({ ...birth, ...parentOf(birth.group, overlaps, groups, heirs, options) })), deaths, frozen: frozen.map(({ id }) => id) };
}

/** Every pair of cluster and group with a member in common: a pass over the members, not over the pairs. */
function overlapsOf(earlier: readonly EarlierCluster[], groups: readonly (readonly string[])[], wasKnown: MatchOptions['wasKnown']): Overlap[] {
  const clusterOf = new Map(earlier.flatMap((cluster) => cluster.members.map((member) => [member, cluster] as const)));
  return groups.flatMap((members, group) => {
    const shared = new Map<EarlierCluster, number>();
    let known = 0;
    for (const member of members) {
      const cluster = clusterOf.get(member);
      if (cluster) shared.set(cluster, (shared.get(cluster) ?? 0) + 1);
      if (cluster || wasKnown(member)) known += 1;
    }
    return [...shared].map(([cluster, count]) => ({ cluster, group, shared: count, jaccard: count / (known + cluster.members.length - count) }));
  });
}

/** The group that took most of a cluster's members, if it took enough of them. */
function heirOf(cluster: EarlierCluster, overlaps: readonly Overlap[], living: ReadonlySet<number>, threshold: number): { mergedInto?: number; share?: number } {
  const [largest] = overlaps.filter((overlap) => overlap.cluster === cluster && living.has(overlap.group)).sort((one, other) => other.shared - one.shared || one.group - other.group);
  const share = largest ? largest.shared / cluster.members.length : 0;
  return largest && share >= threshold ? { mergedInto: largest.group, share } : {};
}

/** The cluster that a new group broke away from, unless the group is simply its heir. */
function parentOf(
  group: number,
  overlaps: readonly Overlap[],
  groups: readonly (readonly string[])[],
  heirs: ReadonlyMap<string, number | undefined>,
  { threshold, wasKnown }: MatchOptions,
): { splitFrom?: string; share?: number } {
  const [largest] = overlaps.filter((overlap) => overlap.group === group).sort((one, other) => other.shared - one.shared || compare(one.cluster.id, other.cluster.id));
  if (!largest || heirs.get(largest.cluster.id) === group) return {};
  const ours = new Set(largest.cluster.members);
  const known = (groups[group] ?? []).filter((member) => ours.has(member) || wasKnown(member)).length;
  const share = largest.shared / known;
  return share >= threshold ? { splitFrom: largest.cluster.id, share } : {};
}

function without(members: readonly string[], others: readonly string[]): string[] {
  const excluded = new Set(others);
  return members.filter((member) => !excluded.has(member));
}

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));
const byJaccard = (one: Overlap, other: Overlap): number => other.jaccard - one.jaccard || compare(one.cluster.id, other.cluster.id) || one.group - other.group;
