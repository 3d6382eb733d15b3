/**
 * A concern keeps its identity from run to run. Clustering knows nothing of yesterday: it hands out fresh groups, and this rule says which of them is which
 * earlier cluster, which is new, and what became of the clusters that no group continues. Endorsements, options and ballots hang on the answer, so a cluster that nobody claims
 * falls asleep instead of ending, and is the same one when a later run finds it again.
 */

export interface EarlierCluster {
  id: string;
  /** Candidate ids. */
  members: readonly string[];
  /** On the ballot of the active cycle: people are voting on it, so it may change but never go away. */
  held: boolean;
}

/** A cluster that no group continued in an earlier run. */
export interface SleepingCluster {
  id: string;
  /** Those it had when it fell asleep, whatever became of them. */
  members: readonly string[];
  /** How many of them can still be grouped: the others were withdrawn, or voted on elsewhere. */
  alive: number;
  /** Whether a candidate had been said when it fell asleep. */
  wasKnown: (candidateId: string) => boolean;
}

export interface MatchOptions {
  /** Clusters that may wake; none unless given. */
  sleeping?: readonly SleepingCluster[];
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

/** What became of every group and of every earlier cluster: each is in exactly one list. Of those that sleep only what wakes or ends is told. */
export interface ClusterMatching {
  /** Groups that continue an earlier cluster. */
  matches: (MatchedGroup & { clusterId: string; jaccard: number; joined: string[]; left: string[] })[];
  /** Groups that are a sleeping cluster again; all of their members join it. */
  woken: (MatchedGroup & { clusterId: string; jaccard: number })[];
  /** Groups that are new; `splitFrom` is the earlier cluster that most of their known members were in. */
  births: (MatchedGroup & { splitFrom?: string; share?: number })[];
  /** Earlier clusters that no group continues: their members are in no group (`alone`) or in several, `share` the largest part that is together. */
  asleep: { clusterId: string; members: readonly string[]; alone: number; share: number }[];
  /**
   * Clusters that end, also those that slept (`slept`): `mergedInto` is the group that took at least the threshold's share of their members; without it too few members are left
   * for them ever to wake.
   */
  deaths: { clusterId: string; members: readonly string[]; slept: boolean; mergedInto?: number; share?: number }[];
  /** Earlier clusters that no group continues, but a ballot holds: they keep their members, and no group gets them. */
  frozen: string[];
}

type Known = Pick<EarlierCluster, 'id' | 'members'>;

interface Overlap {
  cluster: Known;
  group: number;
  shared: number;
  jaccard: number;
}

/**
 * Matches greedily by Jaccard index over the candidates that the earlier clustering knew, one to one; ties go to the lower cluster id, then the lower group. Groups that no open
 * cluster is continued by are matched to the sleeping ones in the same way, over the candidates that were known when those fell asleep.
 */
export function matchClusters(earlier: readonly EarlierCluster[], groups: readonly (readonly string[])[], options: MatchOptions): ClusterMatching {
  const { threshold, minClusterSize, sleeping = [] } = options;
  const inCluster = new Set(earlier.flatMap(({ members }) => members));
  const overlaps = overlapsOf(earlier, groups, () => (id) => inCluster.has(id) || options.wasKnown(id));
  const clusterOf = pairUp(overlaps, threshold);
  const continued = new Set([...clusterOf.values()].map(({ cluster }) => cluster.id));
  const frozen = earlier.filter(({ id, held }) => held && !continued.has(id));
  const taken = new Set(frozen.flatMap((cluster) => cluster.members));
  const free = groups.map((members) => (taken.size === 0 ? [...members] : members.filter((member) => !taken.has(member))));
  const whole = (group: number): boolean => (free[group]?.length ?? 0) >= minClusterSize;

  const faint = overlapsOf(sleeping, groups, ({ wasKnown }) => wasKnown);
  const sleeperOf = pairUp(faint.filter(({ group }) => !clusterOf.has(group) && whole(group)), threshold);
  const matches = inOrder(clusterOf).map(([group, { cluster, jaccard }]) => {
    const members = free[group] ?? [];
    return { group, members, clusterId: cluster.id, jaccard, joined: without(members, cluster.members), left: without(cluster.members, members) };
  });
  const woken = inOrder(sleeperOf).map(([group, { cluster, jaccard }]) => ({ group, members: free[group] ?? [], clusterId: cluster.id, jaccard }));
  const births = free.flatMap((members, group) => (clusterOf.has(group) || sleeperOf.has(group) || !whole(group) ? [] : [{ group, members }]));

  const living = new Set([...matches, ...woken, ...births].map(({ group }) => group));
  const unclaimed = earlier.filter(({ id, held }) => !held && !continued.has(id)).map((cluster) => ({ ...cluster, ...heirOf(cluster, overlaps, living, threshold) }));
  const awake = new Set(woken.map(({ clusterId }) => clusterId));
  const dreaming = sleeping.filter(({ id }) => !awake.has(id)).map((cluster) => ({ ...cluster, ...heirOf(cluster, faint, living, threshold) }));
  const grouped = new Set(groups.flatMap((members) => members));
  const asleep = unclaimed.filter(({ heir, members }) => heir === undefined && members.length > 0);
  const deaths = [
    ...unclaimed.filter(({ heir, members }) => heir !== undefined || members.length === 0).map((one) => ({ ...one, slept: false })),
    // No group can share more with a cluster than what is left of it.
    ...dreaming.filter(({ heir, members, alive }) => heir !== undefined || alive === 0 || alive < threshold * members.length).map((one) => ({ ...one, slept: true })),
  ].map(({ id, members, slept, heir, share }) => ({ clusterId: id, members, slept, ...(heir !== undefined && { mergedInto: heir, share }) }));
  const heirs = new Map(deaths.map(({ clusterId, mergedInto }) => [clusterId, mergedInto]));
  return {
    ...{ matches, woken, deaths, frozen: frozen.map(({ id }) => id) },
    births: births.map((birth) => ({ ...birth, ...parentOf(birth.group, overlaps, groups, heirs, options) })),
    asleep: asleep.map(({ id, members, share }) => ({ clusterId: id, members, alone: members.filter((member) => !grouped.has(member)).length, share })),
  };
}

/** Every pair of cluster and group with a member in common: a pass over the members, not over the pairs. A candidate can have been in several clusters that sleep. */
function overlapsOf<C extends Known>(clusters: readonly C[], groups: readonly (readonly string[])[], knownTo: (cluster: C) => (candidateId: string) => boolean): Overlap[] {
  const clustersOf = new Map<string, C[]>();
  for (const cluster of clusters) for (const member of cluster.members) clustersOf.set(member, [...(clustersOf.get(member) ?? []), cluster]);
  return groups.flatMap((members, group) => {
    const shared = new Map<C, number>();
    for (const member of members) for (const cluster of clustersOf.get(member) ?? []) shared.set(cluster, (shared.get(cluster) ?? 0) + 1);
    return [...shared].map(([cluster, count]) => {
      const wasKnown = knownTo(cluster);
      const known = members.filter((member) => clustersOf.get(member)?.includes(cluster) === true || wasKnown(member)).length;
      return { cluster, group, shared: count, jaccard: count / (known + cluster.members.length - count) };
    });
  });
}

/** One to one, the best first. */
function pairUp(overlaps: readonly Overlap[], threshold: number): Map<number, Overlap> {
  const clusterOf = new Map<number, Overlap>();
  const paired = new Set<string>();
  for (const overlap of [...overlaps].sort(byJaccard)) {
    if (overlap.jaccard < threshold || clusterOf.has(overlap.group) || paired.has(overlap.cluster.id)) continue;
    clusterOf.set(overlap.group, overlap);
    paired.add(overlap.cluster.id);
  }
  return clusterOf;
}

const inOrder = (clusterOf: ReadonlyMap<number, Overlap>): [number, Overlap][] => [...clusterOf].sort(([one], [other]) => one - other);

/**
 * The group that took most of a cluster's members, if it took enough of all of them. Members that are noise now count against it: where they went is not known yet, and what
 * is given to an heir does not come back, while a cluster that sleeps may wake.
 */
function heirOf({ id, members }: Known, overlaps: readonly Overlap[], living: ReadonlySet<number>, threshold: number): { heir: number | undefined; share: number } {
  const [largest] = overlaps.filter((overlap) => overlap.cluster.id === id && living.has(overlap.group)).sort((one, other) => other.shared - one.shared || one.group - other.group);
  const share = largest ? largest.shared / members.length : 0;
  return { heir: share >= threshold ? largest?.group : undefined, share };
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
