/**
 * What a closed ballot says: one person, one vote, the last one. Options are stances, not approvals, so there is no "approved" here: only how many people chose what.
 */

export interface Selection {
  cluster_id: string;
  option_id: string;
}

/** One row of the vote table; a person's later row replaces the earlier ones. */
export interface CastVote {
  id: string;
  accountId: string;
  createdAt: Date;
  selections: readonly Selection[];
}

export interface BallotItem {
  clusterId: string;
  options: readonly { id: string; position: number }[];
}

/** Shares are decimal strings with four places, so that a hash over them is the same in every language; they may not add up to 1 exactly. */
export interface OptionResult {
  option_id: string;
  position: number;
  votes: number;
  /** Of those who chose an option of this item; "0.0000" when nobody did. */
  share: string;
}

export interface ItemResult {
  cluster_id: string;
  /** People who chose an option of this item. */
  voters: number;
  /** People who voted, but not on this item. */
  skipped: number;
  /** By votes, then by position. */
  options: OptionResult[];
  /** Two or more options share the first place. */
  tied: boolean;
}

export interface CycleResults {
  /** People who could have voted. */
  eligible: number;
  voters: number;
  /** People who could have voted and did not. */
  abstentions: number;
  /** Voters of the eligible. */
  turnout: string;
  items: ItemResult[];
}

/**
 * Counts each person's last vote once. `eligible` may not know people who lost the right after voting: they still count as eligible.
 * A selection that is not on the ballot counts for nothing.
 */
export function tally(ballot: readonly BallotItem[], votes: readonly CastVote[], eligible: ReadonlySet<string>): CycleResults {
  const last = new Map<string, CastVote>();
  for (const vote of [...votes].sort(byAge)) last.set(vote.accountId, vote);
  const voters = last.size;
  const outsiders = [...last.keys()].filter((accountId) => !eligible.has(accountId)).length;
  const entitled = eligible.size + outsiders;
  const chosen = countSelections(last.values());
  return {
    eligible: entitled,
    voters,
    abstentions: entitled - voters,
    turnout: share(voters, entitled),
    items: ballot.map((item) => resultOf(item, chosen.get(item.clusterId) ?? new Map<string, number>(), voters)),
  };
}

/** Votes per cluster and option; of several selections on one cluster in one vote, the last counts. */
function countSelections(votes: Iterable<CastVote>): Map<string, Map<string, number>> {
  const counts = new Map<string, Map<string, number>>();
  for (const { selections } of votes) {
    for (const [cluster, option] of new Map(selections.map((selection) => [selection.cluster_id, selection.option_id]))) {
      const options = counts.get(cluster) ?? new Map<string, number>();
      counts.set(cluster, options.set(option, (options.get(option) ?? 0) + 1));
    }
  }
  return counts;
}

function resultOf(item: BallotItem, counts: ReadonlyMap<string, number>, allVoters: number): ItemResult {
  const voters = item.options.reduce((sum, option) => sum + (counts.get(option.id) ?? 0), 0);
  const options = item.options
    .map(({ id, position }) => ({ option_id: id, position, votes: counts.get(id) ?? 0, share: share(counts.get(id) ?? 0, voters) }))
    .sort((one, other) => other.votes - one.votes || one.position - other.position);
  const [first, second] = options;
  return { cluster_id: item.clusterId, voters, skipped: allVoters - voters, options, tied: first !== undefined && first.votes > 0 && first.votes === second?.votes };
}

const byAge = (one: CastVote, other: CastVote): number => one.createdAt.getTime() - other.createdAt.getTime() || (one.id < other.id ? -1 : 1);

/** Four places, rounded half up in whole numbers: no binary fraction ever takes part. */
function share(part: number, whole: number): string {
  if (whole === 0) return '0.0000';
  const scaled = (BigInt(part) * 20_000n + BigInt(whole)) / (2n * BigInt(whole));
  return `${scaled / 10_000n}.${String(scaled % 10_000n).padStart(4, '0')}`;
}
